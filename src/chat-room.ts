import type { PresenceFace, Read } from './features/faces.js';
import type { EditOptions } from './features/revision.js';
import type { RoomTyping } from './features/typing.js';
import type { JsonObject, Message } from './messages/message.js';
import type { ChatRoomEvents } from './room/events.js';
import type { FeatureMap, FeatureName } from './room/feature-map.js';
import { type FeatureAccess, lazyFeature } from './room/lazy-feature.js';
import { MessageRoom } from './room/message-room.js';
import type { RoomFeatures } from './room/room-features.js';
import { ChatError } from './shared/errors.js';

const NO_PINS: readonly Message[] = [];

/** The room itself, whatever way it takes to Momento. Each entry of the package exports it as its `ChatRoom`. */
export class BaseRoom extends MessageRoom {
  /** Who is in the room. The first look at it, or the first listener of `presence`, starts it; nobody needs to enter for that. */
  readonly presence: PresenceFace = lazyFeature<PresenceFace>(
    this.access('presence', 'use the presence'),
    { members: [], count: 0, connections: 0 },
    { async: ['enter', 'update', 'leave'] },
    { started: true },
  );
  /** Which messages the user and others have read. The first look at it, or the first listener of `read`, starts it. */
  readonly read: Read = lazyFeature<Read>(
    this.access('read', 'use what was read'),
    {
      unread: { count: 0, mentions: 0, capped: false },
      receipts: new Map(),
      everyoneReadUpTo: undefined,
    },
    { async: ['mark', 'markUnread'] },
    { started: true },
  );

  /**
   * Tells everybody who listens in the room now: for what matters this moment only, such as a cursor or a dice. Signals are
   * not stored and not sent again; while the room is `reconnecting` they are dropped.
   *
   * `type`: 1 to 64 characters. `data`: a JSON object of at most 3 KB.
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
  async signal(type: string, data: JsonObject): Promise<void> {
    await (await this.#feature('signals', 'send the signal')).send(type, data);
  }

  /**
   * Changes the text of an own message, and its `meta` and `mentions` where they are given. What is not named stays; `null`
   * removes a key of `meta`, `[]` all mentions. Reply link, files and thread are fixed. Resolves with the message as it is
   * shown once the change is stored. Of two edits the later one counts, on all clients.
   *
   * Rejects with a {@link ChatError}: `permission-denied` (the message is somebody else's), `invalid-argument` (the text is
   * blank, the message was deleted or not sent, or is not stored), `message-too-large`, `not-joined`, or whatever made it fail.
   *
   * @example
   * ```ts
   * await room.edit(message.id, 'See you at eleven', { meta: { urgent: null } });
   * ```
   */
  async edit(id: string, text: string, options: EditOptions = {}): Promise<Message> {
    return (await this.#feature('revisions', 'edit the message')).edit(id, text, options);
  }

  /**
   * Deletes a message: on all clients and in storage its text is gone, and what is shown is one with `deletedAt` and without
   * text. It wins over every edit, and deleting again does nothing. A message that could not be sent is discarded. Anybody
   * in the room may delete, unless `mayDelete` says otherwise.
   *
   * Rejects with a {@link ChatError}: `permission-denied` (`mayDelete` refuses), `invalid-argument`, `not-joined`, or
   * whatever made it fail.
   */
  async delete(id: string): Promise<void> {
    const failed = this.runtime?.core.timeline.get(id)?.status === 'failed';
    if (!failed) return (await this.#feature('revisions', 'delete the message')).delete(id);
    this.discard(id);
    // It may have been published or stored all the same.
    await this.runtime?.features?.use('revisions').then(
      (writer) => void writer.bury(id).catch(() => {}),
      () => {},
    );
  }

  /**
   * The pinned messages, the newest pin first; at most 50, and none that was deleted. Empty until a listener of `pins`, `pin()`
   * or `unpin()` made the room read them. The same array until something changes.
   */
  get pinned(): readonly Message[] {
    return this.runtime?.features?.running('pins')?.pinned ?? NO_PINS;
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

  /** Takes a pin back, whoever set it. Rejects with a {@link ChatError}: `not-joined`, or whatever made it fail. */
  async unpin(id: string): Promise<void> {
    return (await this.#feature('pins', 'unpin the message')).unpin(id);
  }

  /** Who else is writing, and the room's own user's part in that. The first call or listener of `typing` starts it. */
  readonly typing: RoomTyping = lazyFeature<RoomTyping>(
    this.access('typing', 'tell who is writing'),
    { users: [], many: false },
    { quiet: ['keystroke', 'stop'] },
  );

  /**
   * Adds the room's own user's reaction to a message. It shows at once as `mine`, and goes again with a rejection when it
   * could not be stored. Doing it twice is doing it once; of several changes in a row the last one counts.
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
    await (await this.#feature('reactions', 'add the reaction')).add(id, emoji);
  }

  /** Removes the room's own user's reaction; see {@link react}. Without such a reaction it does nothing. */
  async unreact(id: string, emoji: string): Promise<void> {
    await (await this.#feature('reactions', 'remove the reaction')).remove(id, emoji);
  }

  /** The feature, loaded on its first use. */
  async #feature<Name extends FeatureName>(name: Name, action: string): Promise<FeatureMap[Name]> {
    return this.#features(action).use(name);
  }

  /** Throws a ChatError `not-joined` or `feature-disabled`. */
  #features(action: string): RoomFeatures {
    const { features } = this.joined(action);
    if (features !== undefined) return features;
    throw new ChatError('feature-disabled', `unable to ${action}; the room was made with \`events: false\``);
  }

  /** For a {@link lazyFeature}. */
  protected access<Name extends FeatureName>(name: Name, action: string): FeatureAccess<FeatureMap[Name]> {
    return {
      running: () => this.runtime?.features?.running(name),
      use: () => this.#feature(name, action),
    };
  }

  protected override listenersChanged(): void {
    for (const event of this.eventNames()) this.runtime?.features?.listened(event as keyof ChatRoomEvents);
  }
}
