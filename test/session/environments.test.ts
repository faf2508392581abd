import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { liteEnvironment } from '../../src/session/lite-environment.js';
import { webEnvironment } from '../../src/session/web-environment.js';
import type { MomentoClients } from '../../src/transport/client-types.js';
import { itemSet } from '../../src/transport/operations/items.js';
import type { Transport } from '../../src/transport/transport.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { VirtualTime } from '../support/virtual-time.js';

const time = new VirtualTime();
const vended = {
  token: btoa(JSON.stringify({ api_key: 'key', endpoint: 'momento.invalid' })),
  endpoint: 'http://momento.invalid',
  exp: 0,
};
const clients = { topics: {}, cache: {} } as unknown as MomentoClients;

let uninstall: () => void;
/** What the page asked for. */
let asked: string[];

beforeEach(() => {
  uninstall = installBrowserGlobals();
  asked = [];
  vi.stubGlobal('location', { href: 'file:///app/index.html' });
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    throw new TypeError('Failed to fetch');
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  uninstall();
});

/** Sends a value that is too large for the web SDK. */
const sendLarge = async (transport: Promise<Transport>): Promise<string> => {
  const input = { cache: 'chat', key: 'file', value: new Uint8Array(500_000), ttlSeconds: 60 };
  return (await transport).call(itemSet, input).then(
    () => 'sent',
    ({ message }: Error) => message,
  );
};

// A browser may say so wrongly, and the page may have come from no server, as in Electron.
it.each<[what: string, connect: () => Promise<unknown>]>([
  ['momento-chat connects with a token', () => webEnvironment.connect(vended, time)],
  ['momento-chat sends large files', () => sendLarge(webEnvironment.connect(vended, time))],
  ['momento-chat/lite connects with clients', () => liteEnvironment.connectClients(clients, time)],
])('G4: once %s, it does so again though the browser says that it has no network', async (_, connect) => {
  await connect();
  asked.length = 0;
  vi.stubGlobal('navigator', { onLine: false });
  await connect();
  expect(asked).not.toContain(location.href);
});
