import type { ChatError } from '../shared/errors.js';
import type { LossReason } from '../sync/subscription.js';
import type { ChatRoomEvents } from './events.js';
import type { Emit } from './feature-map.js';
import type { RoomLog } from './room-log.js';

/** The side of the room that stands on the page before anything is loaded. */
export interface RoomFace {
  emit: Emit;
  /** The events that somebody listens for: an app may give any name. */
  events(): (keyof ChatRoomEvents)[];
  /** Ids of users whom the app does not show. */
  readonly hidden: Set<string>;
  /** The stream of a joined room was lost, or is back. */
  turned(status: 'joined' | 'reconnecting', reason: 'recovered' | LossReason): void;
  /** The room cannot go on. */
  failed(error: ChatError): void;
  /** Writes to the log, where the app gave a logger. */
  write(line: (log: RoomLog) => void): void;
}
