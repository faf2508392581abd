import type { ResponseStream } from '../rpc/rpc.js';
import type { MomentoError } from '../status.js';
import { allowOrigin } from './cors.js';
import { messageFrame, trailers, trailersFrame } from './grpc-web-framing.js';
import { breakConnection, type HttpResponse, isGone, send } from './http-response.js';
import type { WebFormat } from './web-format.js';

/** One encoding of a message per format, however many streams it goes to. */
const textFrames = new WeakMap<Uint8Array, string>();
const binaryFrames = new WeakMap<Uint8Array, Buffer>();

/** The answer to one gRPC-Web call, of one message or of many. */
export class WebStream implements ResponseStream {
  readonly #origin: string | undefined;
  readonly #response: HttpResponse;
  readonly #format: WebFormat;

  constructor(origin: string | undefined, response: HttpResponse, format: WebFormat) {
    this.#origin = origin;
    this.#response = response;
    this.#format = format;
  }

  write(message: Buffer): boolean {
    if (this.#response.writableEnded || isGone(this.#response)) return false;
    if (!this.#response.headersSent) this.#head({});
    return send(this.#response, this.#frame(message));
  }

  /** The whole answer of a unary call. */
  answer(message: Buffer): void {
    if (isGone(this.#response)) return;
    const body = Buffer.concat([messageFrame(message), trailersFrame()]);
    this.#head({});
    this.#response.end(this.#format.text ? body.toString('base64') : body);
  }

  end(error?: MomentoError): void {
    if (this.#response.writableEnded || isGone(this.#response)) return;
    if (this.#response.headersSent) {
      const frame = trailersFrame(error);
      this.#response.end(this.#format.text ? frame.toString('base64') : frame);
      return;
    }
    // Nothing was sent yet: the trailers go as headers and there is no body, as Envoy does it.
    this.#head(trailers(error));
    this.#response.end();
  }

  /**
   * Breaks the connection in the middle of the answer. Headers go out first, because a browser that got nothing at all
   * on a connection it used before sends the request once more by itself.
   */
  cut(): void {
    if (isGone(this.#response)) return;
    if (!this.#response.headersSent) this.#head({});
    if ('flushHeaders' in this.#response) this.#response.flushHeaders();
    setImmediate(() => breakConnection(this.#response));
  }

  onDrain(callback: () => void): void {
    this.#response.on('drain', callback);
  }

  onClose(callback: () => void): void {
    if (isGone(this.#response)) callback();
    else this.#response.once('close', callback);
  }

  #head(more: Record<string, string>): void {
    allowOrigin(this.#origin, this.#response, Object.keys(more));
    for (const [name, value] of Object.entries(more)) this.#response.setHeader(name, value);
    this.#response.writeHead(200, { 'content-type': this.#format.contentType, 'cache-control': 'no-store' });
  }

  #frame(message: Buffer): Buffer | string {
    if (this.#format.text)
      return remembered(textFrames, message, () => messageFrame(message).toString('base64'));
    return remembered(binaryFrames, message, () => messageFrame(message));
  }
}

function remembered<T>(known: WeakMap<Uint8Array, T>, message: Uint8Array, make: () => T): T {
  const value = known.get(message) ?? make();
  known.set(message, value);
  return value;
}
