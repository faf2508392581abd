import type { Scheduler } from '../shared/clock.js';
import {
  derivedIds,
  isAhead,
  type ListEntry,
  later,
  markAhead,
  matchIdless,
  NOWHERE,
  type Place,
  placeAfter,
  placesOf,
} from './idless.js';
import type { ListWindow } from './list-window.js';
import type { Message } from './message.js';
import type { Timeline } from './timeline.js';

/** A message without an id, and where it stands. */
interface Idless {
  readonly content: string;
  readonly place: Place;
}

/** A message that was read from the list. */
export interface Listed {
  readonly message: Message;
  /** Whether it is in memory already. */
  readonly known: boolean;
  readonly place: Place;
  /** Set for an entry without an id of its own. */
  readonly content: string | undefined;
}

/** The id and the place of an entry. */
export interface PlacedEntry {
  readonly id: string;
  readonly place: Place;
}

/** How long after an entry was read its live item may come (ms): twice the settle window. */
const CLAIM_MS = 4000;
/** So many records beyond those in memory are kept before they are looked through. */
const SPARE = 1000;

/**
 * Knows the messages without an id, and so their ids: where each stands, and which ones were only read from the list so far,
 * so that their live items may still come.
 */
export class IdlessMemory {
  readonly #timeline: Timeline;
  readonly #scheduler: Scheduler;
  readonly #maxStored: number;
  readonly #known = new Map<string, Idless>();
  /** Until when a live item may come for an entry that was read, by its id (monotonic, ms). */
  readonly #unclaimed = new Map<string, number>();
  /** The place of the newest entry of the list, as far as known. */
  #tail = NOWHERE;

  constructor(options: { timeline: Timeline; scheduler: Scheduler; maxStored: number }) {
    this.#timeline = options.timeline;
    this.#scheduler = options.scheduler;
    this.#maxStored = options.maxStored;
  }

  /** A message with an id came live, `now` by the wall clock: those without one follow on it. */
  passed(id: string, now: number): void {
    this.#tail = placeAfter(this.#tail, { id, ahead: isAhead(id, now) });
  }

  /** The message that a live item of this content may be, as far as it was read from the list before. */
  awaits(content: string): Message | undefined {
    const now = this.#scheduler.monotonic();
    for (const [id, until] of this.#unclaimed) {
      const message = now > until ? undefined : this.#timeline.get(id);
      if (message === undefined) this.#unclaimed.delete(id);
      else if (this.#known.get(id)?.content === content) return message;
    }
    return undefined;
  }

  /** The same; from then on it is another one that comes. */
  claim(content: string): Message | undefined {
    const message = this.awaits(content);
    this.#unclaimed.delete(message?.id ?? '');
    return message;
  }

  /** The id and the place of a live item that is a new message. */
  next(content: string): PlacedEntry {
    const place = placeAfter(this.#tail, { content });
    return { id: derivedIds(content)(place), place };
  }

  /** A live item was added under the id that {@link next} gave. */
  add(id: string, idless: Idless): void {
    this.#tail = idless.place;
    this.#known.set(id, idless);
    this.#prune();
  }

  /** Gives the entries of a window, newest first, their ids and places. Changes nothing. */
  place(entries: readonly ListEntry[], { start, end, stop }: ListWindow): PlacedEntry[] {
    const hasIdless = entries.some(({ content }) => content !== undefined);
    const contentOf = (id: string) => this.#known.get(id)?.content;
    const ids = hasIdless ? matchIdless(entries, start, this.#timeline.inListOrder(), contentOf) : [];
    const marked = markAhead(entries, this.#scheduler.now()).map((entry, index): ListEntry => {
      const place = hasIdless ? this.#known.get(ids[index] ?? '')?.place : undefined;
      return place === undefined ? entry : { ...entry, place };
    });
    const places = placesOf(marked, end && stop < this.#maxStored);
    const taken = new Set(ids);
    const isFree = (id: string) => !taken.has(id) && this.#timeline.get(id) === undefined;
    /** By content: how its ids are derived, and the last place that one of them was given. */
    const last = new Map<string, { derive: (place: Place) => string; place: Place }>();
    const placed: PlacedEntry[] = [];
    // The oldest first: then each begins to look behind the one before it.
    for (let index = entries.length - 1; index >= 0; index -= 1) {
      const { content = '', ...entry } = entries[index] ?? {};
      let place = places[index] ?? this.#tail;
      let id = entry.id ?? ids[index];
      if (id === undefined) {
        const { derive, place: behind } = last.get(content) ?? {
          derive: derivedIds(content),
          place: NOWHERE,
        };
        // Of equal contents any may be the new one; it takes the next place that is free.
        place = later(place, { ...behind, ordinal: behind.ordinal + 1 });
        for (id = derive(place); !isFree(id); id = derive(place))
          place = { ...place, ordinal: place.ordinal + 1 };
        last.set(content, { derive, place });
      }
      placed[index] = { id, place };
    }
    return placed;
  }

  /** These were read from the list, from its head or further down, and are going to be kept. */
  remember(listed: readonly Listed[], fromHead: boolean): void {
    const until = this.#scheduler.monotonic() + CLAIM_MS;
    for (const { message, known, place, content } of listed) {
      if (known || content === undefined) continue;
      this.#known.set(message.id, { content, place });
      this.#unclaimed.set(message.id, until);
    }
    if (fromHead) this.#tail = later(this.#tail, listed[0]?.place ?? NOWHERE);
    this.#prune();
  }

  #prune(): void {
    if (this.#known.size <= 2 * this.#timeline.size + SPARE) return;
    for (const id of this.#known.keys()) {
      if (this.#timeline.get(id) !== undefined) continue;
      this.#known.delete(id);
      this.#unclaimed.delete(id);
    }
  }
}
