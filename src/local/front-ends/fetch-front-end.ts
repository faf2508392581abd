import type { Connections } from '../faults/fault-state.js';
import type { Dispatch } from '../rpc/dispatch.js';
import { asMomentoError } from '../status.js';
import { FetchAnswer } from './fetch-answer.js';
import { messageIn, type WebFormat, webFormat } from './web-format.js';

/** Answers gRPC-Web calls as `Request → Response`, for whoever has no socket: request mocks, service workers. */
export class FetchFrontEnd implements Connections {
  refusing = false;
  readonly #dispatch: Dispatch;
  readonly #open = new Set<FetchAnswer>();

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  dropAll(): number {
    const open = [...this.#open];
    for (const answer of open) answer.cut();
    return open.length;
  }

  async answer(request: Request): Promise<Response> {
    const format = webFormat(request.headers.get('content-type'));
    if (request.method !== 'POST') return new Response('Only POST is served here.', { status: 405 });
    if (!format) {
      return new Response('Calls must be application/grpc-web or application/grpc-web-text.', {
        status: 415,
      });
    }
    if (this.refusing) return Response.error();
    const out = new FetchAnswer(format, request.headers.get('origin'));
    this.#open.add(out);
    out.onClose(() => this.#open.delete(out));
    request.signal.addEventListener('abort', () => out.cut(), { once: true });
    this.#call(request, format, out).catch((error: unknown) => out.end(asMomentoError(error)));
    return out.response;
  }

  async #call(request: Request, format: WebFormat, out: FetchAnswer): Promise<void> {
    const gone = new AbortController();
    out.onClose(() => gone.abort());
    const call = {
      path: new URL(request.url).pathname,
      message: messageIn(Buffer.from(await request.arrayBuffer()), format),
      transport: 'grpc-web' as const,
      metadata: (name: string) => request.headers.get(name) ?? undefined,
      signal: gone.signal,
      cut: () => out.cut(),
    };
    if (this.#dispatch.kind(call.path) === 'stream') return this.#dispatch.stream(call, out);
    const answer = await this.#dispatch.unary(call);
    if (answer) out.answer(answer);
  }
}
