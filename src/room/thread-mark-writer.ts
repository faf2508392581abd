import { gather } from '../features/gather.js';
import { LateWrites } from '../features/late-writes.js';
import { scanStored } from '../features/stored-messages.js';
import {
  decodeMark,
  encodeMark,
  markOf,
  STORED_BY_MS,
  sameMark,
  type ThreadMark,
  tailOf,
} from '../features/thread-mark.js';
import { markField, THREAD_EVENT, type ThreadMarks } from '../features/thread-marks.js';
import type { Message } from '../messages/message.js';
import { idAbove, idTime, MAX_FUTURE_MS } from '../messages/message-id.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import { ChatError } from '../shared/errors.js';
import { inTurn } from '../shared/in-turn.js';
import { dictionaryGetFields, dictionarySetFields } from '../transport/operations/dictionaries.js';
import { listLength } from '../transport/operations/lists.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { RoomCore } from './room-core.js';
import type { ThreadHost } from './thread-host.js';

/** The writer of a mark looks after it for so long (milliseconds): another may have written an older truth over it. */
const WATCH_MS = 10_000;
/** Several see the same fault at once; each waits so long at most beyond the settle window (milliseconds). */
const JITTER_MS = 3000;
/** A mark that was stored this long after its reply was sent is told of (milliseconds). */
const LATE_MS = 1000;

interface MarkWriterParts {
  host: RoomFeatureHost;
  /** That of the thread. */
  own: ThreadHost;
  marks: ThreadMarks;
  root: string;
  list: string;
  core: RoomCore;
  /** Reads what is stored of the thread, and so learns of failed replies that are. */
  read: () => Promise<unknown>;
  /** False for a reply that is not stored, as far as known. */
  isStored: (reply: Message) => boolean;
}

/**
 * Keeps the mark of a thread true. A client that replied or deleted writes it from the replies that the thread holds, and
 * compares again when another reply came meanwhile. A client that opens the thread corrects a mark that is wrong. Failures
 * are silent: the mark is read, and never relied upon.
 */
