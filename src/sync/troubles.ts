import { RecentSet } from '../messages/recent-set.js';
import type { ChatError } from '../shared/errors.js';

/** So many kinds are remembered, at least: a service may word each failure anew. */
const MAX_KINDS = 20;

/** Tells of each kind of trouble once, however many attempts fail by it, until it is over. */
export class Troubles {
  readonly #emit: (error: ChatError) => void;
  /** Codes and texts of what was told. */
  #told = new RecentSet(MAX_KINDS);

  constructor(emit: (error: ChatError) => void) {
    this.#emit = emit;
  }

  tell(error: ChatError): void {
    if (this.#told.add(`${error.code} ${error.message}`)) this.#emit(error);
  }

  /** It is over: the next trouble is another one. */
  over(): void {
    this.#told = new RecentSet(MAX_KINDS);
  }
}
