/**
 * A value that changes: the one contract behind every adapter for a UI framework. The value is immutable, and the same
 * object until it changed.
 */
export interface Observable<T> {
  get(): T;
  /** Calls `listener` after each change. The returned function ends that. */
  subscribe(listener: () => void): () => void;
}

/** An {@link Observable} that its owner sets. */
export class ObservableValue<T> implements Observable<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  /** Setting the same value again tells nobody. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    // One entry for each subscription, also of the same function.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }
}
