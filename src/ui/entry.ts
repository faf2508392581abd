import type { ChatError, ChatRoom, JsonObject, RoomStatus } from '../index.js';
import { ObservableValue } from '../shared/observable.js';
import { SharedUse } from './shared-use.js';
import type { View } from './view.js';

/** The presence of the room's own user, as long as somebody uses it. */
export class Entry {
  /** Why the user could not be shown as present. */
  readonly error: View<ChatError | undefined>;
  /** Enters with each join. The last one who goes takes the user away. */
  readonly use: () => () => void;
  readonly #room: ChatRoom;
  readonly #error = new ObservableValue<ChatError | undefined>(undefined);
  #data: JsonObject | undefined;
  #isOpen = false;

  constructor(room: ChatRoom) {
    const error = this.#error;
    this.#room = room;
    this.error = {
      get: () => error.get(),
      subscribe: (listener) => error.subscribe(listener),
      empty: undefined,
    };
    this.use = new SharedUse(() => this.#open()).use;
  }

  /** Sets the data to be present with; the same data again tells nobody. */
  show(data: JsonObject | undefined): void {
    if (JSON.stringify(data) === JSON.stringify(this.#data)) return;
    this.#data = data;
    if (this.#isOpen) this.#enter();
  }

  #open(): () => void {
    const room = this.#room;
    // A lost connection ends nothing.
    const enter = (status: RoomStatus, previous: RoomStatus) => {
      if (status === 'joined' && previous !== 'reconnecting') this.#enter();
    };
    room.on('status', enter);
    this.#isOpen = true;
    this.#enter();
    return () => {
      room.off('status', enter);
      this.#isOpen = false;
      if (isIn(room)) room.presence.leave().catch(() => {});
    };
  }

  #enter(): void {
    const room = this.#room;
    if (!isIn(room)) return;
    room.presence.enter(this.#data).then(
      () => this.#error.set(undefined),
      (error: ChatError) => {
        if (isIn(room) && this.#isOpen) this.#error.set(error);
      },
    );
  }
}

function isIn({ status }: ChatRoom): boolean {
  return status === 'joined' || status === 'reconnecting';
}
