import type { PresenceFace, Read } from './features/faces.js';
import type { JsonObject } from './messages/message.js';
import type { ChatRoomEvents } from './room/events.js';
import type { FeatureMap, FeatureName } from './room/feature-map.js';
import { type FeatureAccess, lazyFeature } from './room/lazy-feature.js';
import { MessageRoom } from './room/message-room.js';
import type { RoomFeatures } from './room/room-features.js';
import { ChatError } from './shared/errors.js';

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
