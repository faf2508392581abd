import type { Emitting } from './faces.js';

type Listener = (...args: never[]) => void;

/** Listeners on something that others own: they end together, and with them nothing else. */
export class Listening {
  readonly #emitter: Emitting;
  readonly #listeners: (readonly [event: string, listener: Listener])[] = [];

  constructor(emitter: Emitting) {
    this.#emitter = emitter;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
    this.#emitter.on(event as never, listener as never);
  }

  end(): void {
    for (const [event, listener] of this.#listeners.splice(0))
      this.#emitter.off(event as never, listener as never);
  }
}
