import type { Connectivity, ConnectivityHint } from '../../src/shared/connectivity.js';

/** A browser that says what it is told to say. */
export class Hints implements Connectivity {
  readonly #listeners = new Set<(hint: ConnectivityHint) => void>();

  watch(listener: (hint: ConnectivityHint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  give(hint: ConnectivityHint): void {
    for (const listener of [...this.#listeners]) listener(hint);
  }
}
