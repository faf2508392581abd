import type { ChatError, ChatRoom, Message } from '../index.js';
import { ObservableValue } from '../shared/observable.js';
import type { View } from './view.js';

/** Options of `ChatRoom.send()`. */
type SendOptions = NonNullable<Parameters<ChatRoom['send']>[1]>;

/** A text that is being written. */
export interface DraftState {
  readonly text: string;
  /** Why the text was not taken, until it is changed. */
  readonly error: ChatError | undefined;
}

const NO_DRAFT: DraftState = { text: '', error: undefined };

/**
 * The draft of a room. It lives as long as the room object, and longer where the room has a `storage`: who comes back
 * finds it as it was.
 */
export class Draft {
  readonly view: View<DraftState>;
  readonly #room: ChatRoom;
  readonly #state = new ObservableValue(NO_DRAFT);
  #restoring: Promise<void> | undefined;

  constructor(room: ChatRoom) {
    const state = this.#state;
    this.#room = room;
    this.view = {
      get: () => state.get(),
      subscribe: (listener) => {
        this.#restore().catch(() => {});
        return state.subscribe(listener);
      },
      empty: NO_DRAFT,
    };
  }

  readonly setText = (text: string): void => {
    if (text === this.#state.get().text) return;
    this.#set({ text, error: undefined });
    if (text === '') this.#room.typing.stop();
    else this.#room.typing.keystroke();
  };

  readonly clear = (): void => this.setText('');

  /**
   * Sends the draft and empties it. Resolves with the message once it is sent; with nothing when there is nothing to send,
   * or when it failed: then the message is `failed` in the list. A text that the room did not take comes back, before one that
   * was begun since, with the `error`.
   */
  readonly send = async (options?: SendOptions): Promise<Message | undefined> => {
    const { text } = this.#state.get();
    if (text.trim() === '') return undefined;
    // The message itself tells the others that nobody is writing any more.
    this.#set(NO_DRAFT);
    const { messages } = this.#room;
    const sending = this.#room.send(text, options);
    // A message that the room takes is listed at once.
    const isTaken = this.#room.messages !== messages;
    try {
      return await sending;
    } catch (error) {
      if (!isTaken) this.#set({ text: joined(text, this.#state.get().text), error: error as ChatError });
      return undefined;
    }
  };

  #set(state: DraftState): void {
    this.#state.set(state);
    // The stored one is read before it is replaced.
    this.#restore()
      .then(() => this.#room.saveDraft(state.text))
      .catch(() => {});
  }

  /** Takes the text that was being written when the page was closed, before one that was begun since. */
  #restore(): Promise<void> {
    this.#restoring ??= this.#room.loadDraft().then(
      (stored) => {
        const now = this.#state.get();
        // An app may have set the same text anew.
        if (!now.text.includes(stored)) this.#set({ ...now, text: joined(stored, now.text) });
      },
      (problem) => {
        // With the next change it is read again: until then nothing replaces it.
        this.#restoring = undefined;
        throw problem;
      },
    );
    return this.#restoring;
  }
}

function joined(text: string, later: string): string {
  return later ? `${text} ${later}` : text;
}
