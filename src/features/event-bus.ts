import type { ChatUser, JsonObject } from '../messages/message.js';
import { MAX_FUTURE_MS } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import type { Clock } from '../shared/clock.js';
import { decodeEvent, encodeEvent, type RoomEvent } from './room-event.js';

/** Typed events of a room, live only. */
export interface EventBus {
  /** Publishes an event once. Rejects with a ChatError when it was not acknowledged. */
  send(type: string, data: JsonObject): Promise<void>;
  /** Calls `listener` with each event of this type. The returned function ends that. */
  on(type: string, listener: (event: RoomEvent) => void): () => void;
}

/** An item of the topic of events. */
export interface EventItem {
  value: unknown;
  publisherId?: string | undefined;
}

export interface EventBusOptions {
  /** Opens the subscription; the returned function closes it. */
  open(onItem: (item: EventItem) => void): () => void;
  publish(payload: string): Promise<void>;
  nextId(): string;
  author(): ChatUser;
  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean;
  clock: Pick<Clock, 'now'>;
  /** Called when something came that is not an event. */
  onMalformed(payload: unknown): void;
}

/** How many ids are remembered, to tell own events and events that come twice. */
const REMEMBERED = 500;

/** Sends and receives the events of a room. The first listener opens the subscription, the last one closes it. */
export class RoomEventBus implements EventBus {
  readonly #options: EventBusOptions;
  readonly #listeners = new Map<string, Set<(event: RoomEvent) => void>>();
  readonly #sent = new RecentSet(REMEMBERED);
  readonly #seen = new RecentSet(REMEMBERED);
  #active = false;
  #close: (() => void) | undefined;

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  async send(type: string, data: JsonObject): Promise<void> {
    const id = this.#options.nextId();
    const payload = encodeEvent({ id, type, user: this.#options.author(), data });
    this.#sent.add(id);
    await this.#options.publish(payload);
  }

  on(type: string, listener: (event: RoomEvent) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    // One entry for each call, also of the same function.
    const entry = (event: RoomEvent) => listener(event);
    listeners.add(entry);
    this.#listeners.set(type, listeners);
    this.#update();
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && this.#listeners.get(type) === listeners) this.#listeners.delete(type);
      this.#update();
    };
  }

  /** The room is joined: whoever listens hears events from now on. */
  start(): void {
    this.#active = true;
    this.#update();
  }

  /** The room is left. Listeners stay, for the next join. */
  stop(): void {
    this.#active = false;
    this.#update();
  }

  #update(): void {
    const wanted = this.#active && this.#listeners.size > 0;
    if (wanted) this.#close ??= this.#options.open((item) => this.#onItem(item));
    else {
      this.#close?.();
      this.#close = undefined;
    }
  }

  #onItem({ value, publisherId }: EventItem): void {
    const decoded = decodeEvent(value);
    const { clock, isOwn, onMalformed } = this.#options;
    if (decoded === undefined || decoded.sentAt.getTime() > clock.now() + MAX_FUTURE_MS) {
      onMalformed(value);
      return;
    }
    if (!this.#seen.add(decoded.id)) return;
    const listeners = this.#listeners.get(decoded.type);
    if (listeners === undefined) return;
    const event: RoomEvent = {
      ...decoded,
      own: this.#sent.has(decoded.id) || isOwn(decoded.user, publisherId),
      ...(publisherId === undefined ? {} : { verifiedUserId: publisherId }),
    };
    for (const listener of [...listeners]) listener(event);
  }
}
