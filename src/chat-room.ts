import type { PresenceFace, Read } from './features/faces.js';
import type { FileStore } from './features/file-store.js';
import type { SearchProgress, SearchResults } from './features/message-search.js';
import type { EditOptions } from './features/revision.js';
import type { SignalOptions } from './features/signals.js';
import type { RoomTyping } from './features/typing.js';
import type { JsonObject, Message } from './messages/message.js';
import type { ChatThread } from './room/chat-thread.js';
import type { FeatureMap } from './room/feature-map.js';
import type { FeatureName } from './room/feature-name.js';
import { NO_MESSAGES } from './room/joinable-room.js';
import { type FeatureAccess, lazyFeature } from './room/lazy-feature.js';
import { MessageRoom } from './room/message-room.js';
import type { ChatError } from './shared/errors.js';

/** The room itself, whatever way it takes to Momento. Each entry of the package exports it as its `ChatRoom`. */
export class BaseRoom extends MessageRoom {
  /**
   * The people in the room. The first look at it, or the first listener of `presence`, starts it; nobody needs to enter
   * for that.
   */
  readonly presence: PresenceFace = lazyFeature<PresenceFace>(
    this.#access('presence', 'use presence'),
    { members: [], count: 0, connections: 0 },
    ['enter', 'update', 'leave'],
  );
  /** Which messages the user and others have read. The first look at it, or the first listener of `read`, starts it. */
  readonly read: Read = lazyFeature<Read>(
    this.#access('read', 'use read marks'),
    {
      unread: { count: 0, mentions: 0, capped: false },
      receipts: new Map(),
      everyoneReadUpTo: undefined,
    },
    ['mark', 'markUnread'],
  );

