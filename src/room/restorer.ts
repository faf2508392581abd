import { decodeRevision, type Revision } from '../features/revision.js';
import { decodeEvent } from '../features/room-event.js';
import { asMessage } from '../messages/as-message.js';
import { decodeMessage } from '../messages/codec.js';
import type { ChatUser, Message } from '../messages/message.js';
import { idTime, MAX_CLOCK_LEAD_MS } from '../messages/message-id.js';
import { asChatError } from '../shared/as-chat-error.js';
import { instant, raceAbort, type Scheduler, sleep } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import type { StoredRecords } from '../storage/chat-storage.js';
import type { RoomCore } from './room-core.js';
import type { RoomFeatures } from './room-features.js';
import {
  isLeft,
  isStoredChange,
  isStoredMessage,
  messageKey,
  type StoredChange,
  type StoredMessage,
} from './stored-records.js';
import type { StoredRoom } from './stored-room.js';

/** The newest entries of the list that are looked through for what an earlier page had stored. */
const LOOKED_AT = 100;
/** Work that failed for want of a connection is tried again after so long, or as soon as that is back (milliseconds). */
const RETRY_MS = 15_000;
const HOUR_MS = 3_600_000;

/** The parts of a joined room that its storage works with. */
export interface StoredRuntime {
  readonly core: RoomCore;
  readonly features: RoomFeatures | undefined;
  readonly clock: Scheduler;
  author(): ChatUser;
}

/** Takes up what earlier pages left, for one join: shows it at once, and sends it when the room is joined. */
export class Restorer {
  readonly #stored: StoredRoom;
  readonly #runtime: StoredRuntime;
  readonly #onError: (error: ChatError) => void;
  /** Resolves when the room is joined; with false when it was left before. */
  #joined: Promise<boolean>;
  #join: (isJoined: boolean) => void = () => {};
  /** Ends the waits for the connection. */
  #waking = new AbortController();
  /** Ends with the join. */
  readonly #life = new AbortController();
  #toldOfAge = false;

