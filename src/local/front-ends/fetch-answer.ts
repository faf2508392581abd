import type { ResponseStream } from '../rpc/rpc.js';
import type { MomentoError } from '../status.js';
import { corsHeaders } from './cors.js';
import { messageFrame, trailers, trailersFrame } from './grpc-web-framing.js';
import type { WebFormat } from './web-format.js';

/** Bytes that a stream holds for a reader who does not read; beyond that its subscription is told to wait. */
const STREAM_BUFFER = 256 * 1024;

/** The answer to one gRPC-Web call, of one message or of many, as a Fetch `Response`. */
export class FetchAnswer implements ResponseStream {
  /** Resolves as soon as there are headers to answer with. */
  readonly response: Promise<Response>;
  readonly #format: WebFormat;
  readonly #origin: string | null;
  readonly #onClose: (() => void)[] = [];
  #resolve: (response: Response) => void = () => {};
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #onDrain: () => void = () => {};
  #closed = false;

  constructor(format: WebFormat, origin: string | null) {
    this.#format = format;
    this.#origin = origin;
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  write(message: Buffer): boolean {
    if (this.#closed) return false;
    const stream = this.#stream ?? this.#open();
    stream.enqueue(this.#encode(messageFrame(message)));
    return (stream.desiredSize ?? 0) > 0;
  }

  /** The whole answer of a unary call. */
  answer(message: Buffer): void {
    if (this.#closed) return;
    this.#close();
    this.#respond({}, this.#encode(Buffer.concat([messageFrame(message), trailersFrame()])));
  }

  end(error?: MomentoError): void {
    if (this.#closed) return;
    this.#close();
    // As with sockets: what fails before it has begun has its trailers as headers, and no body.
    if (!this.#stream) this.#respond(trailers(error), null);
    this.#stream?.enqueue(this.#encode(trailersFrame(error)));
    this.#stream?.close();
  }

  /** Breaks off, as a broken connection does. */
  cut(): void {
    if (this.#closed) return;
    this.#close();
    if (!this.#stream) this.#resolve(Response.error());
    this.#stream?.error(new TypeError('the connection is broken'));
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback;
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
  }

  #open(): ReadableStreamDefaultController<Uint8Array> {
    let opened: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          opened = controller;
        },
        pull: () => this.#onDrain(),
        cancel: () => this.#close(),
      },
      { highWaterMark: STREAM_BUFFER, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    if (!opened) throw new TypeError('a ReadableStream did not start');
    this.#stream = opened;
    this.#respond({}, body);
    return opened;
  }

  #respond(more: Record<string, string>, body: Uint8Array | ReadableStream | null): void {
    this.#resolve(
      new Response(body as BodyInit | null, {
        status: 200,
        headers: {
          ...corsHeaders(this.#origin, Object.keys(more)),
          'content-type': this.#format.contentType,
          'cache-control': 'no-store',
          ...more,
        },
      }),
    );
  }

  #encode(frame: Buffer): Uint8Array {
    return this.#format.text ? Buffer.from(frame.toString('base64')) : frame;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const callback of this.#onClose) callback();
  }
}
