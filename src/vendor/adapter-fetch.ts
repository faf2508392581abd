import { bodyTooLong } from './adapter-node.js';
import { type HttpVending, MAX_INPUT_LENGTH, queryOf } from './http.js';

/** What a Fetch runtime knows beyond the request. */
export interface FetchContext {
  /** The address of whoever is connected: the client, or with `trustProxy` the nearest proxy. */
  ip?: string | undefined;
}

/** Answers a Fetch request. Never rejects. */
export async function answerFetch(
  http: HttpVending,
  request: Request,
  context: FetchContext | undefined,
): Promise<Response> {
  const answer = await http.answer({
    method: request.method,
    query: queryOf(request.url),
    header: (name) => request.headers.get(name) ?? undefined,
    peer: typeof context?.ip === 'string' ? context.ip : undefined,
    body: () => fetchBody(request),
    // A body can be read once: `authenticate` gets its own.
    toRequest: () => (request.body === null ? request : request.clone()),
  });
  return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers });
}

async function fetchBody(request: Request): Promise<string> {
  if (request.body === null) return '';
  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > MAX_INPUT_LENGTH) {
      await reader.cancel().catch(() => {});
      throw bodyTooLong();
    }
  }
}
