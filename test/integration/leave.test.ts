import { ChatRoom, ChatSession } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, rootToken, webClients } from '../support/chat.js';
import { tokenMint } from '../support/tokens.js';

const WAIT = { timeout: 20_000, interval: 50 };

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());
beforeEach(async () => {
  // Two streams are allowed, for messages and events: two others can be had only once the room's are gone.
  momento = await startLocalMomento({ caches: ['chat'], limits: { subscriptions: 2 } });
});
afterEach(() => momento.close());

/** Whether the room's two streams are gone from the server. */
async function streamsAreFree(): Promise<boolean> {
  const { topics } = webClients(momento);
  const responses = await Promise.all(['one', 'two'].map((topic) => topics.subscribe('chat', topic, {})));
  const open = responses.filter((response) => 'unsubscribe' in response);
  for (const response of open) response.unsubscribe();
  return open.length === 2;
}

/** Counts the listeners on jsdom's window and document. */
function countListeners() {
  const { prototype } = Reflect.get(window, 'EventTarget') as { prototype: EventTarget };
  const { addEventListener, removeEventListener } = prototype;
  const open = new Map<string, number>();
  const count = (target: unknown, type: string, by: number) => {
    if (target === window || target === document) open.set(type, (open.get(type) ?? 0) + by);
  };
  prototype.addEventListener = function (this: EventTarget, ...args: Parameters<typeof addEventListener>) {
    count(this, args[0], 1);
    addEventListener.apply(this, args);
  };
  prototype.removeEventListener = function (
    this: EventTarget,
    ...args: Parameters<typeof removeEventListener>
  ) {
    count(this, args[0], -1);
    removeEventListener.apply(this, args);
  };
  return {
    get open() {
      return Object.fromEntries([...open].filter(([, listeners]) => listeners !== 0));
    },
    restore() {
      Object.assign(prototype, { addEventListener, removeEventListener });
    },
  };
}

/** The events that a room listens to; a DOM and an SDK may listen to more. */
const OURS = ['online', 'offline', 'pageshow', 'resume', 'visibilitychange'];

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe.each([
  ['@gomomento/sdk-web', () => ({ token: tokenMint(momento).source })],
  ['@gomomento/sdk', () => ({ clients: nodeClients(momento) })],
])('after leave(), through %s', (_, access) => {
  it('G5: no timer, listener or subscription is left, however the room was left', async () => {
    const listeners = countListeners();
    try {
      const room = new ChatRoom({ room: 'r', user: { name: 'Ada' }, ...access() });
      // Things that the SDKs and the server set up once and keep are not the room's: so two visits are compared.
      await room.join();
      await room.send('hello');
      await room.leave();
      await vi.waitFor(async () => expect(await streamsAreFree()).toBe(true), WAIT);
      const [before, others] = [timers(), listeners.open];
      for (const type of OURS) expect(others).not.toHaveProperty(type);

      await room.join();
      expect(listeners.open).toHaveProperty('online');
      await room.send('hello again');
      await room.leave();
      expect(listeners.open).toEqual(others);

      // In the midst of a join, and of a recovery.
      const joining = room.join();
      await room.leave();
      await joining;
      await vi.waitFor(async () => expect(await streamsAreFree()).toBe(true), WAIT);
      await room.join();
      momento.faults.dropConnections();
      momento.faults.discontinuity();
      await room.leave();

      expect(listeners.open).toEqual(others);
      await vi.waitFor(async () => expect(await streamsAreFree()).toBe(true), WAIT);
      await vi.waitFor(() => expect(timers()).toBeLessThanOrEqual(before), WAIT);
      expect(room.status).toBe('left');
    } finally {
      listeners.restore();
    }
  });
});

it('G5: a session is silent once its rooms have left, and asks for no token any more', async () => {
  await momento.close();
  momento = await startLocalMomento({ caches: ['chat'], limits: { subscriptions: 4 } });
  const mint = tokenMint(momento, { lifeSeconds: 2 });
  const session = new ChatSession({ token: mint.source });
  const lobby = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, session });
  const help = new ChatRoom({ room: 'help', user: { name: 'Ada' }, session });
  const listeners = countListeners();
  try {
    await Promise.all([lobby.join(), help.join()]);
    await Promise.all([lobby.leave(), help.leave()]);
    for (const type of OURS) expect(listeners.open).not.toHaveProperty(type);
    const asked = mint.requests.length;
    const leftAt = Date.now();
    // Longer than the token lives: a renewal would have come.
    await vi.waitFor(() => expect(Date.now() - leftAt).toBeGreaterThan(2500), WAIT);
    expect(mint.requests.length).toBe(asked);
    await lobby.join();
    await lobby.leave();
    await session.close();
  } finally {
    listeners.restore();
  }
});

it('G5: leave() ends a room that cannot reach the service, at once', async () => {
  const room = new ChatRoom({ room: 'r', user: { name: 'Ada' }, token: rootToken(momento) });
  await room.join();
  const restore = momento.faults.goOffline();
  const sending = room.send('unheard').catch((error: unknown) => error);
  await vi.waitFor(() => expect(room.status).toBe('reconnecting'), WAIT);
  const began = Date.now();
  await room.leave();
  expect(Date.now() - began).toBeLessThan(1000);
  expect(await sending).toMatchObject({ code: 'closed' });
  restore();
  await vi.waitFor(async () => expect(await streamsAreFree()).toBe(true), WAIT);
});
