import { setImmediate } from 'node:timers/promises';
import {
  type FaultInjector,
  type LocalMomento,
  type LocalMomentoOptions,
  startLocalMomento,
  systemClock,
} from '../local/index.js';
import { ChatError } from '../shared/errors.js';
import { RoomTokens } from './room-tokens.js';
import { TestClock } from './test-clock.js';

/** How long {@link MomentoFixture.waitFor} waits, in milliseconds, when it is not told. */
const PATIENCE_MS = 4000;
const LOOK_AGAIN_MS = 5;
/** A room that has lost its connection tries again within so many milliseconds. */
const LONGEST_BACKOFF_MS = 30_000;

/** As it is while this loads: fake timers of a test would stop it. */
const nextTurn = setImmediate;

/** As for `startLocalMomento`, but that the time is the fixture's own. */
export type TestMomentoOptions = Omit<LocalMomentoOptions, 'clock'>;

/** The fixture of a test: a local Momento of its own, and everything to drive it. */
export interface MomentoFixture {
  /** The server itself. */
  readonly momento: LocalMomento;
  /** Breaks it on demand. */
  readonly faults: FaultInjector;
  /** Its time, which the test can move forward. */
  readonly clock: TestClock;
  /** Its origin, the endpoint override for `@gomomento/sdk-web`. */
  readonly url: string;
  /** The `token` of a `ChatRoom`: grants whatever room is asked for, in the first of the caches. */
  readonly token: RoomTokens['source'];
  /** How the tokens are that `token` hands out, and which there were. */
  readonly tokens: RoomTokens;
  /**
   * Resolves as soon as `condition` returns true, and rejects when it does not within `ms` milliseconds (default 4000,
   * below the limit of one test in Vitest and Jest).
   */
  waitFor(condition: () => boolean | Promise<boolean>, ms?: number): Promise<void>;
}

/** A fixture that the test ends itself. */
export interface StartedFixture extends MomentoFixture {
  /** Ends the rooms that are still joined, which have failed when it resolves, and the local Momento, as its own `close()`. */
  close(): Promise<void>;
}

/**
 * Starts a local Momento for tests, with the cache `chat` unless others are given. End it with `close()`.
 *
 * @example
 * ```ts
 * let fixture: StartedFixture;
 * beforeEach(async () => { fixture = await startTestMomento(); });
 * afterEach(() => fixture.close());
 * ```
 */
export async function startTestMomento(options: TestMomentoOptions = {}): Promise<StartedFixture> {
  const caches = options.caches ?? ['chat'];
  const clock = new TestClock();
  const momento = await startLocalMomento({ ...options, caches, clock });
  const tokens = new RoomTokens(momento.engine, { cache: caches[0] ?? 'chat', endpoint: momento.url });
  const fixture = {
    momento,
    faults: momento.faults,
    clock,
    url: momento.url,
    token: tokens.source,
    tokens,
    waitFor,
  };
  return {
    ...fixture,
    async close() {
      await endRooms(fixture);
      await momento.close();
      // Rooms hear of it a turn later. Until then they need the page that the runner may take down next.
      await nextTurn();
    },
  };
}

/**
 * Ends the tokens that rooms have, and gives them no other: rooms that the test did not leave fail, and all that they
 * hold ends with them.
 */
async function endRooms({ faults, tokens }: MomentoFixture): Promise<void> {
  tokens.refusal = new ChatError('permission-denied', 'unable to get a token; the test has ended');
  faults.reset();
  faults.expireAllTokens();
  // The end of each stream is sent before its connection is cut.
  await nextTurn();
}

/**
 * A test that failed may leave rooms that have lost their connection. The server stays for as long as they may take to
 * come back and be refused, without keeping the process alive.
 */
async function closeLater(fixture: StartedFixture): Promise<void> {
  await endRooms(fixture);
  fixture.momento.unref();
  systemClock.setTimeout(() => void fixture.close(), LONGEST_BACKOFF_MS);
}

/** Resolves when earlier tests have ended. A runner does not wait for that when it has given a test up. */
let ending: Promise<unknown> = Promise.resolve();

/**
 * Wraps a test of Vitest, Jest or `node:test`: it gets a local Momento of its own, which ends with it, passed or failed.
 * With Jest, a test that exceeds the time of the runner does not end it: use {@link startTestMomento} and `afterEach`.
 * Options, as for {@link startTestMomento}, may stand before the test.
 *
 * @example
 * ```ts
 * it('greets', withLocalMomento(async ({ token, waitFor }) => {
 *   const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
 *   await room.join();
 *   await room.send('Hello!');
 *   await waitFor(() => room.messages.length === 1);
 *   await room.leave();
 * }));
 * ```
 */
export function withLocalMomento(test: (fixture: MomentoFixture) => unknown): () => Promise<void>;
export function withLocalMomento(
  options: TestMomentoOptions,
  test: (fixture: MomentoFixture) => unknown,
): () => Promise<void>;
export function withLocalMomento(
  first: TestMomentoOptions | ((fixture: MomentoFixture) => unknown),
  second?: (fixture: MomentoFixture) => unknown,
): () => Promise<void> {
  const [options, test] = typeof first === 'function' ? [{}, first] : [first, second];
  if (!test) throw new TypeError('unable to wrap the test; there is none');
  // Without parameters: Jest takes one for the callback that a test says it is done with, Vitest reads fixtures from it.
  return async function () {
    // biome-ignore lint/complexity/noArguments: the context of the runner, without a parameter
    const [context] = arguments as unknown as [context?: { signal?: AbortSignal }];
    // Vitest gives the same signal to every try: when it tries a test again, that of the try before has aborted.
    const signal = context?.signal?.aborted ? undefined : context?.signal;
    // Its runner may have given up the test before, which has had no chance to notice that yet.
    await nextTurn();
    await ending;
    const fixture = await startTestMomento(options);
    try {
      await Promise.race([test(fixture), abortOf(signal)]);
    } catch (error) {
      // The next test may need what this one has.
      const shared = options.port || options.adminPort || options.data !== undefined;
      await holdNext(shared ? fixture.close() : closeLater(fixture));
      throw error;
    }
    await holdNext(fixture.close());
  };
}

/** Lets the next test wait for the end of this one. */
function holdNext(closing: Promise<void>): Promise<void> {
  ending = Promise.allSettled([ending, closing]);
  return closing;
}

/** Rejects when the runner gives the test up, by its timeout for example. Vitest and `node:test` say so, Jest does not. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal?.reason);
    // The first argument may be something else: a row of `it.each`.
    signal?.addEventListener?.('abort', abort);
    if (signal?.aborted) abort();
  });
}

async function waitFor(holds: () => boolean | Promise<boolean>, ms: number = PATIENCE_MS): Promise<void> {
  const deadline = systemClock.monotonic() + ms;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) {
      throw new Error(`unable to see it happen; it did not within ${ms} ms: ${holds.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
