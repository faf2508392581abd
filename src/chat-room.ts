import type { MessageSender } from './delivery/message-sender.js';
import { History } from './history.js';
import type { CaughtUp } from './messages/caught-up.js';
import { TOPIC_PAYLOAD_BYTES } from './messages/codec.js';
import { assertText } from './messages/compose.js';
import { FutureBound } from './messages/future-bound.js';
import { contentHash } from './messages/idless.js';
import { MalformedReports } from './messages/malformed.js';
import type { Jsonable, JsonObject, Message } from './messages/message.js';
import { MessageIds } from './messages/message-id.js';
import { type IsOwn, MessageReceiver } from './messages/receiver.js';
import { RecentSet } from './messages/recent-set.js';
import { Timeline } from './messages/timeline.js';
import type { ChatRoomEvents, RoomStatus, StatusReason } from './room/events.js';
import { type ChatRoomOptions, type ResolvedOptions, resolveOptions } from './room/options.js';
import type { RoomCalls } from './room/room-calls.js';
import type { RoomFeatures } from './room/room-features.js';
import type { Runtime } from './room/runtime.js';
import type { Scheduler } from './shared/clock.js';
import { Emitter } from './shared/emitter.js';
import { ChatError, invalidArgument } from './shared/errors.js';
import { eventsTopic, messagesTopic } from './shared/room-address.js';
import type { RoomSync } from './sync/room-sync.js';
import type { TopicItem } from './transport/transport.js';

/** One stay in the room, from join to leave. */
interface Stay {
  /** The app ended it by `leave()`. */
  left: boolean;
}

/** The room itself, whatever way it takes to Momento. Each entry of the package exports it as its `ChatRoom`. */
export class BaseRoom extends Emitter<ChatRoomEvents> {
  /** The room's name. */
  readonly room: string;
  readonly #options: ResolvedOptions;
  readonly #loadRuntime: () => Promise<Runtime>;
  readonly #now: () => number;
  readonly #ids: MessageIds;
  readonly #timeline: Timeline;
  readonly #malformed: MalformedReports;
  readonly #inbox: MessageReceiver;
  readonly #history: History;
  /** From the first visit on. */
  #calls: RoomCalls | undefined;
  /** From the first visit on. */
  #sending: MessageSender | undefined;
  /** From the first visit on. */
  #features: RoomFeatures | undefined;
  /** Ids of what was sent from here, as far as they may still come back. */
  readonly #sent: RecentSet;
  /** What was discarded here, by id, and by id and words: it may turn out to be stored, and others know its id. */
  readonly #discarded: RecentSet;
  #status: RoomStatus = 'idle';
  #visit: RoomSync | undefined;
  /** The current one: what belongs to an earlier one is ignored. */
  #stay: Stay | undefined;
  #joining: Promise<void> | undefined;
  #loading: Promise<unknown> = Promise.resolve();
  #changeAnnounced = false;

