import type { FaultInjector } from './faults/faults.js';
import { AdminPort } from './front-ends/admin-port.js';
import { ProtocolListener } from './front-ends/connections.js';
import { GrpcFrontEnd } from './front-ends/grpc-front-end.js';
import { GrpcWebFrontEnd } from './front-ends/grpc-web-front-end.js';
import { type TlsOptions, TlsTerminator } from './front-ends/tls-terminator.js';
import { LocalCore, type LocalEngine, type LocalEngineOptions } from './local-engine.js';
import { Autosave } from './storage/autosave.js';

export { type LocalClock, ManualClock, systemClock } from './engine/clock.js';
export type { FaultInjector, Restore } from './faults/faults.js';
export type { TlsOptions } from './front-ends/tls-terminator.js';
export { type LocalLimits, MOMENTO_LIMITS } from './limits.js';
export {
  createLocalEngine,
  type LocalEngine,
  type LocalEngineOptions,
  type LocalPermission,
} from './local-engine.js';
export type { FailureCode } from './status.js';

/** How to start a local Momento. Everything has a default. */
export interface LocalMomentoOptions extends LocalEngineOptions {
  /** The TCP port; default 0, which lets the system choose a free one. */
  port?: number | undefined;
  /** The address to listen on; default `127.0.0.1`, which only this machine reaches. */
  host?: string | undefined;
  /**
   * A certificate and its key, in PEM form: the same port then also speaks TLS, and gRPC-Web over HTTP/2 with it, so that
   * the tabs of a browser share one connection. Default: no TLS.
   */
  tls?: TlsOptions | undefined;
  /**
   * A file that keeps caches and their items between restarts; default: nothing is kept. It is written as a whole, a
   * moment after a change and when the server closes. One server at a time may use it.
   */
  data?: string | undefined;
  /**
   * Another TCP port, for tests in other processes: a request for `/block` there is `faults.goOffline()`, one for
   * `/unblock` ends that. 0 lets the system choose; default: there is none.
   */
  adminPort?: number | undefined;
}

/** A running local Momento. */
export interface LocalMomento {
  /** The one TCP port that serves gRPC (`@gomomento/sdk`) and gRPC-Web (`@gomomento/sdk-web`). */
  readonly port: number;
  /** Its origin, for example `http://127.0.0.1:8080`: the endpoint override for `@gomomento/sdk-web`. */
  readonly url: string;
  /** Its origin over TLS, when it has a certificate. */
  readonly secureUrl: string | undefined;
  /** The port that serves `/block` and `/unblock`, when it was asked for. */
  readonly adminPort: number | undefined;
  /** A key that may do everything and never expires, in the base64 form that the SDKs read. */
  readonly apiKey: string;
  /** Breaks it on demand. */
  readonly faults: FaultInjector;
  /** The engine behind the port: mints tokens without a call, and answers requests that come by other ways. */
  readonly engine: LocalEngine;
  /** Lets the process end although it still listens, as `unref()` of Node's servers does. */
  unref(): void;
  /** Ends every stream, connection and timer; resolves when the port is free. Calling it again does no harm. */
  close(): Promise<void>;
}

/**
 * Starts a local Momento: the caches, topics and tokens of the service, in this process, for the unchanged official
 * SDKs. It keeps everything in memory, unless `data` says where else.
 *
 * @example
 * ```ts
 * const momento = await startLocalMomento({ caches: ['chat'] });
 *
 * // Node: @gomomento/sdk
 * const topics = new TopicClient({
 *   credentialProvider: CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: momento.port }),
 * });
 *
 * // Browser or jsdom: @gomomento/sdk-web
 * const webTopics = new WebTopicClient({
 *   credentialProvider: WebCredentialProvider.fromDisposableToken({
 *     authToken: momento.apiKey,
 *     endpointOverrides: {
 *       cacheEndpoint: momento.url,
 *       controlEndpoint: momento.url,
 *       tokenEndpoint: momento.url,
 *     },
 *   }),
 * });
 *
 * await momento.close();
 * ```
 *
 * @throws RangeError when an option is out of range.
 * @throws Error for caches that Momento would not have: two of one name, or an empty name.
 * @throws Error when `data` names a file that is torn, none of its own or cannot be written; the message says which.
 * @throws Error with code `EADDRINUSE` when the port is taken, and the system's other errors of listening.
 */
export async function startLocalMomento(options: LocalMomentoOptions = {}): Promise<LocalMomento> {
  const { port = 0, host = '127.0.0.1' } = options;
  // Node would listen on every address of the machine.
  if (host.trim() === '')
    throw new RangeError('unable to start the local Momento; the host must not be empty');
  const core = new LocalCore(options);
  const tls = options.tls && tlsDoor(options.tls, () => web);
  const listener = new ProtocolListener({
    http1: (socket) => web.accept(socket),
    http2: (socket) => grpc.accept(socket),
    tls: tls && ((socket) => tls.accept(socket)),
  });
  core.reachedBy(listener);
  const web = new GrpcWebFrontEnd(core.dispatch);
  const grpc = new GrpcFrontEnd(core.dispatch, core.paths, (remotePort) => listener.drop(remotePort));
  const admin = options.adminPort === undefined ? undefined : new AdminPort(() => core.faults.goOffline());
  let data: Autosave | undefined;
  const close = async (): Promise<void> => {
    core.close();
    grpc.close();
    web.close();
    // The next server on this port finds the file written.
    listener.refusing = true;
    listener.dropAll();
    try {
      await data?.close();
    } finally {
      await listener.close();
      await admin?.close();
    }
  };

  // The file belongs to whoever has the port.
  listener.refusing = true;
  const actualPort = await listener.listen(port, host);
  let adminPort: number | undefined;
  try {
    if (options.data !== undefined) data = await Autosave.open(options.data, core);
    adminPort = await admin?.listen(options.adminPort ?? 0, host);
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  listener.refusing = false;
  core.endpoint = `localhost:${actualPort}`;
  let closing: Promise<void> | undefined;
  return {
    port: actualPort,
    url: `http://${urlHost(host)}:${actualPort}`,
    secureUrl: tls && `https://${urlHost(host)}:${actualPort}`,
    adminPort,
    apiKey: core.apiKey,
    faults: core.faults,
    engine: core,
    unref() {
      listener.unref();
      admin?.unref();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function tlsDoor(options: TlsOptions, web: () => GrpcWebFrontEnd): TlsTerminator {
  return new TlsTerminator(options, {
    http1: (socket) => web().accept(socket),
    http2: (socket) => web().acceptHttp2(socket),
  });
}

/** The host part of an address under which this machine reaches the server. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
