import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CacheClient, Configurations, CreateCacheResponse, CredentialProvider } from '@gomomento/sdk';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, type TokenVendor } from 'momento-chat/server';
import { buildPage, type PageFile } from './page.js';

const CACHE = 'chat';

export interface DemoOptions {
  /** 0 for any free one. */
  port: number;
  /** The Momento service to use; without it a local Momento is started. */
  service?: { apiKey: string; endpoint: string };
  /** The page's scripts have their names and source maps, for a debugger. Default false. */
  readable?: boolean;
  /** The page, where it is built already. Default: it is built now. */
  files?: Promise<ReadonlyMap<string, PageFile>>;
}

export interface Demo {
  readonly url: string;
  /** Absent when the demo runs on the Momento service. */
  readonly local?: LocalMomento;
  close(): Promise<void>;
}

/** One process with all that a chat app needs: the page, the token function, and Momento or a stand-in for it. */
export async function startDemo({ port, service, readable, files: built }: DemoOptions): Promise<Demo> {
  // A request that comes while the demo starts waits for it.
  let begin: (listener: RequestListener) => void = () => {};
  const started = new Promise<RequestListener>((resolve) => {
    begin = resolve;
  });
  const server = createServer((request, response) => {
    // Streams that nobody listens to end the process when their connection breaks.
    for (const stream of [request, response]) stream.on('error', () => {});
    started
      .then((listener) => listener(request, response))
      // Thrown here it would be a rejection that nobody handles, and the end of the process.
      .catch((error: unknown) => {
        console.error(
          `unable to answer a request; ${error instanceof Error ? error.message : 'an unknown error'}`,
        );
        if (response.headersSent) response.destroy();
        else answer(response, 500, 'text/plain', 'The demo failed to answer');
      });
  });
  // First, because a port in use is the likeliest reason not to start.
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  const local = service ? undefined : await startMomentoNextTo(actual);
  try {
    const [files] = await Promise.all([built ?? buildPage({ readable }), service && createCache(service)]);
    const vendor = createTokenVendor({
      auth: service ?? { apiKey: local?.apiKey ?? '', endpoint: local?.url ?? '' },
      cache: CACHE,
      // Anyone may join any room: right for a demo that only this machine can reach, and for nothing else. An app
      // lists its `rooms`, or says in `authenticate` and `authorize` who may go where.
      authorize: (_identity, rooms) => ({ rooms, role: 'member' }),
      // All visitors are the same address here.
      rateLimit: false,
      ...(local && { endpoint: local.url }),
    });
    const policy = contentSecurityPolicy(
      service?.endpoint ?? new URL(local?.url ?? '').port,
      Boolean(service),
    );
    begin(pageListener(files, vendor, policy));
  } catch (error) {
    await Promise.all([closed(server), local?.close()]);
    throw error;
  }
  return {
    url: `http://localhost:${actual}/`,
    ...(local && { local }),
    close: async () => {
      await Promise.all([closed(server), local?.close()]);
    },
  };
}

/** On the next port where that is free: pages that are open find it again when the demo was started anew. */
async function startMomentoNextTo(port: number): Promise<LocalMomento> {
  try {
    return await startLocalMomento({ caches: [CACHE], port: port + 1 });
  } catch {
    return startLocalMomento({ caches: [CACHE] });
  }
}

function pageListener(
  files: ReadonlyMap<string, PageFile>,
  vendor: TokenVendor,
  policy: string,
): RequestListener {
  return (request, response) => {
    if (!isThisMachine(request.headers.host)) {
      answer(response, 403, 'text/plain', 'The demo answers to localhost only');
      return;
    }
    const pathname = pathOf(request.url);
    if (pathname === undefined) {
      answer(response, 400, 'text/plain', 'That is no address of the demo');
      return;
    }
    if (pathname === '/token') {
      vendor(request, response);
      return;
    }
    const file = files.get(pathname === '/' ? '/index.html' : pathname);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'text/plain', 'Only GET');
    } else if (!file) {
      answer(response, 404, 'text/plain', 'Not found');
    } else {
      response.setHeader('Content-Security-Policy', policy);
      // The address holds the visitor's name.
      response.setHeader('Referrer-Policy', 'no-referrer');
      // The names of assets change with their content.
      const lasts = pathname.startsWith('/assets/');
      response.setHeader('Cache-Control', lasts ? 'public, max-age=31536000, immutable' : 'no-cache');
      answer(response, 200, file.type, file.body);
    }
  };
}

/** Undefined for what is no path: a client may send anything in its place, `//` or another server's address. */
function pathOf(target = '/'): string | undefined {
  if (!target.startsWith('/') || target.startsWith('//')) return undefined;
  return target.split('?', 1)[0];
}

/** A web page may have its own name resolve to this machine, and then it is of the same origin as what it asks for. */
function isThisMachine(host = ''): boolean {
  const { hostname = '' } = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : {};
  return /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'Content-Type': type }).end(body);
}

function contentSecurityPolicy(momento: string, isService: boolean): string {
  const reachable = isService
    ? // The token names its own endpoint, which may be another one of Momento's.
      `https://*.${momento} https://*.momentohq.com`
    : // Each tab has its own host name, see src/token.ts.
      `http://*.localhost:${momento} http://127.0.0.1:${momento}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${reachable}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

async function createCache(service: { apiKey: string; endpoint: string }): Promise<void> {
  const client = new CacheClient({
    configuration: Configurations.Laptop.latest(),
    credentialProvider: credentials(service),
    defaultTtlSeconds: 60,
  });
  try {
    const response = await client.createCache(CACHE);
    // "It was there already" is a success of its own type.
    if (response.type === CreateCacheResponse.Error) {
      throw new Error(`unable to create the cache "${CACHE}"; ${response.message()}`);
    }
  } finally {
    client.close();
  }
}

function credentials(service: { apiKey: string; endpoint: string }): CredentialProvider {
  try {
    return CredentialProvider.fromApiKeyV2(service);
  } catch (cause) {
    throw new Error('unable to use MOMENTO_API_KEY; it is no API key (v2) of the Momento console', { cause });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
