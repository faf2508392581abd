import type { Inbox, ListWindow, Reading } from './room/inbox.js';
import type { Message } from './room/message.js';
import type { CaughtUp } from './room/recovery.js';
import type { Timeline } from './room/timeline.js';

/** What a room asks of the list at rest: the entries from index `start` (0 is the newest) to before `end`. */
export type FetchList = (start: number, end: number) => Promise<readonly string[]>;

/** Windows overlap by this many entries, which shows whether the list moved between two readings. */
const OVERLAP = 4;
/** Largest number of entries asked for in one call. */
const MAX_WINDOW = 500;
/** So many entries of the last reading's head are remembered: meeting them again ends a catching up. */
const LANDMARKS = 16;
/** So many of them in a row are taken for the place where the list was last read. */
const RUN = 4;
/** So many of the lowest messages in memory are looked for, where a page joins on: some may have been removed. */
const BOTTOM = 16;
/** A list that keeps moving between two readings is begun anew so often, then taken as it is. */
const MAX_RESTARTS = 3;

/** What stood at the head of the list when it was read: all that was stored before it is known. */
interface Landmarks {
  ids: readonly string[];
  head: readonly string[];
  /** Whether that was all there was. */
  whole: boolean;
}

/**
 * Reads the room's list back: pages of older messages, and what the stream did not bring. Others push, truncate
 * and remove while it reads, so an index is only ever a guess: entries that two windows share tell the truth.
 */
export class History {
  readonly #fetch: FetchList;
  readonly #inbox: Inbox;
  readonly #timeline: Timeline;
  readonly #pageSize: number;
  readonly #maxStored: number;
  #landmarks: Landmarks | undefined;
  /** Whether each reading since the last that was told of reached down to the one before. */
  #unbroken = true;
  #more = false;

  constructor(options: {
    fetch: FetchList;
    inbox: Inbox;
    timeline: Timeline;
    pageSize: number;
    maxStored: number;
  }) {
    this.#fetch = options.fetch;
    this.#inbox = options.inbox;
    this.#timeline = options.timeline;
    this.#pageSize = options.pageSize;
    this.#maxStored = options.maxStored;
  }

  /** Whether older messages are stored than those in memory, as of the last reading. */
  get hasOlder(): boolean {
    return this.#more || this.#timeline.hasEvicted;
  }

  /** Whether the list was read at all: until then there is nothing to catch up with. */
  get started(): boolean {
    return this.#landmarks !== undefined;
  }

