import type { CaughtUp } from './messages/caught-up.js';
import { CHECKPOINT_ENTRIES, Checkpoint } from './messages/checkpoint.js';
import type { Listed } from './messages/idless-memory.js';
import { type FetchList, ListReader, type ListWindow, messagesOf, OVERLAP } from './messages/list-window.js';
import type { Message } from './messages/message.js';
import { cutAfter, endOfKnown, hasRubbish, idsOf, unknownOf } from './messages/reading.js';
import type { MessageReceiver, Reading } from './messages/receiver.js';
import type { Timeline } from './messages/timeline.js';
import type { Clock } from './shared/clock.js';
import { unable } from './shared/errors.js';

/** So many of the lowest messages in memory are looked for, where a page joins on: some may have been removed. */
const BOTTOM = 16;
/** A page that takes longer than this ends with what it has, if that is anything (ms): a join gives up after 15 s. */
const PAGE_MS = 8000;
/** A window must have grown by this factor before it is looked through again. */
const REREAD = 1.5;

/** A stretch of the list, newest first. */
export interface Stretch {
  readonly messages: readonly Message[];
  /** The list index of its first entry, and the one after its last: entries that are no messages count. */
  readonly start: number;
  readonly stop: number;
  /** Nothing older is stored. */
  readonly end: boolean;
}

export interface HistoryParts {
  fetch: FetchList;
  /** Reads what is to be known of messages before they are shown; a rejection fails the reading. */
  beforeShow?: ((ids: readonly string[]) => Promise<void>) | undefined;
  /** Called with what the stream did not bring, or may not have, before anybody else can learn of it. */
  onMissed(caughtUp: CaughtUp): void;
  receiver: MessageReceiver;
  timeline: Timeline;
  pageSize: number;
  maxStored: number;
  clock: Pick<Clock, 'monotonic'>;
}

/**
 * Reads the room's list back: pages of older messages, and what the stream did not bring. Others push, truncate
 * and remove while it reads, so an index is only ever a guess: entries that two windows share tell the truth.
 */
export class History {
  readonly #options: HistoryParts;
  readonly #reader: ListReader;
  readonly #receiver: MessageReceiver;
  readonly #timeline: Timeline;
  #checkpoint: Checkpoint | undefined;
  /** Ids of what readings of the list have shown, as far as it is in memory. */
  #placed: ReadonlySet<string> = new Set();
  /** Whether each reading since the last that was told of reached down to the one before. */
  #unbroken = true;
  #more = false;
  #intact = true;
  /** Something in the list was no message: then no index tells where memory ends in it. */
  #rubbish = false;
  /** The count of the timeline when the last page was begun: so many of those that came again were looked for. */
  #returned = 0;
  /** How often the room was left. */
  #ends = 0;

  constructor(options: HistoryParts) {
    const { receiver, timeline } = options;
    this.#options = options;
    this.#reader = new ListReader({ ...options, decode: (payloads) => receiver.decode(payloads) });
    this.#receiver = receiver;
    this.#timeline = timeline;
  }

  /** Whether older messages are stored than those in memory, as of the last reading. */
  get hasOlder(): boolean {
    return this.#more || this.#timeline.hasEvicted || this.#timeline.returned > this.#returned;
  }

  /** Whether the list was read at all: until then there is nothing to catch up with. */
  get started(): boolean {
    return this.#checkpoint !== undefined;
  }

  /** Whether the last reading found a list, and not an entry of another kind in its place. */
  get intact(): boolean {
    return this.#intact;
  }

  /** The room was left: readings that are under way add nothing any more. */
  end(): void {
    this.#ends += 1;
  }

