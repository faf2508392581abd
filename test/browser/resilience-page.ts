import { fileURLToPath } from 'node:url';
import type { LocalMomento } from 'momento-chat/local';
import { buildPage, type ServedPage, serveBuiltPage } from '../support/built-page.js';
import { tokenMint } from '../support/tokens.js';

export interface Served extends ServedPage {
  /** The files that were built, by paths on the server. */
  readonly files: ReadonlyMap<string, string>;
  /** How many tokens the page was given. */
  readonly tokens: () => number;
}

/** Serves a page with the library and tokens for it that live as long as told. `build`: default the page of
 * resilience.test.ts. */
export async function servePage(
  momento: LocalMomento,
  {
    lifeSeconds = 3600,
    build = () => buildPage(fileURLToPath(new URL('./resilience-app.ts', import.meta.url))),
  } = {},
): Promise<Served> {
  const files = await build();
  const mint = tokenMint(momento, { lifeSeconds });
  const page = await serveBuiltPage(files, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/token') return false;
    const rooms = searchParams.getAll('room');
    mint.source({ rooms, reason: 'join', signal: new AbortController().signal }).then(
      (token) => response.setHeader('content-type', 'application/json').end(JSON.stringify(token)),
      () => response.writeHead(503).end(),
    );
    return true;
  });
  return { ...page, files, tokens: () => mint.tokens.length };
}
