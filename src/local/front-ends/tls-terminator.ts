import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/** A certificate and its key, in PEM form. */
export interface TlsOptions {
  cert: string | Buffer;
  key: string | Buffer;
}

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 30_000;

/** Turns connections that begin with a TLS handshake into plain ones, and hands them on by the protocol agreed on. */
export class TlsTerminator {
  readonly #server: Server;

  constructor(options: TlsOptions, handlers: Record<'http1' | 'http2', (socket: TLSSocket) => void>) {
    const { cert, key } = options;
    const protocols = ['h2', 'http/1.1'];
    this.#server = createServer(
      { cert, key, ALPNProtocols: protocols, handshakeTimeout: HANDSHAKE_MS },
      (socket) => {
        socket.on('error', () => {});
        handlers[socket.alpnProtocol === 'h2' ? 'http2' : 'http1'](socket);
      },
    );
    // A browser that does not trust the certificate hangs up; that is between it and its user.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }
}
