import {
  decodeMark,
  encodeMark,
  markOf,
  sameMark,
  type ThreadMark,
  tailOf,
} from '../features/thread-mark.js';
import { markField, THREAD_EVENT, type ThreadMarks } from '../features/thread-marks.js';
import type { Message } from '../messages/message.js';
import { idAbove, idTime, MAX_FUTURE_MS } from '../messages/message-id.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import { ChatError } from '../shared/errors.js';
import { dictionaryGetFields, dictionarySetFields } from '../transport/operations/dictionaries.js';
import { listLength } from '../transport/operations/lists.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { RoomCore } from './room-core.js';

/** The writer of a mark looks after it for so long (milliseconds): another may have written an older truth over it. */
const WATCH_MS = 10_000;
/** Several see the same fault at once; each waits so long at most beyond the settle window (milliseconds). */
const JITTER_MS = 3000;
/** A write that took longer was repeated: the first call may yet take effect, within this time (milliseconds). */
const SLOW_MS = 3000;
const UNSURE_MS = 15_000;
/** A comparison that fails is tried again, so often in a row at most. */
const MAX_FAILURES = 5;
/** A mark that was stored this long after its reply was sent is told of (milliseconds). */
const LATE_MS = 1000;

/**
 * Keeps the mark of a thread true. A client that replied or deleted writes it from the replies that the thread holds, and
 * compares again when another reply came meanwhile. A client that opens the thread corrects a mark that is wrong. Failures
 * are silent: the mark is read, and never relied upon.
 */
export class ThreadMarkWriter {
  readonly #host: RoomFeatureHost;
  readonly #marks: ThreadMarks;
  readonly #root: string;
  readonly #list: string;
  readonly #core: RoomCore;
  readonly #isStored: (reply: Message) => boolean;
  #joined = false;
  #cancel: (() => void) | undefined;
  #wroteAt = Number.NEGATIVE_INFINITY;
  /** Comparisons that failed in a row. */
  #failures = 0;
  /** A call that was repeated may take effect until then (monotonic). */
  #unsureUntil = Number.NEGATIVE_INFINITY;
  /** The last of the writes, which go one after the other: the newest mark is stored last. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Of a reply whose write has not begun: it takes along the replies that come meanwhile. */
  #waiting = false;

  constructor(options: {
    host: RoomFeatureHost;
    marks: ThreadMarks;
    root: string;
    list: string;
    core: RoomCore;
    /** False for a reply that is not stored, as far as known. */
    isStored: (reply: Message) => boolean;
  }) {
    this.#host = options.host;
    this.#marks = options.marks;
    this.#root = options.root;
    this.#list = options.list;
    this.#core = options.core;
    this.#isStored = options.isStored;
  }

  begin(): void {
    this.#joined = true;
  }

  stop(): void {
    this.#joined = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A reply was sent from here; `startedAt` (monotonic): others may count it no more when its mark comes late. */
  replied(startedAt: number): void {
    if (this.#waiting) return;
    this.#waiting = true;
    // The mark is another client's to write where this fails.
    this.#inTurn(() => {
      this.#waiting = false;
      return this.#write({ announceAfter: startedAt + LATE_MS });
    }).catch(() => {});
  }

  /** A reply was deleted from here. Resolves when everybody was told. */
  async deleted(id: string): Promise<void> {
    await this.#inTurn(() => this.#write({ deleted: id }));
  }

