import type { TopicFilter } from '../engine/topics.js';

/** The filter of a charge, which a call is compared with; an absent part does not restrict it. */
export interface ChargeFilter extends TopicFilter {
  rpc?: string | undefined;
}

interface Charge<T> {
  filter: ChargeFilter;
  left: number;
  effect: T;
}

/** Faults of one kind that are used up call by call. */
export class FaultQueue<T> {
  readonly #charges = new Set<Charge<T>>();

  /** Puts the effect on the next `times` calls that match; the returned function takes back what is left of it. */
  add(filter: ChargeFilter, times: number, effect: T): () => void {
    if (typeof times !== 'number' || Number.isNaN(times))
      throw new TypeError('unable to inject the fault; times must be a number');
    const charge: Charge<T> = { filter, left: times, effect };
    if (times > 0) this.#charges.add(charge);
    return () => this.#charges.delete(charge);
  }

  /** The effect on this call, if any: of the oldest charge that matches, which it uses up by one. */
  take(call: ChargeFilter): T | undefined {
    return this.#matching(call).next().value;
  }

  /** The effects on this call of all charges that match, each of which it uses up by one. */
  takeAll(call: ChargeFilter): T[] {
    return [...this.#matching(call)];
  }

  *#matching(call: ChargeFilter): Generator<T, undefined> {
    for (const charge of this.#charges) {
      const { rpc, cache, topic } = charge.filter;
      if (rpc !== undefined && rpc !== call.rpc) continue;
      if (cache !== undefined && cache !== call.cache) continue;
      if (topic !== undefined && topic !== call.topic) continue;
      if (--charge.left <= 0) this.#charges.delete(charge);
      yield charge.effect;
    }
    return undefined;
  }

  clear(): void {
    this.#charges.clear();
  }
}
