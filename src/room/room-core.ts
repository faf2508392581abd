import { MessageSender } from '../delivery/message-sender.js';
import type { OutboxTransport } from '../delivery/outbox.js';
import type { SendGate } from '../delivery/send-gate.js';
import type { SendPolicy } from '../delivery/send-policy.js';
import { History, type Stretch } from '../history.js';
import type { CaughtUp } from '../messages/caught-up.js';
import { FutureBound } from '../messages/future-bound.js';
import { contentHash } from '../messages/hash.js';
import type { FetchList } from '../messages/list-window.js';
import { MalformedReports } from '../messages/malformed.js';
import type { ChatUser, JsonObject, Message, SendExtras } from '../messages/message.js';
import type { MessageIds } from '../messages/message-id.js';
import { TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import { type Incoming, type IsOwn, MessageReceiver, type Received } from '../messages/receiver.js';
import { RecentSet } from '../messages/recent-set.js';
import { Timeline } from '../messages/timeline.js';
import type { AllGiven } from '../shared/all-given.js';
import type { Scheduler } from '../shared/clock.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import { inTurn } from '../shared/in-turn.js';
import type { Count } from '../shared/stats.js';
import type { HistoryOptions } from './options.js';

/** Told of everything that happens to the messages. */
export interface RoomCoreSink {
  /** First sight of a message that is no page of history. */
  message(message: Message): void;
  update(message: Message): void;
  /** A page of history was added, oldest first. */
  history(page: readonly Message[]): void;
  /** `messages` has a new value. */
  change(): void;
  gap(caughtUp: CaughtUp): void;
  error(error: ChatError): void;
  /** The list must be read again: only it can tell what an item was. */
  needsResync(): void;
  /** A call could not reach the service. */
  unreachable(): void;
}

export interface RoomCoreOptions {
  /** The name that messages are given as their room. */
  room: string;
  history: AllGiven<HistoryOptions>;
  maxMessageBytes: number;
  retry: AllGiven<SendPolicy>;
  gate: SendGate;
  count?: Count | undefined;
  /** Its wall clock is set right by what the token says of the server's. */
  clock: Scheduler;
  ids: MessageIds;
  calls: OutboxTransport & { fetch: FetchList };
  author(): ChatUser;
  /** Whether somebody is the room's own user; see `FeatureHost.isOwn`. */
  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** The identity inside the token, where there is one. */
  tokenUserId(): string | undefined;
  /** Reads what is to be known of messages before they are shown. */
  beforeShow?: ((ids: readonly string[]) => Promise<void>) | undefined;
  /** Gives what leaves messages out of those that are shown. */
  filter: Timeline['filter'];
  sink: RoomCoreSink;
}

/** Messages of one room or thread: those in memory, those received, those stored and those sent, wired once. */
export class RoomCore {
  readonly timeline: Timeline;
  readonly malformed: MalformedReports;
  /** The part that sends. */
  readonly sender: MessageSender;
  /** Reads what is to be known of messages; see {@link RoomCoreOptions}. */
  readonly beforeShow: RoomCoreOptions['beforeShow'];
  readonly #options: RoomCoreOptions;
  readonly #receiver: MessageReceiver;
  readonly #history: History;
  /** Ids of messages sent from here, as far as they may still come back. */
  readonly #sent: RecentSet;
  /** Messages discarded here, by id, and by id and text: one may turn out to be stored, and others know its id. */
  readonly #discarded: RecentSet;
  readonly #inTurn = inTurn();

  constructor(options: RoomCoreOptions) {
    const { room, clock, ids, sink } = options;
    const { maxStored, maxInMemory, pageSize } = options.history;
    this.#options = options;
    this.beforeShow = options.beforeShow;
    this.#sent = new RecentSet(maxStored);
    this.#discarded = new RecentSet(maxStored);
    this.timeline = new Timeline({
      limit: maxInMemory,
      maxStored,
      onChange: () => sink.change(),
      filter: options.filter,
    });
    this.malformed = new MalformedReports({
      clock,
      maxStored,
      tell: (why, count) => sink.error(malformedMessage(why, count)),
      count: options.count,
    });
    this.#receiver = new MessageReceiver({
      room,
      timeline: this.timeline,
      ids,
      scheduler: clock,
      maxBytes: Math.max(options.maxMessageBytes, TOPIC_PAYLOAD_BYTES),
      maxStored,
      isOwn: (message, publisherId) => this.#isOwn(message, publisherId),
      userId: () => options.author().id,
      future: new FutureBound(clock, () => sink.error(clockAhead())),
      malformed: this.malformed,
      count: options.count,
    });
    this.#receiver.fallBehind();
    this.#history = new History({
      fetch: async (start, end) => {
        const payloads = await options.calls.fetch(start, end);
        if (payloads !== undefined) this.sender.sawStored(payloads);
        return payloads;
      },
      beforeShow: options.beforeShow,
      onMissed: (caughtUp) => this.#tellOfMissed(caughtUp),
      receiver: this.#receiver,
      timeline: this.timeline,
      pageSize,
      maxStored,
      clock,
    });
    this.sender = new MessageSender({
      room,
      scheduler: clock,
      transport: options.calls,
      policy: options.retry,
      gate: options.gate,
      maxBytes: options.maxMessageBytes,
      ids,
      timeline: this.timeline,
      sent: this.#sent,
      onTrouble: () => sink.unreachable(),
      onGivenUp: () => sink.needsResync(),
      onRetry: () => options.count?.('retries'),
      tell: (event, message) => this.tell(event, message),
    });
  }

  get hasOlder(): boolean {
    return this.#history.hasOlder;
  }

  /** `given`: the message's id; default a new one. */
  async send(
    text: string,
    options: SendExtras & { meta?: JsonObject | undefined },
    given?: string,
  ): Promise<Message> {
    const { id, ...sent } = await this.sender.send(text, options, this.#options.author(), given);
    return this.timeline.shown(id) ?? { id, ...sent };
  }

  retry(id: string): Promise<Message> {
    return this.sender.retry(id);
  }

  /** Notes that the message was sent from here. */
  isFromHere(id: string): void {
    this.#sent.add(id);
  }

  /** @throws ChatError `invalid-argument` when it is no failed message, nor `unsent`. */
  discard(id: string, unsent?: boolean): void {
    const text = this.timeline.get(id)?.text ?? '';
    this.sender.discard(id, unsent);
    this.#discarded.add(id);
    this.#discarded.add(`${id} ${contentHash(text)}`);
  }

  /** Loads up to `count` older messages, one call after the other: two pages at once would be the same page. */
  async loadOlder(
    count: number = this.#options.history.pageSize,
    action = 'load older messages',
  ): Promise<readonly Message[]> {
    if (!Number.isSafeInteger(count) || count < 1)
      throw invalidArgument(action, 'the count must be a positive integer');
    const page = await this.#inTurn(() => this.#history.load(count));
    this.#options.sink.history(page);
    return page;
  }

  /** Reads the newest page the first time, and what was missed from then on. */
  async read(how: { doubted: boolean; expected: number }): Promise<CaughtUp> {
    const caughtUp = this.#receiver.catchUp();
    const read = await this.#read(how);
    caughtUp((received) => this.#take(received));
    return read;
  }

  async #read(how: { doubted: boolean; expected: number }): Promise<CaughtUp> {
    if (this.#history.started) return this.#history.catchUp(how);
    const page = await this.#history.load();
    this.#options.sink.history(page);
    const read = { filled: [], complete: this.#history.intact };
    if (!read.complete) this.#options.sink.gap(read);
    return read;
  }

  /** Reads a stretch of the list and adds nothing to memory. */
  peek(start: number, count: number): Promise<Stretch> {
    return this.#history.peek(start, count);
  }

  /** Takes an item that came live. */
  receive(item: Incoming): void {
    this.#options.count?.('received');
    this.sender.sawPublished(item.value, item.publisherId, this.#options.tokenUserId());
    this.#take(this.#receiver.receive(item));
  }

  /** Something was missed, or may have been: the list is going to be read. */
  fallBehind(): void {
    this.#receiver.fallBehind();
  }

  #take({ message, updated, needsResync }: Received): void {
    if (message !== undefined) this.#tellOfNew(message);
    if (updated !== undefined) this.tell('update', updated);
    if (needsResync) this.#options.sink.needsResync();
  }

  /** Shows a message anew. */
  refresh(id: string): void {
    if (this.timeline.refresh(id) !== undefined) this.tell('update', { id });
  }

  /** Rejects everything unsent with `closed`, and says why. */
  close(why: string): void {
    this.#history.end();
    this.#receiver.forget();
    this.sender.outbox.close(why);
  }

  #tellOfMissed(caughtUp: CaughtUp): void {
    this.#options.count?.('gapsFilled', caughtUp.filled.length);
    for (const message of caughtUp.filled) this.#tellOfNew(message);
    this.#options.sink.gap(caughtUp);
  }

  /** Tells of a message as new, unless it was sent from here: then it was told of before, discarded, and yet stored. */
  #tellOfNew(message: Message): void {
    this.tell(this.#sent.has(message.id) ? 'update' : 'message', message);
  }

  tell(event: 'message' | 'update', { id }: Pick<Message, 'id'>): void {
    const shown = this.timeline.shown(id);
    if (shown !== undefined && this.timeline.passes(shown)) this.#options.sink[event](shown);
  }

  #isOwn({ id, text, user }: Parameters<IsOwn>[0], verifiedUserId: string | undefined): boolean {
    // One that was discarded is gone from here: somebody else may have taken its id for words of theirs.
    const sent = !this.#discarded.has(id) || this.#discarded.has(`${id} ${contentHash(text)}`);
    return (this.#sent.has(id) && sent) || this.#options.isOwn(user, verifiedUserId);
  }
}

function clockAhead(): ChatError {
  return unable(
    'malformed-message',
    'be seen by the others',
    'by the clock of this device their messages are days old: it seems to be ahead',
  );
}

function malformedMessage(why: string, count: number): ChatError {
  return count === 1
    ? unable('malformed-message', 'read a message', why)
    : unable('malformed-message', `read ${count} messages`, `for each, ${why}`);
}
