import { createRequire } from 'node:module';
import type { HttpHandler } from 'msw';
import type { LocalEngine } from '../local/index.js';

/** The calls that {@link momentoHandlers} answer, and the engine that answers them. */
export interface MomentoHandlersOptions {
  /** The engine that answers: `createLocalEngine()`, or the `engine` of a running local Momento. */
  engine: LocalEngine;
  /**
   * Whether subscriptions are answered too. They need an environment in which an intercepted request can stream, which
   * XMLHttpRequest in Node is not: there `subscribe()` would never return. Default false: they are refused at once.
   */
  streams?: boolean | undefined;
}

/** Any origin; a service of Momento; a method of it. */
const MOMENTO_CALL =
  /^https?:\/\/[^/]+\/(?:cache_client|control_client|auth|token|leaderboard|webhook|function_client)\.[\w.]+\/\w+$/;

/**
 * Handlers for msw 2 that answer the calls of `@gomomento/sdk-web`, on whatever origin, without a socket. Needs the
 * package `msw`.
 *
 * @example
 * ```ts
 * const engine = createLocalEngine({ caches: ['chat'] });
 * const server = setupServer(...momentoHandlers({ engine }));
 * ```
 *
 * @throws Error when msw is not installed.
 */
export function momentoHandlers({ engine, streams = false }: MomentoHandlersOptions): HttpHandler[] {
  const { http } = msw();
  return [
    http.post(MOMENTO_CALL, ({ request }) => {
      if (!streams && new URL(request.url).pathname.endsWith('/Subscribe')) return refuseToStream(request);
      return engine.fetch(request);
    }),
  ];
}

/** Asked for only when it is used, because whoever does not use msw need not have it. */
function msw(): typeof import('msw') {
  const here = typeof __filename === 'string' ? __filename : import.meta.url;
  try {
    return createRequire(here)('msw');
  } catch (cause) {
    throw new Error("unable to make handlers for msw; is the package 'msw' installed?", { cause });
  }
}

function refuseToStream(request: Request): Response {
  const message =
    'subscriptions need a socket here: use withLocalMomento(), or { streams: true } where msw can stream';
  return new Response(null, {
    headers: {
      'content-type': 'application/grpc-web-text+proto',
      'access-control-allow-origin': request.headers.get('origin') ?? '*',
      'access-control-expose-headers': 'grpc-status, grpc-message',
      // UNIMPLEMENTED
      'grpc-status': '12',
      'grpc-message': encodeURIComponent(message),
    },
  });
}
