import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
} from '@gomomento/sdk';
import type { AuthClientLike, DisposableTokenScope, VendorEvent } from 'momento-chat/server';
import type { Scheduler } from '../../src/shared/clock.js';

/** The real Node SDK's AuthClient, for a local Momento. */
export function authClientOf(momento: { port: number }): AuthClient {
  return new AuthClient({
    configuration: AuthClientConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: momento.port }),
  });
}

/** The real Node SDK's CacheClient, for a local Momento; as whoever `token` says, or as the super user. */
export async function cacheClientOf(momento: { port: number }, token?: string): Promise<CacheClient> {
  const endpoint = `127.0.0.1:${momento.port}`;
  return CacheClient.create({
    configuration: Configurations.Laptop.v1(new NoopMomentoLoggerFactory()),
    credentialProvider:
      token === undefined
        ? CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: momento.port })
        : CredentialProvider.fromString({
            apiKey: token,
            endpointOverrides: {
              cacheEndpoint: endpoint,
              controlEndpoint: endpoint,
              tokenEndpoint: endpoint,
              secureConnection: false,
            },
          }),
    defaultTtlSeconds: 3600,
  });
}

/** A server on a free port of 127.0.0.1. */
export async function serve(
  handler: RequestListener,
): Promise<{ url: string; port: number; server: Server; close: () => Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A request that a counting auth client received. */
export interface Mint {
  scope: DisposableTokenScope;
  seconds: number;
  tokenId: string | undefined;
  at: number;
}

/** An auth client that mints at once and remembers what; for what no real one can be brought to do. */
export function countingAuth(now: () => number = Date.now): AuthClientLike & { mints: Mint[] } {
  const mints: Mint[] = [];
  return {
    mints,
    async generateDisposableToken(scope, expiresIn, props) {
      mints.push({ scope, seconds: expiresIn.seconds(), tokenId: props?.tokenId, at: now() });
      return success(`token-${mints.length}`, Math.floor(now() / 1000) + expiresIn.seconds());
    },
  };
}

/** The answer of an SDK to a mint that worked. */
export function success(authToken: unknown, epoch: unknown): { type: string } {
  return { type: 'Success', authToken, endpoint: 'e', expiresAt: { epoch: () => epoch } } as { type: string };
}

/** The answer of an SDK to a mint that did not work. */
export function error(code: string): { type: string } {
  return { type: 'Error', errorCode: () => code, message: () => 'secret detail' } as { type: string };
}

/** Time that moves only when it is told to; what waits is run in order. */
export class FakeClock implements Scheduler {
  time: number;
  chance = 0.5;
  #waiting: { at: number; run: () => void }[] = [];

  constructor(time = 1_700_000_000_000) {
    this.time = time;
  }

  /** How far the wall clock is off, in ms. */
  wallOffset = 0;

  now(): number {
    return this.time + this.wallOffset;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.time + ms, run: callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  random(): number {
    return this.chance;
  }

  /** Drops all that waits, as an edge runtime does with the timers of a request that ends. */
  forgetTimers(): void {
    this.#waiting = [];
  }

  get timers(): number {
    return this.#waiting.length;
  }

  /** Moves on by `ms`, running what falls due, with the promises in between settled. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (;;) {
      const next = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((entry) => entry !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settle();
    }
    this.time = until;
    await settle();
  }
}

/** Lets promises that wait for nothing but each other settle; hashing takes turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Collects events. */
export function eventLog(): {
  events: VendorEvent[];
  onEvent: (event: VendorEvent) => void;
  types: () => string[];
} {
  const events: VendorEvent[] = [];
  return { events, onEvent: (event) => events.push(event), types: () => events.map(({ type }) => type) };
}
