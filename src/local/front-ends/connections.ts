import { createServer, type Server, type Socket } from 'node:net';
import type { Connections } from '../faults/fault-state.js';

/** The first bytes of every HTTP/2 connection, as far as they tell it from HTTP/1. */
const HTTP2_PREFACE = Buffer.from('PRI');

/** A connection that has not said which protocol it speaks by then is closed. Browsers open some ahead of need. */
const SILENT_CONNECTION_MS = 60_000;

export interface ConnectionHandlers {
  http1: (socket: Socket) => void;
  http2: (socket: Socket) => void;
  /** For connections that begin with a TLS handshake; without it they are HTTP/1 that makes no sense. */
  tls?: ((socket: Socket) => void) | undefined;
}

/** The first byte of a TLS connection: a handshake record. */
const TLS_HANDSHAKE = 0x16;

/** The one port: looks at the first bytes of every connection and hands it to whoever speaks its protocol. */
export class ProtocolListener implements Connections {
  refusing = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #keepsAlive = true;

  constructor(handlers: ConnectionHandlers) {
    // HTTP/1 needs half-open sockets: a client may end its side and still wait for the answer.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.refusing) {
        socket.resetAndDestroy();
        return;
      }
      this.#sockets.add(socket);
      if (!this.#keepsAlive) socket.unref();
      socket.once('close', () => this.#sockets.delete(socket));
      // An error is followed by 'close'; whoever serves the connection sees it there. Unheard, it would end the process.
      socket.on('error', () => {});
      sniff(socket, handlers);
    });
  }

  /** Starts listening; resolves with the port, which the system chooses when `port` is 0. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        // From now on: running out of file descriptors, say. That connection is lost, the others are not.
        this.#server.on('error', () => {});
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  dropAll(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
    return count;
  }

  /** Breaks the connection that comes from that port of a client. */
  drop(remotePort: number | undefined): void {
    for (const socket of this.#sockets) if (socket.remotePort === remotePort) socket.destroy();
  }

  /** From now on neither it nor its connections keep the process alive. */
  unref(): void {
    this.#keepsAlive = false;
    this.#server.unref();
    for (const socket of this.#sockets) socket.unref();
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.dropAll();
    return closed;
  }
}

function sniff(socket: Socket, { http1, http2, tls }: ConnectionHandlers): void {
  socket.setTimeout(SILENT_CONNECTION_MS, () => socket.destroy());
  let bytes: Buffer = Buffer.alloc(0);
  const look = (): void => {
    const more: Buffer | null = socket.read();
    if (!more) return;
    bytes = Buffer.concat([bytes, more]);
    const compared = Math.min(bytes.length, HTTP2_PREFACE.length);
    const mayBeHttp2 = bytes.subarray(0, compared).equals(HTTP2_PREFACE.subarray(0, compared));
    if (mayBeHttp2 && bytes.length < HTTP2_PREFACE.length) return;
    stop();
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    socket.unshift(bytes);
    const serve = tls && bytes[0] === TLS_HANDSHAKE ? tls : mayBeHttp2 ? http2 : http1;
    // Only HTTP/1 has half-open connections: left so, one whose client is gone would stay for ever.
    socket.allowHalfOpen = serve === http1;
    serve(socket);
  };
  const end = (): void => {
    socket.destroy();
  };
  const stop = (): void => {
    socket.off('readable', look);
    socket.off('end', end);
  };
  socket.on('readable', look);
  socket.once('end', end);
}
