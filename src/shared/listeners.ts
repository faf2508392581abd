/** Functions that are told of one thing. */
export interface Listeners<Args extends unknown[], Result> {
  /** Adds a function: one entry for each call, also of the same function. The returned function takes it out. */
  add(listener: (...args: Args) => Result): () => void;
  /** Calls those that there are at this moment; returns what they return. */
  tell(...args: Args): Result[];
}

export function listeners<Args extends unknown[] = [], Result = void>(): Listeners<Args, Result> {
  const all = new Set<(...args: Args) => Result>();
  return {
    add(listener) {
      const entry = (...args: Args) => listener(...args);
      all.add(entry);
      return () => void all.delete(entry);
    },
    tell: (...args) => [...all].map((listener) => listener(...args)),
  };
}
