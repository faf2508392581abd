import type { ChatUser, JsonObject } from '../messages/message.js';
import type { MessageIds } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import type { Clock } from '../shared/clock.js';
import { type Listeners, listeners } from '../shared/listeners.js';
import type { TopicItem } from '../transport/transport.js';
import { isFromFuture } from './from-future.js';
import { decodeEvent, encodeEvent, type RoomEvent } from './room-event.js';

/** Typed events of a room. They are live only: an event may be missed, never doubled. */
export interface EventBus {
  /** Publishes an event. Resolves with its id; rejects with a ChatError when it was not acknowledged. */
  send(type: string, data: JsonObject, options?: SendEventOptions): Promise<string>;
  /** Calls `listener` with each event of this type, one's own as well. The returned function ends that. */
  on(type: string, listener: (event: RoomEvent) => void): () => void;
}

export interface SendEventOptions {
  /** Completes "unable to …" in errors: the app did not ask for an event. Default "tell others of the change". */
  action?: string;
  /** Default: a new one of `FeatureHost.nextId()`. Give it where the same id stands in storage. */
  id?: string;
  /** Tries once, and not while the connection is lost. Default false: it is tried again, as a stored change is. */
  once?: boolean;
  /** It is to outlive the page, where the transport can do that. Implies `once`. Default false. */
  keepalive?: boolean;
  /** See `FeatureCall`. */
  late?: boolean;
}

export interface EventBusOptions {
  publish(payload: string, options: SendEventOptions & { action: string }): Promise<void>;
  ids: MessageIds;
  author(): ChatUser;
  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean;
  clock: Pick<Clock, 'now'>;
  /** Called when something came that is not an event. */
  onMalformed(payload: unknown): void;
}

const TELL = 'tell others of the change';
/** How many ids are remembered, to tell own events and events that come twice. */
const REMEMBERED = 1000;

/** Sends and receives the events of a room. */
export class RoomEventBus implements EventBus {
  readonly #options: EventBusOptions;
  readonly #listeners = new Map<string, Listeners<[event: RoomEvent], void>>();
  readonly #sent = new RecentSet(REMEMBERED);
  readonly #seen = new RecentSet(REMEMBERED);

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  async send(type: string, data: JsonObject, options: SendEventOptions = {}): Promise<string> {
    const { id = this.#options.ids.next(), action = TELL } = options;
    const payload = encodeEvent({ id, type, user: this.#options.author(), data }, action);
    this.#sent.add(id);
    await this.#options.publish(payload, { ...options, action });
    return id;
  }

  on(type: string, listener: (event: RoomEvent) => void): () => void {
    const ofType = this.#listeners.get(type) ?? listeners();
    this.#listeners.set(type, ofType);
    return ofType.add(listener);
  }

  /** Takes an item of the topic of events. */
  receive({ value, publisherId }: Pick<TopicItem, 'value' | 'publisherId'>): void {
    const decoded = decodeEvent(value);
    const { isOwn, onMalformed, ids } = this.#options;
    if (decoded === undefined || isFromFuture(this.#options, decoded.id)) {
      onMalformed(value);
      return;
    }
    // A member who reads of a change in storage could send something else under its id, before its author tells of it.
    if (!this.#seen.add(`${decoded.id} ${publisherId}`)) return;
    ids.observe(decoded.id);
    this.#listeners.get(decoded.type)?.tell({
      ...decoded,
      own: this.#sent.has(decoded.id) || isOwn(decoded.user, publisherId),
      ...(publisherId === undefined ? {} : { verifiedUserId: publisherId }),
    });
  }
}
