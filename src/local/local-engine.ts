import { type LocalClock, systemClock } from './engine/clock.js';
import { Engine } from './engine/engine.js';
import type { NameSelector, Permission } from './engine/permissions.js';
import { type Connections, FaultState } from './faults/fault-state.js';
import type { FaultInjector } from './faults/faults.js';
import { ConnectionGroup } from './front-ends/connection-group.js';
import { FetchFrontEnd } from './front-ends/fetch-front-end.js';
import { LimitChecks, type LocalLimits } from './limits.js';
import { Dispatch } from './rpc/dispatch.js';
import { itemKey, rpcName } from './rpc/rpc.js';
import { MOMENTO_METHODS, rpcTable } from './rpc/rpc-table.js';

/** The options of a Momento, whoever reaches it. Everything has a default. */
export interface LocalEngineOptions {
  /** Caches that exist from the start; default none. A call to a cache that does not exist fails as it does on the service. */
  caches?: readonly string[] | undefined;
  /** The limits of an account; default none. {@link MOMENTO_LIMITS} are the documented ones. */
  limits?: Partial<LocalLimits> | undefined;
  /** Milliseconds between the heartbeats of a subscription; default 5000. The first is always sent at once. */
  heartbeatMs?: number | undefined;
  /** How many items each topic keeps for subscribers that resume; default 100. */
  replayItems?: number | undefined;
  /** Where the time comes from; default the system's. See {@link ManualClock}. */
  clock?: LocalClock | undefined;
}

/** The operations that a token allows on one kind of thing in one cache. */
export interface LocalPermission {
  /** `'items'` are keys of a cache, whatever is stored there. */
  on: 'items' | 'topics';
  /** For topics, reading is subscribing and writing is publishing. */
  role: 'readwrite' | 'readonly' | 'writeonly';
  /** A cache's name, or all of them. */
  cache: string | { all: true };
  /** Which items or topics: one by its name, those with a prefix, or all. */
  names: string | { prefix: string } | { all: true };
}

/** A Momento without a socket: what {@link startLocalMomento} serves, for front ends of your own such as request mocks. */
export interface LocalEngine {
  /** A key that may do everything and never expires, in the base64 form that the SDKs read. */
  readonly apiKey: string;
  /** Breaks it on demand. */
  readonly faults: FaultInjector;
  /**
   * Answers one gRPC-Web call, the way a server answers a request. A broken connection is
   * `Response.error()`.
   *
   * @param request - A POST to `/<service>/<method>`, on whatever origin.
   */
  fetch(request: Request): Promise<Response>;
  /**
   * Mints a disposable token without a call.
   *
   * @param options.lifeSeconds - Seconds until it ends; default 3600, at most 25 hours.
   * @param options.tokenId - The id that Momento vouches for in everything that is published with it.
   * @returns the token in the base64 form that the SDKs read, and when it ends, in seconds since the Unix epoch.
   * @throws Error for a token that Momento would not mint: without permissions or with more than 20, for longer than 25
   * hours, or with a `tokenId` of more than 64 characters.
   */
  mintToken(options: {
    permissions: readonly LocalPermission[];
    lifeSeconds?: number | undefined;
    tokenId?: string | undefined;
  }): {
    token: string;
    exp: number;
  };
  /** Ends every stream and timer. */
  close(): void;
}

/**
 * A Momento without a socket.
 *
 * @example
 * ```ts
 * const engine = createLocalEngine({ caches: ['chat'] });
 * const permissions = [{ on: 'items', role: 'readonly', cache: 'chat', names: { all: true } }] as const;
 * const { token } = engine.mintToken({ permissions });
 * const response = await engine.fetch(request); // what an SDK sent with that token, caught by a mock of yours
 * ```
 *
 * @throws RangeError when an option is out of range.
 * @throws Error for caches that Momento would not have: two of one name, or an empty name.
 */
export function createLocalEngine(options: LocalEngineOptions = {}): LocalEngine {
  return new LocalCore(options);
}

/** Everything that a local Momento is, put together, but for its sockets. */
export class LocalCore implements LocalEngine {
  readonly engine: Engine;
  readonly faults: FaultState;
  readonly dispatch: Dispatch;
  readonly connections = new ConnectionGroup();
  /** Paths of every RPC of Momento, served here or not. */
  readonly paths: readonly string[] = MOMENTO_METHODS.map((method) => method.path);
  /** The endpoint that tokens name: the SDKs derive host names from it when they are given no others. */
  endpoint = 'local.momento.test';
  readonly #fetch: FetchFrontEnd;

  constructor(options: LocalEngineOptions) {
    const { caches = [], limits = {}, clock = systemClock } = options;
    this.engine = new Engine({
      clock,
      heartbeatMs: positive('heartbeatMs', options.heartbeatMs ?? 5000),
      replayItems: positive('replayItems', options.replayItems ?? 100),
    });
    // A text would be taken for as many caches as it has characters.
    if (!Array.isArray(caches))
      throw new RangeError('unable to start the local Momento; caches must be an array of names');
    for (const cache of caches) this.engine.caches.create(cache);
    this.faults = new FaultState(this.engine, this.connections, this.paths.map(rpcName));
    const services = { engine: this.engine, faults: this.faults, limits: new LimitChecks(limits, clock) };
    this.dispatch = new Dispatch(
      services,
      rpcTable(services, () => this.endpoint),
    );
    this.#fetch = new FetchFrontEnd(this.dispatch);
    this.connections.add(this.#fetch);
  }

  get apiKey(): string {
    return this.#sdkForm(this.engine.tokens.superUserKey);
  }

  fetch(request: Request): Promise<Response> {
    return this.#fetch.answer(request);
  }

  mintToken(options: Parameters<LocalEngine['mintToken']>[0]): { token: string; exp: number } {
    const { token, expiresAt } = this.engine.tokens.mintDisposable({
      superUser: false,
      permissions: options.permissions.map(permission),
      lifeSeconds: options.lifeSeconds ?? 3600,
      tokenId: options.tokenId ?? '',
    });
    return { token: this.#sdkForm(token), exp: Math.floor(expiresAt / 1000) };
  }

  /** Adds connections that faults act on. */
  reachedBy(connections: Connections): void {
    this.connections.add(connections);
  }

  close(): void {
    this.faults.reset();
    this.engine.close();
    this.#fetch.dropAll();
  }

  #sdkForm(key: string): string {
    return Buffer.from(JSON.stringify({ api_key: key, endpoint: this.endpoint })).toString('base64');
  }
}

function permission({ on, role, cache, names }: LocalPermission): Permission {
  const encode = (name: string): string => (on === 'items' ? itemKey(Buffer.from(name)) : name);
  return {
    on,
    role: { read: role !== 'writeonly', write: role !== 'readonly' },
    caches: selector(cache, (name) => name),
    names: selector(names, encode),
  };
}

function selector(
  which: string | { prefix: string } | { all: true },
  encode: (name: string) => string,
): NameSelector {
  if (typeof which === 'string') return { name: encode(which) };
  return 'prefix' in which ? { prefix: encode(which.prefix) } : 'all';
}

function positive(name: string, value: number): number {
  if (!(value > 0))
    throw new RangeError(`unable to start the local Momento; ${name} must be greater than 0, got ${value}`);
  return value;
}
