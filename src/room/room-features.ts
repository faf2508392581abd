import { type EventBusOptions, type EventItem, RoomEventBus } from '../features/event-bus.js';
import { onSignal, type Signal, sendSignal } from '../features/signals.js';
import type { JsonObject } from '../messages/message.js';

/** What a room can do beside messages. It costs nothing until it is used. */
export class RoomFeatures {
  readonly #bus: RoomEventBus;
  readonly #onSignal: (signal: Signal) => void;
  #open: EventBusOptions['open'] | undefined;
  #endSignals: (() => void) | undefined;

  constructor(
    options: Omit<EventBusOptions, 'open'> & {
      /** Called with each signal while they are wanted. */
      onSignal: (signal: Signal) => void;
    },
  ) {
    this.#onSignal = options.onSignal;
    this.#bus = new RoomEventBus({
      ...options,
      open: (onItem: (item: EventItem) => void) => this.#open?.(onItem) ?? (() => {}),
    });
  }

  /** The room is joined; `open` subscribes to its topic of events. */
  start(open: EventBusOptions['open']): void {
    this.#open = open;
    this.#bus.start();
  }

  stop(): void {
    this.#bus.stop();
    this.#open = undefined;
  }

  /** Whether anybody listens for signals. */
  wantSignals(wanted: boolean): void {
    if (wanted) this.#endSignals ??= onSignal(this.#bus, this.#onSignal);
    else {
      this.#endSignals?.();
      this.#endSignals = undefined;
    }
  }

  signal(type: string, data: JsonObject): Promise<void> {
    return sendSignal(this.#bus, type, data);
  }
}
