/** Time and chance, so that tests can hold them. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. Only for what others read: the expiry of a token or a key. */
  now(): number;
  /** Milliseconds since an arbitrary moment, for every duration. Never runs back when somebody sets the clock. */
  monotonic(): number;
  /**
   * Calls back once after `ms` milliseconds, unless cancelled first with what it returns. In the `background`
   * it does not keep a Node process alive.
   */
  after(ms: number, callback: () => void, options?: { background?: boolean }): () => void;
  /** 0 ≤ number < 1. */
  random(): number;
}

/** The real ones. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback, options) {
    const timer: unknown = setTimeout(callback, ms);
    if (options?.background) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
  random: () => Math.random(),
};

/** Resolves after `ms` milliseconds. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** Told apart from whatever a promise may settle with. */
export const TIMED_OUT = Symbol('timed out');

/**
 * What `promise` settles with, or `TIMED_OUT` after `ms` milliseconds. A late rejection is swallowed: nobody
 * is left to hear it.
 */
export function withTimeout<Value>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  promise: Promise<Value> | Value,
): Promise<Value | typeof TIMED_OUT> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(TIMED_OUT));
    Promise.resolve(promise).then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
