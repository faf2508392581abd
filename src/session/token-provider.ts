import { backoffDelay, CONNECTION_BACKOFF } from '../shared/backoff.js';
import { elapsedSince, type Instant, instant, type Scheduler, sleep } from '../shared/clock.js';
import { ChatError, unable } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import { RetryPause } from '../shared/retry-pause.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { Transport } from '../transport/transport.js';
import type { obtainForAllowed } from './allowed-rooms.js';
import type { Connection, ConnectionListener, OnTrouble } from './connection.js';
import type { Environment } from './environment.js';
import { renewAfterMs } from './renewal-time.js';
import { RenewalTrouble } from './renewal-trouble.js';
import { ServerClock } from './server-clock.js';
import { tokenInTime } from './token-in-time.js';
import { requestToken, retryAfterMs, type TokenRequest, type TokenSource } from './token-source.js';

type Reason = TokenRequest['reason'];

interface Credentials {
  readonly vended: VendedToken;
  readonly transport: Transport;
  readonly rooms: ReadonlySet<string>;
  /** When it was asked for, and after how many milliseconds to renew it. */
  readonly asked: Instant;
  readonly dueAfterMs: number;
  /** Its predecessor was rejected, and Momento has not accepted it yet. */
  suspect: boolean;
}

/** A join that got no token after this long fails; renewals in the background go on. */
const JOIN_PATIENCE_MS = 15_000;

export interface TokenProviderOptions {
  source: TokenSource;
  environment: Environment;
  /** A token is being asked for. */
  onRequest?: (() => void) | undefined;
  /** Obtains the token where several rooms share it; leaves in `rooms` those that it covers. */
  share?: typeof obtainForAllowed;
}

/**
 * Keeps one token and one transport for any number of rooms, and renews the token ahead of its end, when a room joins
 * that it does not cover, and once when Momento rejects it (G4).
 */
export class TokenProvider implements Connection {
  readonly #options: TokenProviderOptions;
  readonly #environment: Environment;
  readonly #scheduler: Scheduler;
  /** How often each room is joined, and what ends when it is left. */
  readonly #rooms = new Map<string, { joins: number; readonly life: AbortController }>();
  readonly #listeners = new Set<ConnectionListener>();
  #credentials: Credentials | undefined;
  #renewing: Promise<void> | undefined;
  #isForJoin = false;
  /** Ends the pause before the next request. */
  #askNow = () => {};
  /** Ends when the last room goes, and for good when the session is closed. */
  #life = new AbortController();
  #cancelRenewal: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  /** Tell rooms that wait for a token to join with why they wait. */
  readonly #waiting = new Set<OnTrouble>();
  readonly #clock: ServerClock;
  readonly #trouble: RenewalTrouble;

  constructor(options: TokenProviderOptions) {
    this.#options = options;
    this.#environment = options.environment;
    this.#scheduler = options.environment.scheduler;
    this.#clock = new ServerClock(this.#scheduler);
    this.#trouble = new RenewalTrouble(this.#scheduler);
  }

  now(): number {
    return this.#clock.now();
  }

  get userId(): string | undefined {
    return this.#credentials?.vended.userId;
  }

