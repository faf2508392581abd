import type { Clock } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import type { DecodedMessage } from './codec.js';
import type { ListEntry } from './idless.js';

/**
 * A request for the list at rest: the entries from index `start` (0 is the newest) to before `end`; undefined when an
 * entry of another kind stands in the place of the list.
 */
export type FetchList = (start: number, end: number) => Promise<readonly string[] | undefined>;

/** An entry of the list, decoded once. */
export interface StoredEntry extends ListEntry {
  payload: string;
  /** Absent when it is malformed. */
  message?: DecodedMessage;
}

/** An entry that is a message. */
export type StoredMessage = StoredEntry & { message: DecodedMessage };

/** A stretch of the list, newest first. */
export interface ListWindow {
  /** The list index of its first entry. */
  start: number;
  entries: readonly StoredEntry[];
  /** Nothing older is stored, or is to be read. */
  end: boolean;
  /** The list index after its last entry, when that was read. */
  stop: number;
  /** Something else than a list was found. */
  replaced: boolean;
}

/** Returns the entries that are messages, newest first. */
export function messagesOf({ entries }: Pick<ListWindow, 'entries'>): StoredMessage[] {
  return entries.filter((entry): entry is StoredMessage => entry.message !== undefined);
}

/** Windows overlap by this many entries, which shows whether the list moved between two readings. */
export const OVERLAP = 4;
/** Largest number of entries asked for in one call. */
const MAX_WINDOW = 500;
/** A list that keeps moving between two readings is begun anew so often, then taken as it is. */
const MAX_RESTARTS = 3;
/** So many pushes between two windows are looked through. */
const MAX_MOVED = 1000;
/** Windows grow after a call quicker than this, and shrink after one slower than the other (ms). */
const QUICK_MS = 1000;
const SLOW_MS = 2500;
/** A window of so few entries, or fewer, is not slow for its size: half of them would come no sooner. */
const SLOW_ENTRIES = 20;
/** The smallest window: nothing tells what was pushed between two that have no entry in common. */
const LEAST = 2;

export interface ListReaderOptions {
  fetch: FetchList;
  decode(payloads: readonly string[]): StoredEntry[];
  clock: Pick<Clock, 'monotonic'>;
  maxStored: number;
}

/**
 * Reads windows of the list and joins them. Others push, truncate and remove while it reads, so an index is only ever a
 * guess: entries that two windows share tell the truth. A reading ends with the entry `maxStored` at the latest: the
 * next push of anybody truncates the list to that. Windows are as large as the network brings in a second or two.
 */
export class ListReader {
  readonly #options: ListReaderOptions;
  /** How many entries a call is believed to bring in time. */
  #affordable = MAX_WINDOW;

  constructor(options: ListReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads windows of `size` and more from index `start` downwards until `enough` or the end of the list. When the first
   * window does not hold what `anchored` looks for, or two windows share nothing, entries above were removed meanwhile:
   * reading begins again higher up.
   */
  async down(
    start: number,
    size: number,
    enough: (read: ListWindow) => boolean,
    anchored: (read: ListWindow) => boolean = () => true,
  ): Promise<ListWindow> {
    // Below others, the first window must reach beyond those that it shares with them.
    const least = start === 0 ? 1 : OVERLAP + 1;
    let read = await this.#window(Math.max(0, Math.min(start, this.#options.maxStored - least)), size, least);
    while (read.start > 0 && !anchored(read))
      read = await this.#window(Math.max(0, read.start - size), size, least);
    for (let restarts = 0, step = size; !read.end && !enough(read); ) {
      step = Math.min(MAX_WINDOW, step * 2);
      let overlap = 0;
      const below = await this.#patiently(() => {
        overlap = Math.min(OVERLAP, read.entries.length, step - 1, this.#affordable - 1);
        return this.#window(read.stop - overlap, step, 1);
      });
      const joined = joinWindows(read, below, overlap, restarts < MAX_RESTARTS);
      if (joined === undefined && restarts >= MAX_RESTARTS) return read;
      if (joined === undefined) restarts += 1;
      read = joined ?? (await this.#patiently(() => this.#window(0, step, 1)));
      // So much was pushed meanwhile that the next window would begin behind the last entry.
      read.end ||= read.stop >= this.#options.maxStored;
    }
    return read;
  }

  /** Reads a window again where it takes too long, which is smaller then. The windows that were read already are kept. */
  async #patiently(read: () => Promise<ListWindow>): Promise<ListWindow> {
    for (;;) {
      const least = this.#affordable === LEAST;
      try {
        return await read();
      } catch (problem) {
        if (least || !(problem instanceof ChatError) || problem.code !== 'timeout') throw problem;
      }
    }
  }

  async #window(start: number, size: number, least: number): Promise<ListWindow> {
    const { fetch, decode, clock, maxStored } = this.#options;
    const wanted = Math.max(least, Math.min(size, this.#affordable));
    const end = Math.min(start + wanted, maxStored);
    const since = clock.monotonic();
    const payloads = await fetch(start, end).catch((problem: unknown) => {
      if (problem instanceof ChatError && problem.code === 'timeout')
        this.#affordable = Math.max(LEAST, Math.floor(wanted / 4));
      throw problem;
    });
    const took = clock.monotonic() - since;
    if (took > SLOW_MS && wanted > SLOW_ENTRIES) this.#affordable = wanted >> 1;
    else if (took < (wanted < SLOW_ENTRIES ? SLOW_MS : QUICK_MS) && wanted >= this.#affordable)
      this.#affordable = Math.min(MAX_WINDOW, 2 * this.#affordable);
    const entries = decode(payloads ?? []);
    const stop = start + entries.length;
    return {
      start,
      entries,
      end: stop < end || stop >= maxStored,
      stop,
      replaced: payloads === undefined,
    };
  }
}

/**
 * Appends the part of `below` that follows the end of `above`. As many entries may have been pushed in between as stand
 * in both: the fewest that agree are taken. Undefined when the two share nothing; or, when `strict`, when equal
 * messages leave more than one way to join them. Rubbish that is equal makes no difference, and an id is in one place.
 */
function joinWindows(
  above: ListWindow,
  below: ListWindow,
  overlap: number,
  strict: boolean,
): ListWindow | undefined {
  const { length } = above.entries;
  /** Whether the two are the same where they overlap, if `below` begins at this index of `above`. */
  const agrees = (from: number) => {
    const shared = Math.min(length - from, below.entries.length);
    for (let index = Math.max(0, -from); index < shared; index += 1)
      if (above.entries[from + index]?.payload !== below.entries[index]?.payload) return false;
    return shared > Math.max(0, -from);
  };
  let joint: number | undefined;
  // Below 0, more was pushed than `above` holds: `below` begins with what is newer than the reading.
  const first = Math.max(1 - below.entries.length, length - MAX_MOVED);
  for (let from = length - overlap; from >= first; from -= 1) {
    if (!agrees(from)) continue;
    const ambiguous = joint !== undefined;
    if (ambiguous && strict) return undefined;
    joint ??= from;
    const shared = above.entries.slice(Math.max(0, joint));
    const certain = shared.some(({ id }) => id) || shared.every(({ message }) => message === undefined);
    if (ambiguous || !strict || certain) break;
  }
  if (joint === undefined) return undefined;
  const added = below.entries.slice(length - joint);
  return {
    ...above,
    entries: added.length === 0 ? above.entries : [...above.entries, ...added],
    end: below.end,
    stop: below.start + Math.max(below.entries.length, length - joint),
  };
}
