import type { ChatUser } from '../messages/message.js';
import type { ChatError } from '../shared/errors.js';
import type { LossReason } from '../sync/subscription.js';
import type { ChatRoomEvents } from './events.js';
import type { Emit } from './feature-map.js';

/** The side of the room that stands on the page before anything is loaded. */
export interface RoomFace {
  emit: Emit;
  /** The events that somebody listens for: an app may give any name. */
  events(): (keyof ChatRoomEvents)[];
  /** `messages` has a new value. */
  change(): void;
  /** Whether the app hides this user. */
  hides(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** The stream of a joined room was lost. */
  lost(reason: LossReason): void;
  recovered(): void;
  /** The room cannot go on. */
  failed(error: ChatError): void;
  /** A call is being made; `monotonic` reads a clock (milliseconds). */
  called(rpc: string, call: Promise<unknown>, monotonic: () => number): void;
}
