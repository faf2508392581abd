import { createServer, type IncomingMessage, type Server } from 'node:http';

/**
 * The port by which a test in another process cuts everybody off and lets them in again: `/block` and `/unblock`, as
 * Momento's own tests call them.
 */
export class AdminPort {
  readonly #server: Server;

  /** @param block - Cuts everybody off; the function it returns lets them in again. */
  constructor(block: () => () => void) {
    let unblock = (): void => {};
    const acts = new Map<string, () => void>([
      [
        '/block',
        () => {
          unblock();
          unblock = block();
        },
      ],
      ['/unblock', () => unblock()],
    ]);
    this.#server = createServer((request, response) => {
      request.on('error', () => {});
      response.on('error', () => {});
      request.resume();
      const act = acts.get((request.url ?? '').split('?', 1)[0] ?? '');
      const status = isFromWebPage(request) ? 403 : act ? 200 : 404;
      if (status === 200) act?.();
      response.writeHead(status, { 'content-type': 'text/plain' }).end(ANSWERS[status]);
    });
  }

  /** Starts listening; resolves with the port, which the system chooses when `port` is 0. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => {});
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  unref(): void {
    this.#server.unref();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const ANSWERS = { 200: 'done', 403: 'Not for web pages', 404: 'Only /block and /unblock are here' } as const;

/**
 * An address, or a name that the name servers of the internet do not know. The owner of any other name may have it
 * resolve to this machine.
 */
const LOCAL_NAME =
  /^(?:[^.:[\]]+|.+\.(?:localhost|local|internal|test)|\d+(?:\.\d+){3}|\[[\da-f:.]+\])(?::\d+)?$/i;

/** Where browsers say in `Sec-Fetch-Site` whether a page asks (Safari since 16.4). */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i;

/** As all browsers call themselves, and some tools. No page can change it in a request that asks for no permission. */
const BROWSER = /^Mozilla\//;

/**
 * Any page can make a browser send a GET. Browsers say so to a loopback address, but neither to a name that may be
 * anywhere nor to another address, such as 0.0.0.0, which leads here as well: there no browser is let in.
 */
function isFromWebPage({ headers }: IncomingMessage): boolean {
  const { host = 'localhost', origin, 'sec-fetch-site': site } = headers;
  const isSilent = site === undefined && !LOOPBACK.test(host) && BROWSER.test(headers['user-agent'] ?? '');
  const saysSo = origin !== undefined || (site !== undefined && site !== 'none');
  return saysSo || isSilent || !LOCAL_NAME.test(host);
}