export class ThreadMarkWriter {
  readonly #parts: MarkWriterParts;
  readonly #late: LateWrites;
  /** Compares in a while, by reading the list to its end where there are any doubts of its length. */
  readonly #compareLater: (doubts: readonly string[], ms: number) => void;
  /** How many entries of the list were none of its replies, or one of them once more, when it was last read. */
  #surplus = 0;
  #wroteAt = Number.NEGATIVE_INFINITY;
  /** Writes go one after the other: the newest mark is stored last. */
  readonly #inTurn = inTurn();
  /** Of a reply whose write has not begun: it takes along the replies that come meanwhile. */
  #waiting = false;
  /** Others may count otherwise than what is stored: they are told of the mark once it was compared. */
  #untold = false;
  /** When a reply last failed (monotonic, ms): a mark takes back what others heard {@link STORED_BY_MS} before it, and no later. */
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: MarkWriterParts) {
    this.#parts = parts;
    this.#late = new LateWrites(parts.own);
    this.#compareLater = gather(parts.own, (doubts) => this.#inTurn(() => this.#compare(doubts.length > 0)));
  }

  /** A reply was sent from here; `startedAt` (monotonic): others may count it no more when its mark comes late. */
  replied(startedAt: number): void {
    // Its push may have been repeated: then it is stored twice.
    if (this.#parts.host.clock.monotonic() - startedAt > LATE_MS) this.compareSoon();
    if (this.#waiting) return;
    this.#waiting = true;
    // The mark is another client's to write where this fails.
    this.#inTurn(() => {
      this.#waiting = false;
      return this.#write({ announceAfter: startedAt + LATE_MS });
    }).catch(() => this.begin());
  }

  /** A reply that was sent from here failed: it may be counted though it is not stored, or stored and in no mark. */
  failed(): void {
    this.#failedAt = this.#parts.host.clock.monotonic();
    this.doubt();
  }

  /** A join began, which has the time for what was left to be told. */
  begin(): void {
    if (this.#untold) this.#compareLater(['list'], STORED_BY_MS);
  }

  /** A reply may have been deleted from here, and not everybody was told. */
  doubt(): void {
    this.#untold = true;
    this.begin();
  }

  /** A reply was deleted from here. Resolves when everybody was told. */
  async deleted(id: string): Promise<void> {
    await this.#inTurn(() => this.#write({ deleted: id }));
  }

  /** A reply came or changed. */
  changed(): void {
    if (this.#parts.host.clock.monotonic() - this.#wroteAt < WATCH_MS) this.#compareIn([]);
  }

  /** The thread was read, as it was opened or because something may have been missed; or a call may have been repeated. */
  compareSoon(): void {
    this.#compareIn(['list']);
  }

  #compareIn(doubts: readonly string[]): void {
    this.#compareLater(doubts, SETTLE_MS + 500 + this.#parts.host.clock.random() * JITTER_MS);
  }

  async #compare(isDoubtful: boolean): Promise<void> {
    const isUntold = this.#untold;
    this.#untold &&= this.#parts.host.clock.monotonic() - this.#failedAt < STORED_BY_MS;
    try {
      await this.#correct(isDoubtful, isUntold);
      this.begin();
    } catch (problem) {
      this.#untold ||= isUntold;
      throw problem;
    }
  }

  async #correct(isDoubtful: boolean, isUntold: boolean): Promise<void> {
    const { host, marks, root } = this.#parts;
    const field = markField(root);
    const input = { dictionary: host.key('revisions'), fields: [field] };
    const fields = await host.call(dictionaryGetFields, input, { action: 'read the thread', once: true });
    const stored = decodeMark(fields.get(field), host.clock.now());
    if (stored !== undefined) host.observe(stored.version);
    if (isUntold) await this.#parts.read();
    const truth = await this.#truth(isDoubtful || stored === undefined, stored);
    if (truth.count === 0 && stored === undefined && !isUntold) return;
    // Others take no mark twice, and an older one takes back nothing that came since.
    if (stored === undefined || isUntold || !sameMark(stored, truth)) await this.#write({}, truth);
    else marks.adopt(root, stored, true);
  }

  async #write(
    { announceAfter = 0, deleted }: { announceAfter?: number; deleted?: string },
    known?: ThreadMark,
  ): Promise<void> {
    const { host, marks, root } = this.#parts;
    const mark = known ?? (await this.#truth(false));
    this.#wroteAt = host.clock.monotonic();
    let repeated = false;
    const store = async () => {
      repeated = await storeMark(host, marks, root, mark);
    };
    await this.#late.write(mark.version, store, () => this.compareSoon());
    // Where a call was lost, others may have read storage before the mark was there. Beside one from a clock ahead, they
    // count no reply that comes live.
    const isInTime = host.clock.monotonic() < announceAfter;
    if (isInTime && !repeated && mark.version < host.nextId()) return;
    const data = { root, mark: encodeMark(mark), ...(deleted === undefined ? {} : { deleted }) };
    try {
      await host.events.send(THREAD_EVENT, data, { id: mark.version });
    } catch (problem) {
      this.#untold = true;
      throw problem;
    }
  }

  /**
   * Returns the mark of the replies that the thread holds. Where all of them are in memory, that costs no call. Else
   * `exactly` reads the list; so is it where its length is not what is `stored`.
   */
  async #truth(exactly: boolean, stored?: ThreadMark): Promise<ThreadMark> {
    const { host, marks, root, core, isStored } = this.#parts;
    // Made before anything is looked at: a mark that is made from a later look is greater.
    const next = host.nextId();
    const held = marks.markOf(root);
    const known = (stored?.version ?? '') > (held?.version ?? '') ? stored : held;
    // Somebody's clock may have been far ahead.
    const version = idAbove(known?.version, next);
    const { timeline } = core;
    const listed = core.hasOlder ? await this.#listed(exactly, stored?.count) : 0;
    const now = host.clock.now();
    const all = timeline
      .ids()
      .map((id) => timeline.shown(id))
      .filter((message) => message !== undefined);
    const deleted = all.filter(({ deletedAt }) => deletedAt !== undefined).map(({ id }) => tailOf(id));
    const gone = [...new Set([...(known?.gone ?? []), ...deleted])];
    const replies = all
      .filter((reply) => reply.deletedAt === undefined && isStored(reply))
      .map(({ id, user }) => ({ id, user, at: Math.min(idTime(id), now + MAX_FUTURE_MS) }));
    return markOf(replies, Math.max(listed, replies.length), version, gone);
  }

  /** Counts the replies that are stored. One whose push was repeated is stored twice. */
  async #listed(exactly: boolean, expected: number | undefined): Promise<number> {
    const { host, own, list } = this.#parts;
    if (!exactly) {
      const length = await host.call(listLength, { list }, { once: true });
      const isExpected = length === expected && this.#surplus === 0;
      if (expected === undefined || isExpected) return length - this.#surplus;
    }
    const ids = new Set<string>();
    let length = 0;
    await scanStored(own, (window) => {
      for (const { index, decoded } of window) {
        if (decoded.id !== undefined) ids.add(decoded.id);
        length = index + 1;
      }
      return false;
    });
    this.#surplus = length - ids.size;
    return ids.size;
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
  marks.adopt(root, mark);
  return repeated;
}
