import { MAX_FUTURE_MS } from '../messages/message-id.js';
import type { CompanionOptions } from '../session/room-directory.js';
import type { Clock } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { inTurn } from '../shared/in-turn.js';
import { remember } from '../shared/remember.js';
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
import type { CacheInput, Operation } from '../transport/transport.js';
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
const READ = 'read the directory';
const WRITE = 'write the directory';
const TELL_COMPANION = 'tell the companion app of the room';
/** Names of rooms that are taken of somebody else's list, and the most that are looked through. */
const MAX_COMPANION_NAMES = 10_000;

export interface DirectoryStoreOptions {
  link: RoomLink;
  directory: string;
  companion: CompanionOptions | undefined;
  clock: Clock;
  /** Ends what is being written. */
  signal: AbortSignal;
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
  /** Titles are written one after the other. */
  readonly #inTurn = inTurn();
  /** When the titles are to be kept alive, and when each room is to be added to the companion's set (monotonic). */
  #keepTitlesAt = Number.NEGATIVE_INFINITY;
  readonly #addAgainAt = new Map<string, number>();

  constructor(options: DirectoryStoreOptions) {
    this.#options = options;
    this.#times = featureKey(options.directory, 'directory');
    this.#titles = featureKey(options.directory, 'titles');
  }

  /** Reads the rooms that were written to last. */
  async read(signal: AbortSignal): Promise<Stored> {
    const { link, clock } = this.#options;
    const now = clock.now();
    const input = { set: this.#times, max: now + MAX_FUTURE_MS, descending: true, count: MAX_ROOMS };
    const [scored, others] = await Promise.all([
      this.#orTold(link.once(sortedSetFetchByScore, input, { action: READ, signal }), signal, isWrongKind),
      this.#companionNames(signal),
    ]);
    const times = new Map<string, number>();
    for (const { value, score } of (scored ?? []).slice(0, MAX_ROOMS))
      if (roomNameProblem(value) === undefined && isTime(score, now)) times.set(value, Math.floor(score));
    return { times, titles: await this.#readTitles([...times.keys()], signal), others };
  }

  async setTime(room: string, at: number): Promise<void> {
    const { clock, companion, onTrouble } = this.#options;
    await this.#write(sortedSetPut, {
      set: this.#times,
      elements: new Map([[room, at]]),
      ttlSeconds: TTL_SECONDS,
    });
    const now = clock.monotonic();
    if (now > this.#keepTitlesAt) {
      this.#keepTitlesAt = now + KEEP_TITLES_MS;
      await this.#setTitles(KEEP_TITLES).catch(() => {});
    }
    if (companion === undefined || now < (this.#addAgainAt.get(room) ?? now)) return;
    remember(this.#addAgainAt, room, now + COMPANION_AGAIN_MS, MAX_ROOMS);
    await this.#addToCompanion(companion, room).catch(onTrouble);
  }

  /** Whether the room was written to then, or later. */
  async isWritten(room: string, at: number): Promise<boolean> {
    const input = { set: this.#times, min: at, count: MAX_ROOMS };
    const since = await this.#write(sortedSetFetchByScore, input, READ);
    return since.some(({ value }) => value === room);
  }

  /** Gives a title after the stored one; returns it as it is stored. One after the other: what is given last is stored last. */
  giveTitle(room: string, title: Title): Promise<Title> {
    return this.#inTurn(async () => {
      const input = { dictionary: this.#titles, fields: [room] };
      // Should it not be readable, the writing says why.
      const stored = await this.#write(dictionaryGetFields, input).catch(() => undefined);
      const given = titleAfter(decodeTitle(stored?.get(room) ?? '', this.#options.clock.now()), title);
      await this.#setTitles(new Map([[room, encodeTitle(given)]]));
      return given;
    });
  }

  /** Stores a title as it is. */
  setTitle(room: string, title: Title): Promise<void> {
    return this.#inTurn(() => this.#setTitles(new Map([[room, encodeTitle(title)]])));
  }

  /** Puts a room in, if it is not. Returns when it was written to last; the time of a message sent meanwhile stands. */
  async add(room: string): Promise<number> {
    // Adding a millisecond tells whether it is there, and puts it in when it is not. An SDK takes 0 for its default.
    const least = { set: this.#times, value: room, amount: 1, ttlSeconds: TTL_SECONDS };
    const at = await this.#write(sortedSetIncrement, least);
    const now = this.#options.clock.now();
    if (at > NOT_THERE && isTime(at, now)) return at;
    await this.setTime(room, now);
    return now;
  }

  /** Tells the companion app of a room. */
  async announce(room: string): Promise<void> {
    const { companion, onTrouble } = this.#options;
    if (companion === undefined) return;
    try {
      await this.#addToCompanion(companion, room);
      await this.#write(publish, { topic: companion.topic, value: room }, TELL_COMPANION);
    } catch (problem) {
      onTrouble(problem as ChatError);
    }
  }

  #setTitles(fields: ReadonlyMap<string, string>): Promise<void> {
    return this.#write(dictionarySetFields, { dictionary: this.#titles, fields, ttlSeconds: TTL_SECONDS });
  }

  #addToCompanion({ set }: CompanionOptions, room: string): Promise<void> {
    const input = { set, values: [room], ttlSeconds: COMPANION_TTL_SECONDS };
    return this.#write(setAdd, input, TELL_COMPANION);
  }

  /** Makes a call that writes, or that a writing waits for. */
  #write<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    action = WRITE,
  ): Promise<Output> {
    return this.#options.link.call(operation, input, { action, signal: this.#options.signal });
  }

  async #companionNames(signal: AbortSignal): Promise<string[]> {
    const { link, companion } = this.#options;
    if (companion === undefined) return [];
    const action = 'read the rooms of the companion app';
    const names = await this.#orTold(link.once(setFetch, { set: companion.set }, { action, signal }), signal);
    return (names ?? [])
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
      for (const [room, value] of (await this.#orTold(reading, signal)) ?? []) {
        const title = decodeTitle(value, now);
        if (title !== undefined) titles.set(room, title);
      }
    }
    return titles;
  }

  /** Tells of what cannot be had, and goes on without it; for reasons that `isHarmless` names. Default: whatever it is. */
  async #orTold<Output>(
    reading: Promise<Output>,
    signal: AbortSignal,
    isHarmless: (problem: unknown) => boolean = () => true,
  ): Promise<Output | undefined> {
    try {
      return await reading;
    } catch (problem) {
      if (signal.aborted || !(problem instanceof ChatError) || !isHarmless(problem)) throw problem;
      this.#options.onTrouble(problem);
      return undefined;
    }
  }
}
