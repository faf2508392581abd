import { CONNECTION_BACKOFF } from '../shared/backoff.js';
import { sleep } from '../shared/clock.js';
import { remember } from '../shared/remember.js';
import { retry } from '../shared/retry.js';
import type { FeatureHost } from './feature.js';
import type { FieldKeeper } from './field-keeper.js';

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
  readonly #due = new Map<string, () => Promise<unknown>>();

  constructor(host: FeatureHost) {
    this.#host = host;
    host.onJoined(() => {
      for (const [key, look] of this.#due) this.#wait(key, look);
    });
  }

  /**
   * Makes a call that writes. `look` is called if it was repeated, or `failed`: in this join, or else in the next one. It is
   * repeated as long as that may help.
   */
  async write(key: string, write: () => Promise<void>, look: (failed: boolean) => unknown): Promise<void> {
    const { clock } = this.#host;
    const began = clock.monotonic();
    let failed = true;
    try {
      await write();
      failed = false;
    } finally {
      if (failed || clock.monotonic() - began > SLOW_MS) {
        const lookOnce = async () => look(failed);
        remember(this.#due, key, lookOnce, MAX_DUE);
        this.#wait(key, lookOnce);
      }
    }
  }

  /** Stores a value and has the change completed then: where the call was taken for failed as well, if it was not. */
  async make<Value extends { readonly id: string }>(
    keeper: FieldKeeper<Value>,
    field: string,
    value: Value,
    complete: () => Promise<void>,
  ): Promise<void> {
    const store = () => keeper.store(field, value);
    await this.write(value.id, store, async (failed) => {
      if (failed && !(await keeper.holds(field, value, this.#host.life))) return;
      // It may have been written over a newer value.
      keeper.mend([field]);
      if (failed) await complete();
    });
    await complete();
  }

  #wait(key: string, look: () => Promise<unknown>): void {
    const { clock, life } = this.#host;
    if (life.aborted) return;
    void sleep(clock, LATE_MS, life).then(async () => {
      if (this.#due.get(key) !== look) return;
      const how = { scheduler: clock, signal: life, backoff: CONNECTION_BACKOFF };
      await retry(look, how).catch(() => {});
      if (!life.aborted && this.#due.get(key) === look) this.#due.delete(key);
    });
  }
}