  /** Each entry of the package gives its own `loadRuntime`, which says how to reach Momento. */
  constructor(options: ChatRoomOptions, loadRuntime: () => Promise<Runtime>) {
    super();
    this.#loadRuntime = loadRuntime;
    const resolved = resolveOptions(options);
    const { scheduler } = resolved;
    this.#options = resolved;
    this.room = resolved.room;
    this.#sent = new RecentSet(resolved.history.maxStored);
    this.#discarded = new RecentSet(resolved.history.maxStored);
    // What others read, and what theirs is compared with, takes the server's word for the time once there is one.
    const now = () => this.#visit?.now() ?? scheduler.now();
    const clock: Scheduler = {
      now,
      monotonic: () => scheduler.monotonic(),
      random: () => scheduler.random(),
      after: (ms, task) => scheduler.after(ms, task),
    };
    this.#now = now;
    this.#ids = new MessageIds(clock);
    this.#timeline = new Timeline({
      limit: resolved.history.maxInMemory,
      maxStored: resolved.history.maxStored,
      onChange: () => this.#announceChange(),
    });
    this.#malformed = new MalformedReports({
      clock: scheduler,
      maxStored: resolved.history.maxStored,
      tell: (why, count) => this.emit('error', malformed(why, count)),
    });
    this.#inbox = new MessageReceiver({
      room: resolved.room,
      timeline: this.#timeline,
      ids: this.#ids,
      scheduler: clock,
      maxBytes: Math.max(resolved.maxMessageBytes, TOPIC_PAYLOAD_BYTES),
      maxStored: resolved.history.maxStored,
      isOwn: (message, publisherId) => this.#isOwn(message, publisherId),
      future: new FutureBound(clock),
      malformed: this.#malformed,
    });
    this.#history = new History({
      fetch: async (start, end) => {
        const payloads = await this.#calls?.fetch(start, end);
        if (payloads !== undefined) this.#sending?.sawStored(payloads);
        return payloads;
      },
      inbox: this.#inbox,
      timeline: this.#timeline,
      pageSize: resolved.history.pageSize,
      maxStored: resolved.history.maxStored,
      clock: scheduler,
    });
  }

  /** The room's name, the same as `room`. */
  get name(): string {
    return this.room;
  }

  /** Where the room stands. */
  get status(): RoomStatus {
    return this.#status;
  }

  /** The messages in memory, oldest first. The same array until something changes, then a new one. */
  get messages(): readonly Message[] {
    return this.#timeline.snapshot;
  }

  /** Whether older messages are stored than the ones in memory, as of the last reading of the history. */
  get hasOlder(): boolean {
    return this.#history.hasOlder;
  }

  /**
   * Subscribes and loads the newest page of history; after an earlier visit it loads what was missed instead.
   * Calls while it is under way share it; in a joined room it does nothing. Token, subscription and history are each
   * tried for some 15 seconds before it gives up. The room may be `reconnecting` when it resolves.
   *
   * Rejects with a {@link ChatError}: `token-unavailable`, `unauthenticated`, `permission-denied`,
   * `cache-not-found`, `rate-limited`, `timeout`, `network`, `server`, `invalid-argument` (the name of the cache, a
   * relative token URL where there is no page, a `token` where there is no XMLHttpRequest), what a token function threw,
   * or `closed` when the session was closed. When `leave()` comes between it resolves, and `status` is not `joined`: a
   * component that unmounts has nothing to catch.
   */
  join(): Promise<void> {
    if (this.#status === 'joined' || this.#status === 'reconnecting') return Promise.resolve();
    if (this.#joining !== undefined) return this.#joining;
    const stay = { left: false };
    this.#stay = stay;
    const joining = this.#enter(stay);
    this.#joining = joining;
    // Told last: who hears of it may join or leave at once.
    this.#setStatus('joining', 'join');
    return joining;
  }

  /**
   * Releases everything: no timer, socket or listener of the library survives. What was not sent fails with
   * `closed` and stays in `messages`; `join()` may follow.
   */
  async leave(): Promise<void> {
    if (this.#stay !== undefined) this.#stay.left = true;
    const released = this.#release();
    if (this.#status !== 'idle') this.#setStatus('left', 'leave');
    await released;
  }

  /**
   * Sends a message. It is in `messages` at once, as `sending`; resolves with it once it is published *and* stored.
   * When it cannot be sent it is `failed`, stays in `messages`, and {@link retry} sends it again. One of which only the
   * answers were lost becomes `sent` (`update`) once it was seen to be published and stored.
   *
   * Rejects with a {@link ChatError}: at once with `invalid-argument` (empty or blank text, `meta` that is not
   * JSON), `message-too-large` (over `maxMessageBytes`, in bytes of UTF-8 once encoded), `not-joined` or
   * `rate-limited` (too many are waiting); later with whatever made it fail.
   *
   * @example
   * ```ts
   * await room.send('See you at ten', { meta: { replyTo: message.id } });
   * ```
   */
  async send<Meta extends object = JsonObject>(
    text: string,
    options: { meta?: (Meta & Jsonable<Meta>) | undefined } = {},
  ): Promise<Message> {
    assertText(text);
    const { sending } = this.#assertJoined('send the message');
    return sending.send(text, options.meta as JsonObject | undefined, this.#author());
  }

  /**
   * Sends a failed message again, with the same id and the same bytes.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` when `id` is not that of a failed message, `not-joined`,
   * `rate-limited` (too many are waiting), or whatever made it fail again.
   */
  async retry(id: string): Promise<Message> {
    return this.#assertJoined('retry the message').sending.retry(id);
  }

  /**
   * Drops a failed message.
   *
   * @throws {@link ChatError} `invalid-argument` when `id` is not that of a failed message.
   */
  discard(id: string): void {
    const sending = this.#sending;
    if (sending === undefined) throw invalidArgument('discard the message', 'nothing was sent from here');
    const text = this.#timeline.get(id)?.text ?? '';
    sending.discard(id);
    this.#discarded.add(id);
    this.#discarded.add(`${id} ${contentHash(text)}`);
  }

  /**
   * Loads up to `count` messages (default: `history.pageSize`) older than those in memory. When that makes more than
   * `history.maxInMemory`, the room keeps so many from then on; the oldest leave as new ones come, and can be loaded
   * again. Resolves with what it added, oldest first: an empty array when nothing older is stored.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, or whatever made the reading fail.
   */
  async loadOlder(count: number = this.#options.history.pageSize): Promise<readonly Message[]> {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw invalidArgument('load older messages', 'the count must be a positive integer');
    }
    this.#assertJoined('load older messages');
    // One after the other: two pages at once would be the same page.
    const loading = this.#loading.then(() => this.#history.load(count));
    this.#loading = loading.catch(() => {});
    const page = await loading;
    this.emit('history', page);
    return page;
  }

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
    const { visit } = this.#assertJoined('send the signal');
    if (visit.lost) throw new ChatError('network', 'unable to send the signal; the connection is lost');
    await this.#features?.signal(type, data);
  }

  protected override listenersChanged(): void {
    this.#features?.wantSignals(this.listenerCount('signal') > 0);
  }

  async #enter(stay: Stay): Promise<void> {
    try {
      const runtime = await this.#loadRuntime().catch((cause: unknown) => {
        throw new ChatError('network', 'unable to join the room; a part of the library cannot be loaded', {
          cause,
        });
      });
      this.#assertStay(stay);
      this.#calls ??= runtime.calls(this.#options, (operation, input, action) => {
        const visit = this.#visit;
        if (visit !== undefined) return visit.call(operation, input, action);
        return Promise.reject(new ChatError('closed', `unable to ${action}; the room was left`));
      });
      this.#sending ??= this.#newSending(runtime, this.#calls);
      this.#features ??= this.#newFeatures(runtime, this.#calls);
      const visit = this.#newVisit(runtime, stay);
      this.#visit = visit;
      await visit.begin();
      this.#assertStay(stay);
      this.#joining = undefined;
      this.#features.start((onItem) =>
        visit.watch(eventsTopic(this.room), ({ value, publisherId }) => onItem({ value, publisherId })),
      );
      if (visit.lost) this.#setStatus('reconnecting', 'unreachable');
      else this.#setStatus('joined', 'subscribed');
    } catch (problem) {
      // The app ended it itself, as a component does that unmounts: there is nothing to tell.
      if (stay.left) return;
      if (this.#stay === stay) this.#giveUp(problem as ChatError);
      throw problem;
    }
  }

  #newSending(runtime: Runtime, calls: RoomCalls): MessageSender {
    const { scheduler, retry, maxMessageBytes } = this.#options;
    return runtime.openSending({
      room: this.room,
      scheduler,
      transport: calls,
      policy: retry,
      maxBytes: maxMessageBytes,
      now: this.#now,
      ids: this.#ids,
      timeline: this.#timeline,
      sent: this.#sent,
      onTrouble: () => this.#visit?.checkSoon(),
      events: {
        message: (message) => this.emit('message', message),
        update: (message) => this.emit('update', message),
      },
    });
  }

  #newFeatures(runtime: Runtime, calls: RoomCalls): RoomFeatures {
    const features = runtime.openFeatures({
      publish: (payload) => calls.publishEvent(payload),
      nextId: () => this.#ids.next(),
      author: () => this.#author(),
      isOwn: (user, verifiedUserId) => this.#isMine(user.id, verifiedUserId),
      clock: { now: this.#now },
      onMalformed: (payload) => this.#malformed.live(payload, 'it is not an event'),
      onSignal: (signal) => this.emit('signal', signal),
    });
    features.wantSignals(this.listenerCount('signal') > 0);
    return features;
  }

  #newVisit(runtime: Runtime, stay: Stay): RoomSync {
    const current = (act: () => void) => {
      if (this.#stay === stay) act();
    };
    return runtime.enter(this.#options, {
      room: this.room,
      topic: { cache: this.#options.cache, topic: messagesTopic(this.room) },
      read: (how) => this.#read(how),
      maxStored: this.#options.history.maxStored,
      events: {
        item: (item) => current(() => this.#onItem(item)),
        caughtUp: (caughtUp) => current(() => this.#onCaughtUp(caughtUp)),
        live: () => current(() => this.#sending?.outbox.resume()),
        lost: (reason) =>
          current(() => {
            this.#sending?.outbox.pause();
            if (this.#status === 'joined') this.#setStatus('reconnecting', reason);
          }),
        recovered: () => current(() => this.#setStatus('joined', 'recovered')),
        trouble: (error) => current(() => this.emit('error', error)),
        failed: (error) => current(() => this.#giveUp(error)),
      },
    });
  }

  /** The room cannot go on: everything is released, what was not sent fails, and the error is told. */
  #giveUp(error: ChatError): void {
    void this.#release();
    this.#setStatus('failed', 'error');
    this.emit('error', error);
  }

  async #read(how: { doubted: boolean; expected: number }): Promise<CaughtUp> {
    if (this.#history.started) return this.#history.catchUp(how);
    const page = await this.#history.load();
    this.emit('history', page);
    return { filled: [], complete: this.#history.intact };
  }

  #onItem({ value, sequence, publisherId }: TopicItem): void {
    this.#sending?.sawPublished(value, publisherId, this.#visit?.userId);
    const received = this.#inbox.receive({
      payload: value,
      sequence,
      ...(publisherId === undefined ? {} : { publisherId }),
    });
    if (received.message !== undefined) this.#tellOfNew(received.message);
    if (received.updated !== undefined) this.emit('update', received.updated);
    if (received.doubtful) this.#visit?.resync();
  }

  #onCaughtUp({ filled, complete }: CaughtUp): void {
    for (const message of filled) this.#tellOfNew(message);
    this.emit('gap', { filled: filled.length, complete });
  }

  /** What was sent from here was told of then; it comes back as new when it was discarded, but had been stored. */
  #tellOfNew(message: Message): void {
    this.emit(this.#sent.has(message.id) ? 'update' : 'message', message);
  }

  #author(): Message['user'] {
    const { user } = this.#options;
    const id = user.id ?? this.#visit?.userId;
    return id === undefined ? { name: user.name } : { id, name: user.name };
  }

  #isOwn(
    { id, text, user: { id: userId } }: Parameters<IsOwn>[0],
    verifiedUserId: string | undefined,
  ): boolean {
    // One that was discarded is gone from here: somebody else may have taken its id for words of theirs.
    const sent = !this.#discarded.has(id) || this.#discarded.has(`${id} ${contentHash(text)}`);
    return (this.#sent.has(id) && sent) || this.#isMine(userId, verifiedUserId);
  }

  /** A sender may claim any user id; when Momento vouches for another, the claim is void. */
  #isMine(userId: string | undefined, verifiedUserId: string | undefined): boolean {
    const own = this.#options.user.id ?? this.#visit?.userId;
    if (own === undefined || userId !== own) return false;
    return verifiedUserId === undefined || verifiedUserId === own;
  }

  #assertJoined(what: string): { visit: RoomSync; sending: MessageSender } {
    const visit = this.#visit;
    const sending = this.#sending;
    const joined = this.#status === 'joined' || this.#status === 'reconnecting';
    if (visit !== undefined && sending !== undefined && joined) return { visit, sending };
    throw new ChatError('not-joined', `unable to ${what}; the room is ${this.#status}, call join() first`);
  }

  #setStatus(status: RoomStatus, reason: StatusReason): void {
    const previous = this.#status;
    if (status === previous) return;
    this.#status = status;
    this.emit('status', status, previous, reason);
  }

  /** Ends the visit at once; resolves when no call is under way any more. */
  async #release(): Promise<void> {
    const visit = this.#visit;
    this.#features?.stop();
    visit?.end();
    this.#visit = undefined;
    this.#stay = undefined;
    this.#joining = undefined;
    await Promise.all([this.#sending?.outbox.close(), visit?.drained()]);
  }

  #assertStay(stay: Stay): void {
    if (this.#stay !== stay) throw new ChatError('closed', 'unable to join the room; it was left');
  }

  #announceChange(): void {
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    queueMicrotask(() => {
      this.#changeAnnounced = false;
      if (this.listenerCount('change') > 0) this.emit('change', this.messages);
    });
  }
}

function malformed(why: string, count: number): ChatError {
  const what =
    count === 1 ? `unable to read a message; ${why}` : `unable to read ${count} messages; for each, ${why}`;
  return new ChatError('malformed-message', what);
}