  /** A reply came or changed. */
  changed(): void {
    if (this.#host.clock.monotonic() - this.#wroteAt < WATCH_MS) this.#compareSoon();
  }

  /** The thread was read: as it was opened, or because something may have been missed. */
  looked(): void {
    this.#compareSoon();
  }

  #compareSoon(): void {
    if (!this.#joined || this.#cancel !== undefined) return;
    const { clock } = this.#host;
    this.#cancel = clock.after(SETTLE_MS + 500 + clock.random() * JITTER_MS, () => {
      this.#cancel = undefined;
      this.#inTurn(() => this.#compare()).then(
        () => {
          this.#failures = 0;
        },
        // While the connection is lost, the next reading is the next occasion.
        () => {
          this.#failures += 1;
          if (this.#failures < MAX_FAILURES && !this.#host.isOffline()) this.#compareSoon();
        },
      );
      if (clock.monotonic() < this.#unsureUntil) this.#compareSoon();
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #compare(): Promise<void> {
    const host = this.#host;
    const field = markField(this.#root);
    const input = { dictionary: host.key('revisions'), fields: [field] };
    const fields = await host.call(dictionaryGetFields, input, { action: 'read the thread', once: true });
    const stored = decodeMark(fields.get(field), host.clock.now());
    if (stored !== undefined) host.observe(stored.version);
    const truth = await this.#truth(stored);
    if (truth.count === 0 && stored === undefined) return;
    if (stored === undefined || !sameMark(stored, truth)) await this.#write({}, truth);
    else this.#marks.confirmed(this.#root, stored);
  }

  async #write(
    { announceAfter = 0, deleted }: { announceAfter?: number; deleted?: string },
    known?: ThreadMark,
  ): Promise<void> {
    const host = this.#host;
    const mark = known ?? (await this.#truth());
    this.#wroteAt = host.clock.monotonic();
    const { clock } = host;
    const repeated = await storeMark(host, this.#marks, this.#root, mark);
    const now = clock.monotonic();
    if (now - this.#wroteAt > SLOW_MS) {
      this.#unsureUntil = now + UNSURE_MS;
      this.#compareSoon();
    }
    // Where a call was lost, others may have read storage before the mark was there. Beside one from a clock ahead, they
    // count no reply that comes live.
    if (now < announceAfter && !repeated && mark.version < host.nextId()) return;
    const data = { root: this.#root, mark: encodeMark(mark), ...(deleted === undefined ? {} : { deleted }) };
    await host.events.send(THREAD_EVENT, data, { id: mark.version });
  }

  /** Returns the mark of the replies that the thread holds. Where all of them are in memory, that costs no call. */
  async #truth(stored?: ThreadMark): Promise<ThreadMark> {
    const host = this.#host;
    // Made before anything is looked at: a mark that is made from a later look is greater.
    const next = host.nextId();
    const held = this.#marks.markOf(this.#root);
    const known = (stored?.version ?? '') > (held?.version ?? '') ? stored : held;
    // Somebody's clock may have been far ahead.
    const version = idAbove(known?.version, next);
    const { timeline } = this.#core;
    const listed = this.#core.hasOlder
      ? await host.call(listLength, { list: this.#list }, { once: true })
      : 0;
    const now = host.clock.now();
    const all = timeline
      .ids()
      .map((id) => timeline.shown(id))
      .filter((message) => message !== undefined);
    const deleted = all.filter(({ deletedAt }) => deletedAt !== undefined).map(({ id }) => tailOf(id));
    const gone = [...new Set([...(known?.gone ?? []), ...deleted])];
    const replies = all
      .filter((reply) => reply.deletedAt === undefined && this.#isStored(reply))
      .map(({ id, user }) => ({ id, user, at: Math.min(idTime(id), now + MAX_FUTURE_MS) }));
    return markOf(replies, Math.max(listed, replies.length), version, gone);
  }
}

/**
 * Shows and stores a mark. Where that fails, it is stored with the next reading of the room: see `ThreadMarks.onUnsaved`.
 * Returns whether the call had to be repeated.
 */
export async function storeMark(
  host: RoomFeatureHost,
  marks: ThreadMarks,
  root: string,
  mark: ThreadMark,
): Promise<boolean> {
  marks.made(root, mark);
  const input = {
    dictionary: host.key('revisions'),
    fields: new Map([[markField(root), JSON.stringify(encodeMark(mark))]]),
    ttlSeconds: host.ttlSeconds,
  };
  const store = (once: boolean) =>
    host.call(dictionarySetFields, input, { action: 'write the summary of the thread', once });
  const repeated = await store(true).then(
    () => false,
    async (problem: unknown) => {
      if (problem instanceof ChatError && !problem.retryable) throw problem;
      await store(false);
      return true;
    },
  );
  marks.saved(root, mark);
  return repeated;
}