  /** Loads up to `count` messages older than those in memory; resolves with what was added, oldest first. */
  async load(count = this.#pageSize): Promise<Message[]> {
    if (this.started && !this.hasOlder) return [];
    const release = this.#timeline.hold();
    try {
      const bottom = this.#timeline.bottom(BOTTOM);
      const start = this.started ? Math.max(0, this.#timeline.size - OVERLAP) : 0;
      const size = Math.min(MAX_WINDOW, count + OVERLAP + 1);
      const readBelow = (window: ListWindow) => this.#belowKnown(this.#inbox.read(window), bottom);
      const enough = (window: ListWindow) => countNew(readBelow(window)) > count;
      const window = await this.#readDown(start, size, enough, bottom[0]);
      const reading = readBelow(window);
      this.#landmarks ??= landmarksOf(reading);
      const rest = cutAfter(reading, count);
      this.#more = rest || !window.end;
      return this.#inbox.addOlder(reading);
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
   */
  async catchUp({ doubted }: { doubted: boolean }): Promise<CaughtUp> {
    const arrivals = this.#timeline.record();
    const window = await this.#readDown(0, this.#pageSize, (read) => {
      return read.stop >= this.#maxStored || this.#meets(this.#inbox.read(read));
    }).finally(arrivals);
    const reading = this.#inbox.read(window);
    const met = this.#meets(reading);
    // What lies below everything known is a page of history, not something that was missed.
    if (this.hasOlder) {
      const end = endOfKnown(reading, this.#timeline.bottom(BOTTOM));
      if (end !== -1) reading.listed.length = end + 1;
    }
    // Behind the end of a list that was empty before and is not full now, nothing can be missing.
    const wasEmpty = (this.#landmarks?.head.length ?? 0) === 0;
    const whole = wasEmpty && window.end && window.stop < this.#maxStored;
    this.#unbroken &&= whole || met;
    this.#landmarks = landmarksOf(reading);
    const filled = this.#inbox.addMissing(reading, arrivals());
    if (!doubted && filled.length === 0) return { filled, complete: true };
    const complete = this.#unbroken;
    this.#unbroken = true;
    return { filled, complete };
  }

  /** Pages go down from what is known: what is unknown above was missed, and is for catching up to find. */
  #belowKnown(reading: Reading, bottom: readonly string[]): Reading {
    if (!this.started) return reading;
    const from = endOfKnown(reading, bottom);
    // Nothing known at all: the list was replaced, and nothing older is stored.
    return { ...reading, listed: from === -1 ? [] : reading.listed.slice(from) };
  }

  /** Whether a reading at the head reaches down to where the list was last read. */
  #meets({ listed, window }: Reading): boolean {
    if (this.#landmarks === undefined || this.#landmarks.head.length === 0) return false;
    const { head, ids, whole } = this.#landmarks;
    const { payloads, end, stop } = window;
    const startsAt = (start: number) => head.every((payload, index) => payloads[start + index] === payload);
    // What was all there was is still at the end of a list that nothing was cut off from.
    if (whole && stop < this.#maxStored)
      return (
        end && (ids.includes(listed.at(-1)?.message.id ?? '') || startsAt(payloads.length - head.length))
      );
    // Entries without an id may equal others: only all of them in a row.
    if (ids.length === 0) return payloads.some((_, start) => startsAt(start));
    // What was pushed again after a lost answer stands further up as well, but hardly several in a row.
    const present = listed.map(({ message }) => message.id).join();
    const run = whole ? RUN : Math.min(RUN, ids.length);
    return ids.some(
      (_, from) => from + run <= ids.length && present.includes(ids.slice(from, from + run).join()),
    );
  }

  /**
   * Reads windows from index `start` downwards until `enough` or the end of the list, and joins them. When the
   * first window does not hold the `lowest` of what is known, or two windows share nothing, entries above were removed
   * meanwhile: reading begins again higher up.
   */
  async #readDown(
    start: number,
    size: number,
    enough: (read: ListWindow) => boolean,
    lowest?: string,
  ): Promise<ListWindow> {
    let read = await this.#readWindow(start, size);
    while (read.start > 0 && !this.#inbox.read(read).listed.some(({ message }) => message.id === lowest)) {
      read = await this.#readWindow(Math.max(0, read.start - size), size);
    }
    for (let restarts = 0, step = size; !read.end && !enough(read); ) {
      step = Math.min(MAX_WINDOW, step * 2);
      const below = await this.#readWindow(read.start + read.payloads.length - OVERLAP, step);
      const joined = join(read, below);
      if (joined === undefined && restarts >= MAX_RESTARTS) return read;
      if (joined === undefined) restarts += 1;
      read = joined ?? (await this.#readWindow(0, step));
    }
    return read;
  }

  async #readWindow(start: number, size: number): Promise<ListWindow> {
    const payloads = await this.#fetch(start, start + size);
    return { start, payloads, end: payloads.length < size, stop: start + payloads.length };
  }
}

function landmarksOf({ listed, window }: Reading): Landmarks {
  const identified = listed.filter(({ article }) => article === undefined).slice(0, LANDMARKS);
  return {
    ids: identified.map(({ message }) => message.id),
    head: window.payloads.slice(0, LANDMARKS),
    whole: window.end && window.payloads.length <= LANDMARKS,
  };
}

/**
 * Appends the part of `below` that follows the end of `above`; undefined when the two share nothing, or when equal
 * entries leave more than one way to join them.
 */
function join(above: ListWindow, below: ListWindow): ListWindow | undefined {
  const tail = above.payloads.slice(-OVERLAP);
  const follows = (_: string, shift: number) =>
    shift + tail.length <= below.payloads.length &&
    tail.every((payload, index) => below.payloads[shift + index] === payload);
  const shift = below.payloads.findIndex(follows);
  if (shift === -1 || shift !== below.payloads.findLastIndex(follows)) return undefined;
  const payloads = [...above.payloads, ...below.payloads.slice(shift + tail.length)];
  return { start: above.start, payloads, end: below.end, stop: below.stop };
}

function countNew({ listed }: Reading): number {
  return listed.reduce((count, { known }) => count + (known ? 0 : 1), 0);
}

/**
 * The index of the entry that memory ends with: the lowest that is still there. Something known may stand below it: an
 * old message that somebody published again is in memory without those around it.
 */
function endOfKnown({ listed }: Reading, bottom: readonly string[]): number {
  const there = new Map(listed.map(({ message }, index) => [message.id, index]));
  const lowest = bottom.find((id) => there.has(id));
  return there.get(lowest ?? '') ?? listed.findLastIndex(({ known }) => known);
}

/** Leaves only the first `count` unknown messages in the reading; whether anything was cut. */
function cutAfter(reading: Reading, count: number): boolean {
  let unknown = 0;
  const length = reading.listed.findIndex(({ known }) => {
    unknown += known ? 0 : 1;
    return unknown > count;
  });
  if (length === -1) return false;
  reading.listed.length = length;
  return true;
}
