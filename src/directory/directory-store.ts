import { MAX_FUTURE_MS } from '../messages/message-id.js';
import type { CompanionOptions } from '../session/room-directory.js';
import type { Clock } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { featureKey } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import { dictionaryGetFields, dictionarySetFields } from '../transport/operations/dictionaries.js';
import { setAdd, setFetch } from '../transport/operations/sets.js';
import {
  sortedSetFetchByScore,
  sortedSetIncrement,
  sortedSetPut,
} from '../transport/operations/sorted-sets.js';
import { publish } from '../transport/operations/topics.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import { decodeTitle, encodeTitle, isTime, type Title, titleAfter } from './directory-entry.js';
import { MAX_ROOMS, type Stored } from './directory-state.js';
import type { RoomLink } from './room-link.js';

/** Seconds that the directory lives after the last write, as the histories of its rooms do by default. */
const TTL_SECONDS = 86_400;
/** Seconds that the companion app lets its set live. */
const COMPANION_TTL_SECONDS = 3600;
/** The companion's set is written again so often for a room that is in use (milliseconds). */
const COMPANION_AGAIN_MS = 30 * 60_000;
/** The titles, which few write, are kept alive so often (milliseconds). */
const KEEP_TITLES_MS = 3_600_000;
/** A field that is no room's, because no room's name holds it: writing it makes the titles live on. */
const KEEP_TITLES = new Map([[':', '']]);
/** No room was written to by then: repeated attempts to put one in add up to less (milliseconds since the epoch). */
const NOT_THERE = 86_400_000;
/** Titles that are asked for in one call. */
const TITLES = 100;
/** Names of rooms that are taken of somebody else's list, and the most that are looked through. */
const MAX_COMPANION_NAMES = 10_000;

export interface DirectoryStoreOptions {
  link: RoomLink;
  directory: string;
  companion: CompanionOptions | undefined;
  clock: Clock;
  /** Something less than the directory itself cannot be had. */
  onTrouble(error: ChatError): void;
}

/**
 * Where the directory is stored: when each room was written to in the sorted set `rooms:directory`, titles in the dictionary
 * `rooms:titles`. No text of a message is in either: it would outlive its deletion.
 */
export class DirectoryStore {
  readonly #options: DirectoryStoreOptions;
  readonly #times: string;
  readonly #titles: string;
  #titling: Promise<void> = Promise.resolve();
  #titlesKeptAt: number | undefined;
  readonly #addedAt = new Map<string, number>();

  constructor(options: DirectoryStoreOptions) {
    this.#options = options;
    this.#times = featureKey(options.directory, 'directory');
    this.#titles = featureKey(options.directory, 'titles');
  }

