import { compose } from '../messages/compose.js';
import type { JsonObject, Message, SendExtras } from '../messages/message.js';
import type { MessageIds } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import type { Timeline } from '../messages/timeline.js';
import { elapsedSince, type Instant, instant } from '../shared/clock.js';
import { invalidArgument } from '../shared/errors.js';
import { Outbox, type OutboxOptions } from './outbox.js';

export interface MessageSenderOptions extends OutboxOptions {
  room: string;
  maxBytes: number;
  ids: MessageIds;
  timeline: Timeline;
  /** Learns the ids of what is sent. */
  sent: RecentSet;
  /** A failed message came live after all. */
  onGivenUp(): void;
  /** Tells of an own message that is new, or has changed. */
  tell(event: 'message' | 'update', message: Message): void;
}

/** A room's own messages, from the first visit on: made, followed to their end, tried again, dropped (G3). */
export class MessageSender {
  readonly outbox: Outbox;
  readonly #options: MessageSenderOptions;
  readonly #timeline: Timeline;
  /** Ids of the messages that were sent again without being asked to: once is enough. */
  readonly #resumed = new RecentSet(100);
  /** When the list was last asked for what became of a failed message. */
  #asked: Instant | undefined;

  constructor(options: MessageSenderOptions) {
    this.outbox = new Outbox(options);
    this.#options = options;
    this.#timeline = options.timeline;
  }

  send(
    text: string,
    options: SendExtras & { meta?: JsonObject | undefined },
    user: Message['user'],
    id = this.#options.ids.next(),
  ): Promise<Message> {
    this.outbox.assertRoom();
    const { room, maxBytes, scheduler, sent, tell } = this.#options;
    const { message, payload } = compose(text, options, { id, room, user, now: scheduler.now(), maxBytes });
    sent.add(id);
    this.#timeline.addNewest(message);
    // It is on its way before the app is told, which may take its time to show it.
    const sending = this.outbox.send(id, payload);
    tell('message', message);
    return this.deliver(sending, message);
  }

  retry(id: string): Promise<Message> {
    const message = this.#failed(id, 'retry');
    this.outbox.assertRoom();
    const sending = this.outbox.retry(id);
    return this.deliver(sending, this.mark(message, 'sending'));
  }

  /** Drops a failed message, or one that is `unsent`. */
  discard(id: string, unsent?: boolean): void {
    if (!unsent) this.#failed(id, 'discard');
    this.outbox.discard(id);
    this.#timeline.remove(id);
  }

  /** Own messages may be among these payloads, which the list holds. */
  sawStored(payloads: readonly string[]): void {
    this.#saw('store', payloads);
  }

  /** This payload came live; where Momento vouches for somebody else, it is not proof that the own one was published. */
  sawPublished(payload: unknown, publisherId: string | undefined, userId: string | undefined): void {
    if (typeof payload !== 'string') return;
    if (publisherId !== undefined && userId !== undefined && publisherId !== userId) return;
    this.#saw('publish', [payload]);
    if (!this.outbox.gaveUp(payload)) return;
    // Another page sent it: the list tells the rest. It is read at once and once more after W, for all that come until then.
    const { scheduler, onGivenUp } = this.#options;
    if (this.#asked !== undefined && elapsedSince(this.#asked, scheduler) <= SETTLE_MS) return;
    this.#asked = instant(scheduler);
    onGivenUp();
  }

  /** A failed message may be at its place after all, or nearly: the outbox knows what is left to be done for G2. */
  #saw(step: 'publish' | 'store', payloads: readonly string[]): void {
    for (const id of this.outbox.saw(step, payloads)) {
      const message = this.#timeline.get(id);
      if (message?.status !== 'failed') continue;
      if (this.outbox.settled(id)) this.mark(message, 'sent');
      else if (this.#resumed.add(id))
        this.deliver(this.outbox.retry(id), this.mark(message, 'sending')).catch(() => {});
    }
  }

  /** Follows a message to its end and keeps the timeline in step with it. */
  async deliver(sending: Promise<void>, message: Message): Promise<Message> {
    try {
      await sending;
    } catch (error) {
      const current = this.#timeline.get(message.id);
      if (current?.status === 'sending') this.mark(current, 'failed');
      throw error;
    }
    const current = this.#timeline.get(message.id) ?? message;
    return current.status === 'sent' ? current : this.mark(current, 'sent');
  }

  /** Shows the message in this state. */
  mark(message: Message, status: Message['status']): Message {
    const marked: Message = { ...message, status };
    this.#timeline.replace(marked);
    this.#options.tell('update', marked);
    return marked;
  }

  #failed(id: string, what: string): Message {
    const message = this.#timeline.get(id);
    if (message?.status === 'failed') return message;
    throw invalidArgument(`${what} the message`, 'there is no failed one with this id');
  }
}