  /** Files that messages refer to. */
  readonly files: FileStore = lazyFeature(this.#access('files', 'use files'), {}, ['upload', 'download']);

  /**
   * Tells everybody who listens in the room now: for what matters this moment only, such as a cursor or a dice. Signals are
   * not stored and not sent again; while the room is `reconnecting` they are dropped.
   *
   * `type`: 1 to 64 characters. `data`: a JSON object of at most 3 KB. With `coalesce` of several in a row the last one is sent.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `message-too-large`, `not-joined`, `network` (it was dropped), or
   * whatever made it fail.
   *
   * @example
   * ```ts
   * room.on('signal', ({ type, data, user }) => type === 'dice' && show(`${user.name} rolled ${data.pips}`));
   * await room.signal('dice', { pips: 4 });
   * ```
   */
  async signal(type: string, data: JsonObject, options?: SignalOptions): Promise<void> {
    // In the turn of the call where its code is there: an app that uses one object for all goes on to change it.
    const action = 'send the signal';
    const signals = this.joined(action).features?.running('signals');
    return (signals ?? (await this.#feature('signals', action))).send(type, data, options);
  }

  /**
   * The thread under a message; the thread that a reply is in, for a reply. Nothing is loaded until it is used. Needs an
   * earlier `join()`.
   *
   * Throws a {@link ChatError}: `not-joined`, `feature-disabled`, or `invalid-argument` when `rootId` is not the id of a
   * message.
   */
  thread(rootId: string): ChatThread {
    const action = 'open the thread';
    return (this.runtime ?? this.joined(action)).featuresTo(action).threads.get(rootId);
  }

  /**
   * Loads up to `count` messages (default 50) around one, for a quote, a search hit or a link: as they are shown, oldest
   * first, without adding them to `messages`. Resolves with an empty array when it is no longer stored.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, `feature-disabled`, or what made the reading fail.
   */
  async loadAround(id: string, count?: number): Promise<readonly Message[]> {
    return (await this.#feature('search', 'load messages around it')).around(id, count);
  }

  /**
   * Looks for a text in what is stored of the room, newest first, page by page as it is asked for: as it was edited, and
   * never in what was deleted or in threads. Case and accents make no difference. Nothing older than storage holds is
   * found; `reachedEnd` and `reached` of the result say how far it looked.
   *
   * Iterating throws a {@link ChatError}: `invalid-argument`, `not-joined`, `feature-disabled`, `closed` (cancelled), or
   * what made the reading fail.
   *
   * @example
   * ```ts
   * const hits = room.search('deploy');
   * for await (const message of hits) show(message);
   * if (hits.reachedEnd) say(`Searched back to ${hits.reached}`);
   * ```
   */
  search(query: string, options?: { signal?: AbortSignal | undefined }): SearchResults {
    const use = () => this.#feature('search', 'search the room');
    const results: SearchProgress & SearchResults = {
      reachedEnd: false,
      reached: undefined,
      async *[Symbol.asyncIterator]() {
        yield* (await use()).find(query, options, results);
      },
    };
    return results;
  }

  /**
   * Changes the text of an own message, and its `meta` and `mentions` where they are given. Parts and keys that are not
   * named stay; `null` removes a key of `meta`, `[]` all mentions. Reply link, files and thread are fixed. Resolves
   * with the message as it is shown once the change is stored. Of two edits the later one counts, on all clients. As long as
   * nothing of the message can have left, what will be sent is changed.
   *
   * Rejects with a {@link ChatError}: `permission-denied` (the message is somebody else's), `invalid-argument` (the text is
   * blank, the message was deleted or not sent, or is not stored), `message-too-large`, `not-joined`, or whatever made it fail.
   *
   * @example
   * ```ts
   * await room.edit(message.id, 'See you at eleven', { meta: { urgent: null } });
   * ```
   */
  async edit(id: string, text: string, options?: EditOptions): Promise<Message> {
    return (await this.#feature('revisions', 'edit the message')).edit(id, text, options);
  }

  /**
   * Deletes a message: on all clients and in storage its text is gone, and what is shown is one with `deletedAt` and without
   * text. It wins over every edit, and deleting again does nothing. A message that could not be sent is discarded, and one of
   * which nothing can have left is never seen by anybody: its `send()` rejects with `closed`. Anybody
   * in the room may delete, unless `mayDelete` says otherwise.
   *
   * Rejects with a {@link ChatError}: `permission-denied` (`mayDelete` refuses), `invalid-argument`, `not-joined`, or
   * whatever made it fail.
   */
  async delete(id: string): Promise<void> {
    const action = 'delete the message';
    // A failed message of a room that was left is discarded all the same.
    return (this.runtime ?? this.joined(action)).delete(id, action, () => this.joined(action));
  }

  /**
   * The pinned messages, the newest pin first; at most 50, and none that was deleted. Empty until a listener of `pins`, `pin()`
   * or `unpin()` made the room read them. The same array until something changes.
   */
  get pinned(): readonly Message[] {
    return this.runtime?.features?.running('pins')?.pinned ?? NO_MESSAGES;
  }

  /**
   * Pins a message for everybody. Resolves once that is stored.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` (the message is not stored or was deleted, or 50 are pinned),
   * `not-joined`, or whatever made it fail.
   */
  async pin(id: string): Promise<void> {
    return (await this.#feature('pins', 'pin the message')).pin(id);
  }

  /**
   * Takes a pin back, whoever set it. Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, or whatever made it
   * fail.
   */
  async unpin(id: string): Promise<void> {
    return (await this.#feature('pins', 'unpin the message')).unpin(id);
  }

  /** The others who are writing, and the user's own part in it. The first call or listener of `typing` starts it. */
  readonly typing: RoomTyping = lazyFeature<RoomTyping>(
    this.#access('typing', 'tell who writes'),
    { users: [], many: false },
    ['keystroke', 'stop'],
    true,
  );

  /**
   * Adds the room's own user's reaction to a message. It shows at once as `mine`, and goes again with a rejection when it
   * could not be stored. Doing it twice is doing it once; of several changes in a row the last one counts. A message that is
   * being sent is waited for.
   *
   * `emoji`: one emoji of at most 64 bytes, or text of up to 32 characters without space, such as `:+1:`. "❤" and "❤️" are
   * the same, skin tones are not.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` (no emoji; the message is not in memory, failed or deleted; it has
   * 50 different ones), `not-joined`, `feature-disabled`, `closed`, or whatever made it fail.
   *
   * @example
   * ```ts
   * const { mine } = message.reactions.find(({ emoji }) => emoji === '👍') ?? { mine: false };
   * await (mine ? room.unreact(message.id, '👍') : room.react(message.id, '👍'));
   * ```
   */
  async react(id: string, emoji: string): Promise<void> {
    return (await this.#feature('reactions', 'add the reaction')).add(id, emoji);
  }

  /** Removes the room's own user's reaction; see {@link react}. Without such a reaction it does nothing. */
  async unreact(id: string, emoji: string): Promise<void> {
    return (await this.#feature('reactions', 'remove the reaction')).remove(id, emoji);
  }

  /** The feature, loaded on its first use. */
  async #feature<Name extends FeatureName>(name: Name, action: string): Promise<FeatureMap[Name]> {
    return this.joined(action).featuresTo(action).use(name);
  }

  #access<Name extends FeatureName>(name: Name, action: string): FeatureAccess<FeatureMap[Name]> {
    return {
      running: () => this.runtime?.features?.running(name),
      use: () => this.#feature(name, action),
    };
  }

  protected override listenerAdded(): void {
    this.runtime?.listened();
  }
}
