import type { ChatError } from '../index.js';
import type { Draft } from '../ui/draft.js';
import type { RoomUi } from '../ui/room-ui.js';
import { tracked } from './tracked.js';

/** The text that the user is writing. It belongs to the room: who comes back finds it as it was. */
export class DraftText {
  readonly send: Draft['send'];
  readonly clear: Draft['clear'];
  readonly #draft: Draft;
  readonly #state: () => { text: string; error: ChatError | undefined };

  constructor({ draft, use }: RoomUi) {
    this.#draft = draft;
    this.send = draft.send;
    this.clear = draft.clear;
    this.#state = tracked(draft.view, use);
  }

  /** May be set: use it with `bind:value`. */
  get text(): string {
    return this.#state().text;
  }

  set text(text: string) {
    this.#draft.setText(text);
  }

  /** Why the text was not taken, until it is changed. */
  get error(): ChatError | undefined {
    return this.#state().error;
  }
}