  constructor(stored: StoredRoom, runtime: StoredRuntime, onError: (error: ChatError) => void) {
    this.#stored = stored;
    this.#runtime = runtime;
    this.#onError = onError;
    this.#joined = new Promise((resolve) => {
      this.#join = resolve;
    });
  }

  /** The room is joined, or its connection is back. */
  go(): void {
    this.#join(true);
    this.#waking.abort();
    this.#waking = new AbortController();
  }

  end(): void {
    this.#join(false);
    this.#joined = Promise.resolve(false);
    this.#waking.abort();
    this.#life.abort(left());
  }

  adopt(records: StoredRecords): void {
    const stored = this.#stored;
    const changes = new Map<string, StoredChange>();
    const threads = new Map<string | null, { message: Message; record: StoredMessage }[]>();
    for (const [key, record] of records) if (isStoredChange(record)) changes.set(key, record);
    // The text of what is deleted goes nowhere any more.
    for (const [key, { change }] of changes)
      if (key !== `delete ${change.of}` && changes.has(`delete ${change.of}`)) {
        changes.delete(key);
        stored.remove(key);
      }
    for (const [key, record] of records) {
      if (changes.has(key) || !stored.records.has(key)) continue;
      const message = isStoredMessage(record) ? this.#decode(record) : undefined;
      if (message === undefined || changes.has(`delete ${message.id}`)) stored.remove(key);
      else {
        const { thread } = record as StoredMessage;
        threads.set(thread, [...(threads.get(thread) ?? []), { message, record: record as StoredMessage }]);
      }
    }
    // Changes are made when their messages are there, and the others see an edited message as it was edited.
    const edits = new Map<string, Promise<void>>();
    const restored = new Map<string | null, Promise<void>>();
    for (const [thread, messages] of threads) restored.set(thread, this.#restore(thread, messages, edits));
    for (const [key, change] of changes)
      edits.set(key, this.#replay(key, change, restored.get(change.thread)));
  }

  async #restore(
    thread: string | null,
    messages: readonly { message: Message; record: StoredMessage }[],
    edits: ReadonlyMap<string, Promise<void>>,
  ): Promise<void> {
    const core =
      thread === null
        ? this.#runtime.core
        : (await this.#patiently(() => this.#thread(thread)).catch(() => undefined))?.core;
    if (core === undefined) return;
    let looking: Promise<unknown> | undefined;
    // It may be there already, and may have been edited or deleted since.
    const look = async () => {
      looking ??= Promise.all([
        core.peek(0, LOOKED_AT),
        core.beforeShow?.(messages.map(({ message }) => message.id)),
      ]).finally(() => {
        looking = undefined;
      });
      await looking;
    };
    for (const { message, record } of messages) {
      const { id } = message;
      // It was seen to fail, and yet it is there. The call that is missing is made.
      const isThere = core.timeline.get(id)?.status === 'sent';
      const isFailed = record.failed && !isThere;
      const ready = async () => {
        await this.#untilJoined();
        // However long that takes: nobody is to see the first text.
        await edits.get(`edit ${id}`);
        // A reading that is refused for good keeps nothing from being sent.
        await this.#patiently(look).catch(() => {});
        await this.#untilJoined();
        if (core.timeline.shown(id)?.deletedAt !== undefined) this.#bury(core, id);
        if (!isThere) this.#assertFresh(record.at, 'send the message');
      };
      const waits = ready();
      if (isFailed) waits.catch(() => {});
      this.#send(core, message, record, isFailed ? undefined : waits);
    }
  }

  /** Keeps the tombstone of a message, and sends nothing of it. */
  #bury({ sender, timeline }: RoomCore, id: string): never {
    sender.outbox.discard(id);
    const message = timeline.get(id);
    if (message) sender.mark(message, 'sent');
    throw left();
  }

  /** Shows it, and sends it once `ready` has resolved; without that it is `failed`. Until then it takes no turn in the outbox. */
  #send(core: RoomCore, message: Message, record: StoredMessage, ready?: Promise<void>): void {
    const { id, status } = message;
    const { outbox } = core.sender;
    const known = core.timeline.get(id);
    const pending = outbox.add(id, record.payload);
    // It may have been sent from another page.
    pending.begun.store ??= instant(this.#runtime.clock);
    core.isFromHere(id);
    if (core.timeline.addNewest(message)) core.tell('message', message);
    else if (known?.status === 'failed') core.sender.mark(known, status);
    const { signal } = this.#life;
    const over = ready && raceAbort(ready, signal).then(() => signal.throwIfAborted());
    const sending = over?.then(
      () => outbox.retry(id),
      (error: ChatError) => {
        if (isLeft(error)) pending.handedOver = true;
        else {
          void this.#stored.put(messageKey(id, record.thread), { ...record, failed: true });
          if (!this.#toldOfAge) this.#onError(error);
          this.#toldOfAge = true;
        }
        throw error;
      },
    );
    if (sending !== undefined) core.sender.deliver(sending, message).catch(() => {});
  }

  /** Makes a change again. Reports a failure that is final. Resolves when it is made, or will not be. */
  async #replay(key: string, record: StoredChange, restored?: Promise<void>): Promise<void> {
    const stored = this.#stored;
    let isAgain = false;
    try {
      await restored;
      await this.#patiently(async () => {
        if (isAgain && !key.startsWith('delete')) this.#assertFresh(record.at, 'store the change');
        isAgain = true;
        // The user may have made another.
        if (stored.records.get(key) !== record) return;
        stored.replaying.add(record);
        await this.#change(record).finally(() => stored.replaying.delete(record));
        stored.forget(key, record);
      });
    } catch (problem) {
      // It stays for the next join, or the user has made another.
      if (isLeft(problem) || stored.records.get(key) !== record) return;
      stored.forget(key, record);
      this.#onError(asChatError('make a change that was not stored before the page was closed', problem));
    }
  }

  /** Does it again for as long as it fails for want of a connection. Rejects with a ChatError `closed` when the room was left. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (problem) {
        if (!asChatError('go on', problem).retryable) throw problem;
      }
      await sleep(this.#runtime.clock, RETRY_MS, this.#waking.signal);
      await this.#untilJoined();
    }
  }

  async #change({ change, at, thread }: StoredChange): Promise<void> {
    const { features } = this.#runtime;
    if (features === undefined) throw left();
    const engine = thread === null ? undefined : await this.#thread(thread);
    const { timeline } = (engine ?? this.#runtime).core;
    const { of, emoji, on, event } = change;
    const id = String(of);
    const inMemory = timeline.get(id) !== undefined;
    if (typeof emoji === 'string') {
      if (!inMemory) await this.#untilJoined();
      this.#assertFresh(at, 'store the reaction');
      const reactions = engine?.reactions ?? (await features.use('reactions'));
      await reactions.restore(id, emoji, on === true);
      return;
    }
    const revisions = engine?.revisions ?? (await features.use('revisions'));
    const revision = revisionOf(event);
    if (revision === undefined) {
      await this.#untilJoined();
      return revisions.bury(id);
    }
    const hide = inMemory ? revisions.show(id, revision) : () => {};
    try {
      await this.#untilJoined();
      this.#assertFresh(at, 'store the edit');
      await revisions.restore(id, revision);
    } catch (problem) {
      if (!isLeft(problem) && !asChatError('store the edit', problem).retryable) hide();
      throw problem;
    }
  }

  async #untilJoined(): Promise<void> {
    if (!(await this.#joined)) throw left();
  }

  /** Throws a ChatError `timeout`, not to be retried, for what is too old, or of which the age is unknown: the clock was set back since. */
  #assertFresh(at: number, action: string): void {
    const stored = this.#stored;
    const age = this.#runtime.clock.now() - at;
    if (age <= stored.maxAgeMs && age > -MAX_CLOCK_LEAD_MS) return;
    const why =
      age < 0
        ? 'its date is in the future, so its age is unknown'
        : `it is older than ${Math.round((10 * stored.maxAgeMs) / HOUR_MS) / 10} hours`;
    throw unable('timeout', action, why, { retryable: false });
  }

  /** The thread, opened if it was not. */
  async #thread(root: string) {
    return this.#runtime.features?.threads.get(root).engine();
  }

  #decode({ payload, failed }: StoredMessage): Message | undefined {
    const decoded = decodeMessage(payload, Number.POSITIVE_INFINITY);
    if ('malformed' in decoded || decoded.id === undefined) return undefined;
    const { id, sentAt = new Date(idTime(id)) } = decoded;
    const { room } = this.#stored;
    const status = failed ? 'failed' : 'sending';
    return asMessage(
      { ...decoded, id, sentAt },
      { room, own: true, status, userId: this.#runtime.author().id },
    );
  }
}

function revisionOf(event: unknown): Revision | undefined {
  const decoded = decodeEvent(event, Number.POSITIVE_INFINITY);
  return decoded && decodeRevision(decoded)?.revision;
}

function left(): ChatError {
  return unable('closed', 'go on', 'the room was left');
}
