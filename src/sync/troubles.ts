import type { ChatError } from '../shared/errors.js';

/** So many kinds are remembered, the newest: a service may word each failure anew. */
const MAX_KINDS = 20;

/** Tells of each kind of trouble once, however many attempts fail by it, until it is over. */
export class Troubles {
  readonly #emit: (error: ChatError) => void;
  /** Codes and texts of what was told. */
  readonly #told = new Set<string>();

  constructor(emit: (error: ChatError) => void) {
    this.#emit = emit;
  }

  tell(error: ChatError): void {
    const kind = `${error.code} ${error.message}`;
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    for (const oldest of this.#told) if (this.#told.size > MAX_KINDS) this.#told.delete(oldest);
    this.#emit(error);
  }

  /** It is over: the next trouble is another one. */
  over(): void {
    this.#told.clear();
  }
}
