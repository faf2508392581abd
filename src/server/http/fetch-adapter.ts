import { type HttpHandler, queryOf } from './http-handler.js';
import { alreadyRead, type BodySource, readBody } from './request-body.js';

/** The facts that a Fetch runtime knows beyond the request. */
export interface FetchContext {
  /** The address of whoever is connected: the client, or with `trustProxy` the nearest proxy. */
  ip?: string | undefined;
}

/** Answers a Fetch request. Never rejects. */
export async function answerFetch(
  http: HttpHandler,
  request: Request,
  context: FetchContext | undefined,
): Promise<Response> {
  let body: Uint8Array<ArrayBuffer> | undefined;
  const answer = await http.answer({
    method: request.method,
    query: queryOf(request.url),
    header: (name) => request.headers.get(name) ?? undefined,
    peer: typeof context?.ip === 'string' ? context.ip : undefined,
    async body() {
      if (request.body === null) return '';
      if (request.bodyUsed || request.body.locked) throw alreadyRead('pass a clone of it');
      body = await readBody(sourceOf(request.body), request.headers.get('content-length') ?? undefined);
      return new TextDecoder().decode(body);
    },
    // A body can be read once. A clone would hold it until somebody reads that as well.
    toRequest: () => (body === undefined ? request : new Request(request, { body })),
  });
  return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers });
}

function sourceOf(body: ReadableStream<Uint8Array>): BodySource {
  const reader = body.getReader();
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? { done } : { done, chunk: value };
    },
    stop: () => void reader.cancel().catch(() => {}),
  };
}