  async attach(room: string, onTrouble: OnTrouble = () => {}): Promise<void> {
    if (this.#life.signal.aborted) throw closed();
    const entry = this.#rooms.get(room) ?? { joins: 0, life: new AbortController() };
    entry.joins += 1;
    this.#rooms.set(room, entry);
    const { signal } = entry.life;
    this.#unwatch ??= this.#environment.connectivity.watch(() => this.#hinted());
    this.#environment.expectConnect?.();
    this.#waiting.add(onTrouble);
    try {
      while (!this.#credentials?.rooms.has(room)) {
        // A renewal in the background, which it may share, takes as long as it takes.
        await this.#inTime(this.#renew('join'), signal);
      }
    } finally {
      this.#waiting.delete(onTrouble);
    }
  }

  /** The last room to go takes the token, its timer and every request for it along. */
  detach(room: string): void {
    const entry = this.#rooms.get(room);
    if (entry === undefined || --entry.joins > 0) return;
    this.#rooms.delete(room);
    entry.life.abort();
    if (this.#rooms.size > 0 || this.#life.signal.aborted) return;
    this.#release();
    this.#life = new AbortController();
  }

  async transport(): Promise<Transport> {
    return (await this.#current()).transport;
  }

  reached(): void {
    this.#eachListener((listener) => listener.reached());
  }

  async call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output> {
    for (let again = false; ; again = true) {
      // Without a wait where there are credentials: the call leaves at once.
      const credentials = this.#credentials ?? (await this.#current());
      const { transport } = credentials;
      try {
        const output = await make(transport);
        credentials.suspect = false;
        return output;
      } catch (problem) {
        if (!(problem instanceof ChatError) || problem.code !== 'unauthenticated' || again) throw problem;
        // The call itself was bounded, and is made again.
        await this.#inTime(this.rejected(transport));
      }
    }
  }

  async rejected(transport: Transport): Promise<void> {
    const credentials = this.#credentials;
    if (credentials === undefined) throw closed();
    if (credentials.transport !== transport) return;
    // One that is due to be renewed has just come to its end.
    const due = this.#renewing !== undefined || this.#isDue(credentials);
    if (credentials.suspect && !due) {
      throw unable('unauthenticated', 'use the token', 'Momento rejected it and the one before it');
    }
    await this.#renew('rejected');
    // A renewal that was under way may have brought the same token again.
    if (this.#credentials?.transport === transport) await this.#renew('rejected');
  }

  watch(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#release();
    this.#eachListener((listener) => listener.failed(closed()));
  }

  #release(): void {
    this.#life.abort();
    for (const { life } of this.#rooms.values()) life.abort();
    this.#askNow();
    this.#cancelRenewal?.();
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#credentials = undefined;
    this.#renewing = undefined;
    this.#trouble.clear();
  }

  #inTime(renewing: Promise<void>, signal = this.#life.signal): Promise<void> {
    const ms = 2 * JOIN_PATIENCE_MS;
    return tokenInTime(renewing, { action: 'go on', ms, scheduler: this.#scheduler, signal });
  }

  async #current(): Promise<Credentials> {
    if (this.#credentials === undefined) await this.#renewing;
    if (this.#credentials === undefined) throw closed();
    return this.#credentials;
  }

  /** One renewal at a time serves all who need one. That of a room which joins may fail because of this room alone. */
  #renew(reason: Reason): Promise<void> {
    const { signal } = this.#life;
    const current = this.#renewing;
    if (current !== undefined) {
      if (reason === 'join' || !this.#isForJoin) return current;
      return current.catch(async () => {
        // The room goes first.
        await sleep(this.#scheduler, 0, signal);
        if (signal.aborted) throw closed();
        return this.#renew(reason);
      });
    }
    this.#isForJoin = reason === 'join';
    const renewing = this.#obtain(reason, signal).finally(() => {
      if (this.#renewing === renewing) this.#renewing = undefined;
    });
    this.#renewing = renewing;
    return renewing;
  }

  async #obtain(reason: Reason, signal: AbortSignal): Promise<void> {
    // Rooms that join in the same turn share one token.
    await Promise.resolve();
    const rooms = [...this.#rooms.keys()];
    // A room that waits to join is told after a while; a renewal in the background takes as long as it takes.
    const { source, onRequest, share } = this.#options;
    const scheduler = this.#scheduler;
    const ask = async () => {
      const asked = instant(scheduler);
      onRequest?.();
      // The app's function may do with its array what it likes, and fill the same object anew for each request.
      const given = await requestToken(source, { rooms: [...rooms], reason, signal }, scheduler);
      // By name: the fields of an object of a class may be getters.
      const { token, exp, expiresIn, userId, endpoint } = given;
      const vended = { token, exp, expiresIn, userId, endpoint };
      this.#clock.learn(vended, asked);
      return { vended, asked, dueAfterMs: renewAfterMs(vended, asked, scheduler) };
    };
    const pause = new RetryPause(scheduler);
    this.#askNow = () => pause.retryNow();
    const obtain = () =>
      retry(ask, {
        scheduler,
        signal,
        backoff: CONNECTION_BACKOFF,
        leastWaitMs: retryAfterMs,
        onTrouble: (error) => {
          for (const tell of [...this.#waiting]) tell(error);
          if (reason !== 'join') this.#tell(error);
        },
        sleep: pause.sleep,
        patienceMs: reason === 'join' ? JOIN_PATIENCE_MS : undefined,
      });
    let given = await (share?.(rooms, obtain, reason) ?? obtain());
    // The device may have slept before the answer came.
    if (this.#isDue(given)) given = await obtain();
    this.#trouble.clear();
    const { vended, asked, dueAfterMs } = given;
    const previous = this.#credentials;
    const same = previous?.vended.token === vended.token && reason !== 'rejected';
    const transport = same ? previous.transport : await this.#environment.connect(vended, scheduler);
    if (signal.aborted) throw closed();
    this.#credentials = {
      ...given,
      transport,
      rooms: new Set(rooms),
      suspect: reason === 'rejected',
    };
    this.#scheduleRenewal(dueAfterMs - elapsedSince(asked, scheduler));
    if (previous !== undefined && !same) this.#eachListener((listener) => listener.renewed());
  }

  /** `unusable`: renewals in a row that ended with what cannot be used, a 404 or nonsense, as while the endpoint is deployed. */
  #scheduleRenewal(ms: number, unusable = 0): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = this.#scheduler.after(ms, () => this.#renewInBackground(unusable));
  }

  /** The browser may be online again; and after a sleep the timer may be late. */
  #hinted(): void {
    this.#askNow();
    if (this.#credentials !== undefined && this.#isDue(this.#credentials)) this.#renewInBackground();
  }

  #isDue({ asked, dueAfterMs }: Pick<Credentials, 'asked' | 'dueAfterMs'>): boolean {
    return elapsedSince(asked, this.#scheduler) >= dueAfterMs;
  }

  #renewInBackground(unusable = 0): void {
    const { signal } = this.#life;
    this.#renew('refresh').catch((error: ChatError) => {
      if (signal.aborted) return;
      // Until the token ends there is time for what passes; then `rejected` has the last word.
      if (error.code === 'token-unavailable')
        this.#scheduleRenewal(backoffDelay(unusable, CONNECTION_BACKOFF, this.#scheduler), unusable + 1);
      this.#tell(error);
    });
  }

  /** Tells of a renewal that fails. */
  #tell(error: ChatError): void {
    if (this.#trouble.isNews(error.message)) this.#eachListener((listener) => listener.failed(error));
  }

  /** Listeners may go while they are called. */
  #eachListener(act: (listener: ConnectionListener) => void): void {
    for (const listener of [...this.#listeners]) act(listener);
  }
}

function closed(): ChatError {
  return unable('closed', 'go on', 'the session was closed');
}
