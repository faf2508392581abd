import type {
  ChatError,
  ChatRoom,
  ChatUser,
  JsonObject,
  Member,
  Message,
  RoomStatus,
  Signal,
  Unread,
} from '../index.js';
import { ReadMarker } from '../ui/read-marker.js';
import { type RoomActions, type RoomUi, uiOf } from '../ui/room-ui.js';
import type { View } from '../ui/view.js';
import { DraftText } from './draft-text.js';
import { tracked } from './tracked.js';

/**
 * A room as state of Svelte 5: what a template or an effect reads of it stays up to date. The room is joined when something is
 * first read there, unless the app has joined it, and left some three seconds after nothing is read any more.
 *
 * @example
 * ```svelte
 * <script>
 *   const lobby = new RoomState(new ChatRoom({ room: 'lobby', user, token: '/token' }));
 * </script>
 * {#each lobby.messages as message (message.id)}<p>{message.text}</p>{/each}
 * ```
 */
export class RoomState {
  readonly room: ChatRoom;
  /** The functions of the room; they need no `this`. */
  readonly actions: RoomActions;
  readonly draft: DraftText;
  readonly #ui: RoomUi;
  readonly #get: { readonly [Name in Tracked]: () => ViewValue<RoomUi[Name]> };

  constructor(room: ChatRoom) {
    const ui = uiOf(room);
    this.room = room;
    this.actions = ui.actions;
    this.draft = new DraftText(ui);
    this.#ui = ui;
    this.#get = {
      messages: tracked(ui.messages, ui.use),
      hasOlder: tracked(ui.hasOlder, ui.use),
      pinned: tracked(ui.pinned, ui.use),
      connection: tracked(ui.connection, ui.use),
      typing: tracked(ui.typing, ui.use),
      presence: tracked(ui.presence, ui.use),
      unread: tracked(ui.unread, ui.use),
      receipts: tracked(ui.receipts, ui.use),
    };
  }

  /** The messages in memory, oldest first. */
  get messages(): readonly Message[] {
    return this.#get.messages();
  }

  /** Whether storage held older messages than those in memory when it was last read. */
  get hasOlder(): boolean {
    return this.#get.hasOlder();
  }

  get pinned(): readonly Message[] {
    return this.#get.pinned();
  }

  get status(): RoomStatus {
    return this.#get.connection().status;
  }

  /** The last failure, until the room is joined again. */
  get error(): ChatError | undefined {
    return this.#get.connection().error;
  }

  /** The first ten of the others who are writing. */
  get typing(): readonly Readonly<ChatUser>[] {
    return this.#get.typing().users;
  }

  /** The people in the room: one for each user, the longest present first; the first 200. */
  get members(): readonly Member[] {
    return this.#get.presence().members;
  }

  /** How many users are in the room. */
  get memberCount(): number {
    return this.#get.presence().count;
  }

  /** The messages that the user has not read. */
  get unread(): Unread {
    return this.#get.unread();
  }

  /** The newest message that each user has read, by user id. */
  get receipts(): ReadonlyMap<string, string> {
    return this.#get.receipts();
  }

  /**
   * Shows the user as present until the returned function is called.
   *
   * @example
   * ```ts
   * $effect(() => lobby.enter({ status }));
   * ```
   */
  enter(data?: JsonObject): () => void {
    this.#ui.entry.show(data);
    return this.#ui.entry.use();
  }

  /**
   * Marks messages as read while an element is seen: the one with that id and those before it; without an id all of them, for
   * an element at the end of the list.
   *
   * @example
   * ```svelte
   * <div {@attach lobby.markRead()}></div>
   * ```
   */
  markRead(id?: string): (element: Element) => () => void {
    return (element) => {
      const marker = new ReadMarker(this.#ui, () => id);
      marker.observe(element);
      return () => marker.observe(null);
    };
  }

  /** Calls `listener` with each signal of that type. The returned function ends that: give it back from an `$effect`. */
  onSignal(type: string, listener: (signal: Signal) => void): () => void {
    return this.#ui.onSignal(type, listener);
  }
}

type Tracked =
  | 'messages'
  | 'hasOlder'
  | 'pinned'
  | 'connection'
  | 'typing'
  | 'presence'
  | 'unread'
  | 'receipts';

type ViewValue<V> = V extends View<infer T> ? T : never;
