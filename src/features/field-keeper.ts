import type { ChatError } from '../shared/errors.js';
import { remember } from '../shared/remember.js';
import type { FeatureHost } from './feature.js';
import { mendLater } from './gather.js';

/** A value is written or told again so often, at most: somebody may write otherwise again and again. */
const MAX_REPEATS = 3;
const REMEMBERED = 1000;

/** A dictionary of the room. Every client knows which one of two values of a field wins. */
export interface Fields<Value extends { readonly id: string }> {
  /** Reads the fields that there are. */
  stored(fields: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Value>>;
  /** The value that is to replace the stored one, if any. `wrote`: the one that was written last from here. */
  better(field: string, stored: Value | undefined, wrote: Value | undefined): Value | undefined;
  write(values: ReadonlyMap<string, Value>): Promise<void>;
  /**
   * Tells those who are here of a value, whoever made it. It is stored already: whoever misses it reads it. Rejects with a
   * {@link ChatError}.
   */
  tell(field: string, value: Value): Promise<void>;
}

/**
 * Writes values, and puts storage right where two clients wrote at the same moment: there the call counts that arrived last,
 * and not the value that wins.
 */
export class FieldKeeper<Value extends { readonly id: string }> {
  /** Compares storage with what is known of these fields, in a while. */
  readonly mend: (fields: readonly string[]) => void;
  readonly #host: Pick<FeatureHost, 'report'>;
  readonly #fields: Fields<Value>;
  /** Written here, by field. */
  readonly #wrote = new Map<string, Value>();
  /** Fields that are to be told of once more: another client wrote them as well, or others could not be told. */
  readonly #untold = new Set<string>();
  /** How often a value was written or told again, by its id. */
  readonly #repeats = new Map<string, number>();

  constructor(host: Pick<FeatureHost, 'clock' | 'life' | 'onJoined' | 'report'>, fields: Fields<Value>) {
    this.#host = host;
    this.#fields = fields;
    // A client that may not write, or cannot, leaves it to others.
    this.mend = mendLater(host, (ids, life) => this.#rewrite(ids, life));
    host.onJoined(() => {
      if (this.#untold.size > 0) this.mend([...this.#untold]);
    });
  }

  async store(field: string, value: Value): Promise<void> {
    const before = this.#wrote.get(field);
    remember(this.#wrote, field, value, REMEMBERED);
    try {
      await this.#fields.write(new Map([[field, value]]));
    } catch (problem) {
      // It is not to come true with another change later on, nor when that is rejected too.
      if (this.#wrote.get(field) !== value) remember(this.#repeats, value.id, MAX_REPEATS, REMEMBERED);
      else if (before !== undefined) this.#wrote.set(field, before);
      else this.#wrote.delete(field);
      throw problem;
    }
    // One that wins was heard while the call was under way, and may have been overwritten.
    if (this.#fields.better(field, value, value) !== undefined) this.mend([field]);
  }

  /** Whether storage holds this value. */
  async holds(field: string, { id }: Value, signal: AbortSignal): Promise<boolean> {
    return (await this.#fields.stored([field], signal)).get(field)?.id === id;
  }

  /** Somebody changed a field, or says so. Where it was changed here as well, one of the two calls overwrote the other. */
  heard(field: string, { id }: { readonly id: unknown }): void {
    if ((this.#wrote.get(field)?.id ?? id) === id) return;
    this.#untold.add(field);
    this.mend([field]);
  }

  /** Tells those who are here of a value; once more in a while where that fails, and may yet succeed. */
  async tell(field: string, value: Value): Promise<void> {
    try {
      await this.#fields.tell(field, value);
    } catch (problem) {
      const error = problem as ChatError;
      this.#host.report(error);
      if (error.code === 'permission-denied' || this.#timesOf(value.id) >= MAX_REPEATS) return;
      this.#repeated(value.id);
      // One that an earlier page wrote.
      if (!this.#wrote.has(field)) remember(this.#wrote, field, value, REMEMBERED);
      this.#untold.add(field);
      this.mend([field]);
    }
  }

  #timesOf(id: string): number {
    return this.#repeats.get(id) ?? 0;
  }

  #repeated(id: string): void {
    remember(this.#repeats, id, this.#timesOf(id) + 1, REMEMBERED);
  }

  async #rewrite(fields: readonly string[], signal: AbortSignal): Promise<void> {
    const stored = await this.#fields.stored(fields, signal);
    const better = new Map<string, Value>();
    for (const field of fields) {
      const value = this.#fields.better(field, stored.get(field), this.#wrote.get(field));
      if (value === undefined || this.#timesOf(value.id) >= MAX_REPEATS) continue;
      better.set(field, value);
      if (stored.has(field)) this.#untold.add(field);
    }
    if (better.size > 0) await this.#fields.write(better);
    for (const { id } of better.values()) this.#repeated(id);
    // A client that read the other value meanwhile may have missed this one. All others take the same event for a repetition.
    for (const field of fields) {
      const value = better.get(field) ?? stored.get(field);
      const isNews = better.has(field) || this.#wrote.get(field)?.id === value?.id;
      if (this.#untold.delete(field) && value !== undefined && isNews) await this.tell(field, value);
    }
  }
}
