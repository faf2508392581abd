import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LocalMomento } from 'momento-chat/local';
import { buildPage } from '../support/built-page.js';
import { tokenMint } from '../support/tokens.js';

export interface Served {
  readonly url: string;
  /** How many tokens the page was given. */
  readonly tokens: () => number;
  close(): Promise<void>;
}

/** Serves a page with the library and tokens for it that live as long as told. */
export async function servePage(momento: LocalMomento, { lifeSeconds = 3600 } = {}): Promise<Served> {
  const files = await buildApp();
  const mint = tokenMint(momento, { lifeSeconds });
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/token') {
      const rooms = searchParams.getAll('room');
      mint.source({ rooms, reason: 'join', signal: new AbortController().signal }).then(
        (token) => response.setHeader('content-type', 'application/json').end(JSON.stringify(token)),
        () => response.writeHead(503).end(),
      );
      return;
    }
    const script = files.get(pathname);
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(
      script ?? '<!doctype html><title>rooms</title><script type="module" src="/app.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    tokens: () => mint.tokens.length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

let built: Promise<ReadonlyMap<string, string>> | undefined;

function buildApp(): Promise<ReadonlyMap<string, string>> {
  built ??= buildPage(fileURLToPath(new URL('./resilience-app.ts', import.meta.url)));
  return built;
}
