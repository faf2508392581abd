import { sleep } from '../shared/clock.js';
import { setNewest } from '../shared/set-newest.js';
import type { FeatureHost } from './feature.js';

/** A call that took longer was repeated; the first one may yet arrive (ms). */
export const SLOW_MS = 3000;
/** By then it has arrived, or is lost (ms). */
export const LATE_MS = 15_000;
/** So many writes are remembered. */
const MAX_DUE = 100;

/**
 * Looks at writes that were repeated or failed, when no attempt can arrive any more: what was stored since may have been
 * written over, and what failed may be stored.
 */
export class LateWrites {
  readonly #host: FeatureHost;
  readonly #due = new Map<string, () => void>();
  #signal: AbortSignal | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
    host.onJoined((signal) => {
      this.#signal = signal;
      for (const key of this.#due.keys()) this.#wait(key);
    });
  }

  /** Makes a call that writes. `look` is called if it was repeated or failed: in this join, or else in the next one. */
  async write(key: string, write: () => Promise<void>, look: () => void): Promise<void> {
    const { clock } = this.#host;
    const began = clock.monotonic();
    let isSure = false;
    try {
      await write();
      isSure = clock.monotonic() - began <= SLOW_MS;
    } finally {
      if (!isSure) {
        setNewest(this.#due, key, look, MAX_DUE);
        this.#wait(key);
      }
    }
  }

  #wait(key: string): void {
    const signal = this.#signal;
    const look = this.#due.get(key);
    if (signal === undefined || signal.aborted) return;
    void sleep(this.#host.clock, LATE_MS, signal).then(() => {
      if (signal.aborted || this.#due.get(key) !== look) return;
      this.#due.delete(key);
      look?.();
    });
  }
}
