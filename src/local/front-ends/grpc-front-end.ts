import type { Socket } from 'node:net';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import type { Dispatch, IncomingCall } from '../rpc/dispatch.js';
import { asMomentoError, STATUS_NUMBERS } from '../status.js';

/** Bytes in one request. Momento's items have at most 5 MB, and a batch holds several. */
export const LARGEST_REQUEST = 16 * 1024 * 1024;

const PING_AFTER_MS = 5000;
const PING_TIMEOUT_MS = 5000;

type AnyCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** Serves gRPC on HTTP/2 connections that somebody else accepted. */
export class GrpcFrontEnd {
  readonly #server: Server;
  readonly #injector: ReturnType<Server['createConnectionInjector']>;
  readonly #dispatch: Dispatch;
  readonly #cut: (remotePort: number) => void;

  /**
   * @param paths - The RPCs to answer; others are UNIMPLEMENTED.
   * @param cut - Breaks the connection that comes from that port of a client.
   */
  constructor(dispatch: Dispatch, paths: Iterable<string>, cut: (remotePort: number) => void) {
    this.#dispatch = dispatch;
    this.#cut = cut;
    this.#server = new Server({
      'grpc.max_receive_message_length': LARGEST_REQUEST,
      // Some rubbish after the preface leaves a session that does not notice the end of its connection: it is pinged.
      'grpc.keepalive_time_ms': PING_AFTER_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
    });
    for (const path of paths) this.#serve(path);
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  accept(socket: Socket): void {
    this.#injector.injectConnection(socket);
  }

  close(): void {
    this.#injector.destroy();
    this.#server.forceShutdown();
  }

  #serve(path: string): void {
    const streaming = this.#dispatch.kind(path) === 'stream';
    const definition: ServiceDefinition = {
      // Messages pass as bytes: the dispatch decodes them once for both front ends.
      rpc: {
        path,
        requestStream: false,
        responseStream: streaming,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    };
    const stream: handleServerStreamingCall<Buffer, Buffer> = (call) => this.#stream(path, call);
    const unary: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      this.#dispatch.unary(this.#incoming(path, call)).then(
        (response) => response && callback(null, response),
        (error: unknown) => callback(status(error)),
      );
    };
    this.#server.addService(definition, { rpc: streaming ? stream : unary });
  }

  #stream(path: string, call: ServerWritableStream<Buffer, Buffer>): void {
    let open = true;
    const onClose: (() => void)[] = [];
    const close = (): void => {
      if (!open) return;
      open = false;
      for (const callback of onClose) callback();
    };
    call.once('cancelled', close);
    call.once('close', close);
    const end = (error?: unknown): void => {
      if (!open) return;
      close();
      if (error === undefined) call.end();
      else call.emit('error', status(error));
    };
    this.#dispatch
      .stream(this.#incoming(path, call), {
        write: (message) => open && call.write(message),
        end,
        onDrain: (callback) => call.on('drain', callback),
        onClose: (callback) => (open ? onClose.push(callback) : callback()),
      })
      .catch(end);
  }

  #incoming(path: string, call: AnyCall): IncomingCall {
    const gone = new AbortController();
    if (call.cancelled) gone.abort();
    call.once('cancelled', () => gone.abort());
    return {
      path,
      message: call.request,
      transport: 'grpc',
      metadata: (name) => call.metadata.get(name)[0]?.toString(),
      signal: gone.signal,
      cut: () => this.#cut(Number(call.getPeer().split(':').at(-1))),
    };
  }
}

function status(thrown: unknown): StatusObject & Error {
  const error = asMomentoError(thrown);
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(error.metadata)) metadata.set(key, value);
  return Object.assign(new Error(error.message), {
    code: STATUS_NUMBERS[error.code],
    details: error.message,
    metadata,
  });
}
