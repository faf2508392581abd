/** Concurrent work for one key is done once and its outcome shared. */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Promise<Value>>();
  readonly #limit: number;
  readonly #full: () => Error;

  /** At most `limit` keys are worked on at a time; beyond that `run` rejects with `full()`. */
  constructor(limit: number, full: () => Error) {
    this.#limit = limit;
    this.#full = full;
  }

  /** Resolves with the value and whether another call did the work. */
  async run(key: string, work: () => Promise<Value>): Promise<{ value: Value; joined: boolean }> {
    const flight = this.#flights.get(key);
    if (flight !== undefined) return { value: await flight, joined: true };
    if (this.#flights.size >= this.#limit) throw this.#full();
    const own = work().finally(() => this.#flights.delete(key));
    this.#flights.set(key, own);
    return { value: await own, joined: false };
  }
}
