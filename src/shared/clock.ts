import { onAbort } from './on-abort.js';
/** The two clocks. A user, NTP or a virtual machine may set the wall clock back or ahead at any moment. */
export interface Clock {
  /** Wall clock, whole milliseconds since the Unix epoch. Only for what others read: ids, dates, the expiry of a token. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never runs back; may stand still while the device sleeps. */
  monotonic(): number;
  /** The clock of the device, where `now` is set right by the word of a server. */
  readonly device?: Clock;
}

/** Clocks, timers and randomness: the one door through which time enters, so that tests can own it. */
export interface Scheduler extends Clock {
  /** A number in [0, 1). */
  random(): number;
  /**
   * Runs `task` once after `ms` milliseconds; the returned function cancels it. A timer in the `background` does not keep
   * a Node process alive. Default: it does.
   */
  after(ms: number, task: () => void, options?: { background?: boolean }): () => void;
}

/** Longest timer of the platform; a longer one would fire at once. It fires early instead, so look at the clock then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, task, options) {
    const timer = setTimeout(task, Math.min(ms, MAX_TIMER_MS));
    // Node's timers are objects, those of browsers are numbers.
    if (options?.background) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};

/** Returns the same scheduler with another wall clock. */
export function withWallClock(scheduler: Scheduler, now: () => number): Scheduler {
  return {
    now,
    monotonic: () => scheduler.monotonic(),
    random: () => scheduler.random(),
    after: (ms, task, options) => scheduler.after(ms, task, options),
    device: scheduler,
  };
}

/** One moment on both clocks of the device. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** Reads the clocks to measure with. One that is set right meanwhile would hide how long a sleep took. */
export function instant(clock: Clock): Instant {
  const { device = clock } = clock;
  return { wall: device.now(), monotonic: device.monotonic() };
}

/**
 * Milliseconds from `start` to `end`, by the clock on which more have passed. The monotonic clock may miss a sleep, the
 * wall clock may be set back. So the result is never too short unless both happen at once. It is negative when `end`
 * came first by the monotonic clock: that one never runs back, and a wall clock set back in between would claim otherwise.
 */
export function elapsedBetween(start: Instant, end: Instant): number {
  const monotonic = end.monotonic - start.monotonic;
  return monotonic < 0 ? monotonic : Math.max(end.wall - start.wall, monotonic);
}

/** Milliseconds since `start`; see {@link elapsedBetween}. */
export function elapsedSince(start: Instant, clock: Clock): number {
  return elapsedBetween(start, instant(clock));
}

/** Can be told from everything that a promise may resolve with. */
export const TIMED_OUT: unique symbol = /* @__PURE__ */ Symbol('timed out');

export interface Timeout<Late extends symbol | undefined = undefined> {
  /** Milliseconds; may be infinite. */
  ms: number;
  scheduler: Pick<Scheduler, 'after'>;
  /** Ends the waiting at once. */
  signal?: AbortSignal | undefined;
  /** The result when nothing came in time, such as {@link TIMED_OUT}. Default undefined. */
  late?: Late;
}

/**
 * Waits for `promise`, for `ms` at most, or for `signal` to abort; the last two give `late`. Leaves nothing behind. A
 * rejection that comes too late is ignored.
 */
export async function withTimeout<T, Late extends symbol | undefined = undefined>(
  promise: T | Promise<T>,
  { ms, scheduler, signal, late }: Timeout<Late>,
): Promise<T | Late> {
  let end = () => {};
  const over = new Promise<Late>((resolve) => {
    end = () => resolve(late as Late);
  });
  const cancel = ms < Number.POSITIVE_INFINITY ? scheduler.after(ms, end) : undefined;
  const stopWaiting = signal && onAbort(signal, end);
  if (signal?.aborted) end();
  try {
    return await Promise.race([promise, over]);
  } finally {
    cancel?.();
    stopWaiting?.();
  }
}

/** Waits for `promise`, or for `signal` to abort, which gives undefined. Leaves no listener behind. */
export function raceAbort<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  // No timer is set.
  return withTimeout<T>(promise, { ms: Number.POSITIVE_INFINITY, scheduler: systemScheduler, signal });
}

/** Resolves after `ms`, or as soon as `signal` aborts: callers look at the signal, not at an exception. */
export function sleep(scheduler: Scheduler, ms: number, signal?: AbortSignal): Promise<void> {
  return withTimeout<void>(new Promise(() => {}), { ms, scheduler, signal });
}
