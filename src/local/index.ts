import { type LocalClock, systemClock } from './engine/clock.js';
import { Engine } from './engine/engine.js';
import { FaultState } from './fault-state.js';
import type { FaultInjector } from './faults.js';
import { LimitChecks, type LocalLimits } from './limits.js';
import { Dispatch } from './rpc/dispatch.js';
import { rpcName } from './rpc/rpc.js';
import { MOMENTO_METHODS, rpcTable } from './rpc/rpc-table.js';
import { Port } from './transport/connections.js';
import { GrpcFrontEnd } from './transport/grpc-front-end.js';
import { GrpcWebFrontEnd } from './transport/grpc-web-front-end.js';

export { type LocalClock, ManualClock } from './engine/clock.js';
export type { FaultInjector, Restore } from './faults.js';
export { type LocalLimits, MOMENTO_LIMITS } from './limits.js';
export type { FailureCode } from './status.js';

/** How to start a local Momento. Everything has a default. */
export interface LocalMomentoOptions {
  /** The TCP port; default 0, which lets the system choose a free one. */
  port?: number;
  /** The address to listen on; default `127.0.0.1`, which only this machine reaches. */
  host?: string;
  /** Caches that exist from the start; default none. A call to a cache that does not exist fails as it does on the service. */
  caches?: readonly string[];
  /** The limits of an account; default none. {@link MOMENTO_LIMITS} are the documented ones. */
  limits?: Partial<LocalLimits>;
  /** Milliseconds between the heartbeats of a subscription; default 5000. The first is always sent at once. */
  heartbeatMs?: number;
  /** How many items each topic keeps for subscribers that resume; default 100. */
  replayItems?: number;
  /** Where the time comes from; default the system's. See {@link ManualClock}. */
  clock?: LocalClock;
}

/** A running local Momento. */
export interface LocalMomento {
  /** The one TCP port that serves gRPC (`@gomomento/sdk`) and gRPC-Web (`@gomomento/sdk-web`). */
  readonly port: number;
  /** Its origin, for example `http://127.0.0.1:8080`: the endpoint override for `@gomomento/sdk-web`. */
  readonly url: string;
  /** A key that may do everything and never expires, in the base64 form that the SDKs read. */
  readonly apiKey: string;
  /** Breaks it on demand. */
  readonly faults: FaultInjector;
  /** Ends every stream, connection and timer; resolves when the port is free. Calling it again does no harm. */
  close(): Promise<void>;
}

/**
 * Starts a local Momento: the caches, topics and tokens of the service, in this process, for the unchanged official
 * SDKs. It keeps everything in memory.
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
 *   credentialProvider: WebCredentialProvider.fromString({
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
 * @throws Error with code `EADDRINUSE` when the port is taken, and the system's other errors of listening.
 */
export async function startLocalMomento(options: LocalMomentoOptions = {}): Promise<LocalMomento> {
  const { port = 0, host = '127.0.0.1', caches = [], limits = {}, clock = systemClock } = options;
  const engine = new Engine({
    clock,
    heartbeatMs: positive('heartbeatMs', options.heartbeatMs ?? 5000),
    replayItems: positive('replayItems', options.replayItems ?? 100),
  });
  for (const cache of caches) engine.caches.create(cache);

  const paths = MOMENTO_METHODS.map((method) => method.path);
  const listener = new Port({
    http1: (socket) => web.accept(socket),
    http2: (socket) => grpc.accept(socket),
  });
  const faults = new FaultState(engine, listener, paths.map(rpcName));
  const services = { engine, faults, limits: new LimitChecks(limits, clock) };
  const rpcs = rpcTable(services, () => endpoint);
  const dispatch = new Dispatch(services, rpcs);
  const web = new GrpcWebFrontEnd(dispatch);
  const grpc = new GrpcFrontEnd(dispatch, paths, (remotePort) => listener.drop(remotePort));

  const actualPort = await listener.listen(port, host);
  const endpoint = `localhost:${actualPort}`;
  let closing: Promise<void> | undefined;
  return {
    port: actualPort,
    url: `http://${urlHost(host)}:${actualPort}`,
    apiKey: Buffer.from(JSON.stringify({ api_key: engine.tokens.superUserKey, endpoint })).toString('base64'),
    faults,
    close() {
      closing ??= (async () => {
        faults.reset();
        engine.close();
        grpc.close();
        await listener.close();
      })();
      return closing;
    },
  };
}

/** The host part of an address under which this machine reaches the server. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function positive(name: string, value: number): number {
  if (!(value > 0))
    throw new RangeError(`unable to start the local Momento; ${name} must be greater than 0, got ${value}`);
  return value;
}
