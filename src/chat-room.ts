import type { RoomTyping } from './features/typing.js';
import type { JsonObject } from './messages/message.js';
import type { ChatRoomEvents } from './room/events.js';
import type { FeatureMap, FeatureName } from './room/feature-map.js';
import { type FeatureAccess, lazyFeature } from './room/lazy-feature.js';
import { MessageRoom } from './room/message-room.js';
import type { RoomFeatures } from './room/room-features.js';
import { ChatError } from './shared/errors.js';

/** The room itself, whatever way it takes to Momento. Each entry of the package exports it as its `ChatRoom`. */
export class BaseRoom extends MessageRoom {
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