  /** Loads up to `count` messages older than those in memory; resolves with what was added, oldest first. */
  async load(count = this.#options.pageSize): Promise<Message[]> {
    if (this.started && !this.hasOlder) return [];
    const ends = this.#ends;
    const release = this.#timeline.hold();
    try {
      const before = this.#landmarks;
      const bottom = this.#timeline.bottom(BOTTOM);
      const known = this.started ? this.#timeline.size : 0;
      // Equal messages look alike in any place; read from the head, each stands in its own.
      const { returned } = this.#timeline;
      const whole = this.#rubbish || returned > this.#returned;
      const start = whole ? 0 : Math.max(0, known - OVERLAP);
      const size = count + OVERLAP + 1 + (whole ? known : 0);
      const readBelow = (window: ListWindow) => this.#belowKnown(this.#receiver.read(window), bottom, before);
      const began = this.#options.clock.monotonic();
      let looked = 0;
      const enough = (window: ListWindow) => {
        const { length } = window.entries;
        const late = this.#options.clock.monotonic() - began > PAGE_MS;
        if (length < looked * REREAD && !late) return false;
        const wanted = late ? 0 : count;
        if (messagesOf(window).length <= wanted) return false;
        looked = length;
        return unknownOf(readBelow(window)).length > wanted;
      };
      const anchored = (window: ListWindow) => !hasRubbish(window) && this.#holds(window, bottom[0]);
      const window = await this.#read(start, size, enough, anchored);
      // Of a page, no more than these are shown.
      await this.#prepare(readBelow(window), count);
      if (ends !== this.#ends) throw unable('closed', 'go on', 'the room was left');
      const reading = readBelow(window);
      this.#checkpoint ??= new Checkpoint(window, this.#options.maxStored);
      const rest = cutAfter(reading, count);
      this.#more = rest || !window.end;
      this.#returned = returned;
      const page = this.#receiver.addOlder(reading);
      this.#place(reading);
      return page;
    } finally {
      release();
    }
  }

  /**
   * Reads the list from its head down to where it was last read and adds what was missing. Whatever was stored
   * before that reading is known, so nothing can hide behind it.
   *
   * A list that was truncated beyond that place is told of as incomplete when something is missing or the stream is
   * `doubted`. Otherwise it is kept in mind: what was stored and truncated unseen may yet be published, in an outage.
   *
   * `expected` messages came live since. The place lies right below them unless the stream missed something, so one call
   * reads down to it.
   */
  async catchUp({ doubted, expected = 0 }: { doubted: boolean; expected?: number }): Promise<CaughtUp> {
    const { pageSize, maxStored } = this.#options;
    const checkpoint = this.#checkpoint;
    const ends = this.#ends;
    const gone = (id: string) => this.#timeline.shown(id)?.deletedAt !== undefined;
    const reaches = (window: ListWindow) => checkpoint?.metIn(window, gone) === true;
    const before = this.#landmarks;
    const endRecord = this.#timeline.record();
    try {
      const size = Math.max(pageSize, expected + CHECKPOINT_ENTRIES);
      const window = await this.#read(0, size, reaches);
      await this.#prepare(this.#receiver.read(window));
      if (ends !== this.#ends) return { filled: [], complete: true };
      const came = endRecord();
      const reading = this.#receiver.read(window);
      // Messages below everything known are a page of history, not something that was missed.
      if (this.hasOlder) {
        const known = endOfKnown(reading, this.#timeline.bottom(BOTTOM), before);
        // A message that was pushed again may be the lowest known one of the window, with missed ones below it. What a page
        // left out was not missed, though it was read.
        const read = reading.listed.findLastIndex(
          ({ known, message: { id } }) => checkpoint?.has(id) && (known || this.#timeline.hasLeft(id)),
        );
        const end = Math.max(known, read);
        const left = [...before].filter((id) => !gone(id));
        const lowest = this.#lowest;
        // Where the list turned over, what came or was sent since may stand above missed ones: only the ids tell.
        if (end !== -1) {
          const turned = !reaches(window);
          reading.listed = reading.listed.filter(
            ({ message: { id } }, index) => index <= end || (turned && id > lowest),
          );
        }
        // All of memory was deleted. What stands above the last landmark came since; of the rest only the ids tell.
        else if (left.length === 0) {
          const mark = reading.listed.findLastIndex(({ message: { id } }) => checkpoint?.has(id));
          reading.listed = reading.listed.filter(
            ({ message: { id } }, index) => id > lowest || (index < mark && !checkpoint?.has(id)),
          );
        }
      }
      this.#unbroken &&= reaches(window);
      this.#checkpoint = new Checkpoint(window, maxStored);
      const filled = this.#receiver.addMissing(reading, came);
      this.#place(reading);
      let complete = !window.replaced;
      if (complete && (doubted || filled.length > 0)) {
        complete = this.#unbroken;
        this.#unbroken = true;
      }
      const caughtUp = { filled, complete };
      if (filled.length > 0 || !complete) this.#options.onMissed(caughtUp);
      return caughtUp;
    } finally {
      endRecord();
    }
  }

  /** Reads the list from index `start` on, to look something up. Adds nothing to memory. */
  async peek(start: number, count: number): Promise<Stretch> {
    const window = await this.#down(start, count, () => true);
    const messages = this.#receiver.read(window).listed.map(({ message }) => message);
    return { messages, start: window.start, stop: window.stop, end: window.end };
  }

  /** Reads a window; see {@link ListReader.down}. */
  #down(...how: Parameters<ListReader['down']>): Promise<ListWindow> {
    return this.#reader.down(...how).finally(() => this.#receiver.endReading());
  }

  /** Reads a window that memory joins on to. */
  async #read(...how: Parameters<ListReader['down']>): Promise<ListWindow> {
    const window = await this.#down(...how);
    this.#rubbish ||= hasRubbish(window);
    this.#intact = !window.replaced;
    return window;
  }

  /** Reads what is to be known of the first `count` new messages of a reading. */
  async #prepare(reading: Reading, count?: number): Promise<void> {
    const ids = idsOf(unknownOf(reading));
    if (ids.length > 0) await this.#options.beforeShow?.(ids.slice(0, count));
  }

  /**
   * Pages go down from the known messages. Unknown ones above them were missed, and catching up finds them. A window that
   * holds the lowest known message tells where memory ends; without it, only one that reaches the end of the list does. One that
   * left memory may stand above that: it was stored after what came later.
   */
  #belowKnown(reading: Reading, bottom: readonly string[], before: ReadonlySet<string>): Reading {
    if (!this.started) return reading;
    const { listed, window } = reading;
    if (!window.end && !listed.some(({ message }) => message.id === bottom[0])) return { window, listed: [] };
    const from = endOfKnown(reading, bottom, before);
    const lowest = from === -1 ? this.#lowest : '';
    // Nothing known at all: the list was replaced, or all of memory was deleted. Then only the ids tell.
    const isBelow = ({ message: { id } }: Listed, index: number) =>
      (from === -1 ? id < lowest : index >= from) || this.#timeline.hasLeft(id);
    return { window, listed: listed.filter(isBelow) };
  }

  /**
   * Ids of what readings showed. What came or was sent since the last may stand above messages that were missed. When
   * none of those is in memory any more, all that is there counts.
   */
  get #landmarks(): ReadonlySet<string> {
    const placed = this.#sent.filter((id) => this.#placed.has(id));
    return new Set(placed.length > 0 ? placed : this.#sent);
  }

  #place({ listed }: Reading): void {
    const ids = [...this.#placed, ...idsOf(listed)];
    this.#placed = new Set(ids.filter((id) => this.#timeline.get(id)));
  }

  /** Ids in memory of what was sent. */
  get #sent(): string[] {
    return this.#timeline.bottom(Number.POSITIVE_INFINITY);
  }

  get #lowest(): string {
    return this.#sent.sort()[0] ?? '';
  }

  #holds(window: ListWindow, id: string | undefined): boolean {
    return this.#receiver.read(window).listed.some(({ message }) => message.id === id);
  }
}