  /** Reads the rooms that were written to last. */
  async read(signal: AbortSignal): Promise<Stored> {
    const { link, clock } = this.#options;
    const now = clock.now();
    const action = 'read the directory';
    const input = { set: this.#times, max: now + MAX_FUTURE_MS, descending: true, count: MAX_ROOMS };
    const [scored, others] = await Promise.all([
      this.#orEmpty(link.once(sortedSetFetchByScore, input, { action, signal }), []),
      this.#companionNames(signal),
    ]);
    const times = new Map<string, number>();
    for (const { value, score } of scored.slice(0, MAX_ROOMS))
      if (roomNameProblem(value) === undefined && isTime(score, now)) times.set(value, Math.floor(score));
    return { times, titles: await this.#readTitles([...times.keys()], signal), others };
  }

  async setTime(room: string, at: number, signal: AbortSignal): Promise<void> {
    const { link, clock, companion } = this.#options;
    const action = 'write the directory';
    await link.call(
      sortedSetPut,
      { set: this.#times, elements: new Map([[room, at]]), ttlSeconds: TTL_SECONDS },
      { action, signal },
    );
    const now = clock.monotonic();
    if (this.#titlesKeptAt === undefined || now - this.#titlesKeptAt > KEEP_TITLES_MS) {
      this.#titlesKeptAt = now;
      const keep = { dictionary: this.#titles, fields: KEEP_TITLES, ttlSeconds: TTL_SECONDS };
      await link.call(dictionarySetFields, keep, { action, signal }).catch(() => {});
    }
    if (companion === undefined || now - (this.#addedAt.get(room) ?? -Infinity) < COMPANION_AGAIN_MS) return;
    this.#addedAt.set(room, now);
    for (const oldest of this.#addedAt.keys()) {
      if (this.#addedAt.size <= MAX_ROOMS) break;
      this.#addedAt.delete(oldest);
    }
    await this.#addToCompanion(companion, room, signal).catch((problem: ChatError) =>
      this.#options.onTrouble(problem),
    );
  }

  /** Gives a title after the stored one; returns it as it is stored. One after the other: what is given last is stored last. */
  giveTitle(room: string, title: Title, signal: AbortSignal): Promise<Title> {
    return this.#inTurn(async () => {
      const given = titleAfter(await this.#storedTitle(room, signal), title);
      await this.#writeTitle(room, given, signal);
      return given;
    });
  }

  /** Stores a title as it is. */
  setTitle(room: string, title: Title, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#writeTitle(room, title, signal));
  }

  /** Should it not be readable, the writing says why. */
  async #storedTitle(room: string, signal: AbortSignal): Promise<Title | undefined> {
    const { link, clock } = this.#options;
    const input = { dictionary: this.#titles, fields: [room] };
    const stored = await link.call(dictionaryGetFields, input, { signal }).catch(() => undefined);
    return decodeTitle(stored?.get(room) ?? '', clock.now());
  }

  #writeTitle(room: string, title: Title, signal: AbortSignal): Promise<void> {
    const fields = new Map([[room, encodeTitle(title)]]);
    return this.#options.link.call(
      dictionarySetFields,
      { dictionary: this.#titles, fields, ttlSeconds: TTL_SECONDS },
      { action: 'write the directory', signal },
    );
  }

  #inTurn<Output>(act: () => Promise<Output>): Promise<Output> {
    const turn = this.#titling.then(act);
    this.#titling = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** Puts a room in, if it is not. Returns when it was written to last; the time of a message sent meanwhile stands. */
  async add(room: string, signal: AbortSignal): Promise<number> {
    const { link, clock } = this.#options;
    // Adding a millisecond tells whether it is there, and puts it in when it is not. An SDK takes 0 for its default.
    const least = { set: this.#times, value: room, amount: 1, ttlSeconds: TTL_SECONDS };
    const at = await link.call(sortedSetIncrement, least, { action: 'write the directory', signal });
    const now = Math.floor(clock.now());
    if (at > NOT_THERE && isTime(at, now)) return at;
    await this.setTime(room, now, signal);
    return now;
  }

  /** Tells the companion app of a room. */
  async announce(room: string, signal: AbortSignal): Promise<void> {
    const { link, companion, onTrouble } = this.#options;
    if (companion === undefined) return;
    const action = 'tell the companion app of the room';
    try {
      await this.#addToCompanion(companion, room, signal);
      await link.call(publish, { topic: companion.topic, value: room }, { action, signal });
    } catch (problem) {
      onTrouble(problem as ChatError);
    }
  }

  async #addToCompanion({ set }: CompanionOptions, room: string, signal: AbortSignal): Promise<void> {
    await this.#options.link.call(
      setAdd,
      { set, values: [room], ttlSeconds: COMPANION_TTL_SECONDS },
      { action: 'tell the companion app of the room', signal },
    );
  }

  async #companionNames(signal: AbortSignal): Promise<string[]> {
    const { link, companion } = this.#options;
    if (companion === undefined) return [];
    const action = 'read the rooms of the companion app';
    const names = await this.#orTold(
      link.once(setFetch, { set: companion.set }, { action, signal }),
      [],
      signal,
    );
    return names
      .slice(0, MAX_COMPANION_NAMES)
      .filter((name) => roomNameProblem(name) === undefined)
      .slice(0, MAX_ROOMS);
  }

  /** Without its titles the directory is still one. */
  async #readTitles(rooms: readonly string[], signal: AbortSignal): Promise<Map<string, Title>> {
    const titles = new Map<string, Title>();
    const now = this.#options.clock.now();
    for (let first = 0; first < rooms.length; first += TITLES) {
      const input = { dictionary: this.#titles, fields: rooms.slice(first, first + TITLES) };
      const reading = this.#options.link.once(dictionaryGetFields, input, {
        action: 'read the titles of the directory',
        signal,
      });
      for (const [room, value] of await this.#orTold(reading, new Map<string, string>(), signal)) {
        const title = decodeTitle(value, now);
        if (title !== undefined) titles.set(room, title);
      }
    }
    return titles;
  }

  /** Takes a value of another kind for empty. */
  async #orEmpty<Output>(reading: Promise<Output>, empty: Output): Promise<Output> {
    try {
      return await reading;
    } catch (problem) {
      if (!isWrongKind(problem)) throw problem;
      this.#options.onTrouble(problem as ChatError);
      return empty;
    }
  }

  /** Tells of a value that cannot be had, and takes it for empty. */
  async #orTold<Output>(reading: Promise<Output>, empty: Output, signal: AbortSignal): Promise<Output> {
    try {
      return await reading;
    } catch (problem) {
      if (signal.aborted || !(problem instanceof ChatError)) throw problem;
      this.#options.onTrouble(problem);
      return empty;
    }
  }
}
