import type { Message } from './message.js';
import { idTime, MAX_CLOCK_LEAD_MS } from './message-id.js';
import { uuidV7 } from './uuid-v7.js';

/**
 * Messages in the article's format, `{"username","message"}`, carry no id. Theirs is derived from the content
 * and the place: the time of the newest identified message before it, how many article messages stand between
 * the two, and a hash of the content. Clients that know the same stretch of history derive the same id.
 *
 * The same entry is met twice, on the topic and in the list, and nothing in it says so. Equal contents are
 * therefore counted: as many as the list holds are one message each, however often they are met.
 */

/** A place in the order of messages, given by what stands before it. */
export interface Place {
  /** Time of the newest identified message before it that is not {@link ListEntry.ahead}, in ms; 0 for none. */
  anchor: number;
  /** Number of article messages since that one, this one included. */
  ordinal: number;
}

/** The place before all messages. */
export const NOWHERE: Place = { anchor: 0, ordinal: 0 };

/** Returns the string that identifies an article message's content. */
export function contentKey(message: {
  readonly text: string;
  readonly user: { readonly name: string };
}): string {
  return JSON.stringify([message.user.name, message.text]);
}

/** Gives the id of a content at any place; the content is hashed once. */
export function derivedIds(content: string): (place: Place) => string {
  const hash = (fnv1a(content, 0x811c9dc5) & 0x3ff) * 2 ** 32 + fnv1a(content, 0x050c5d1f);
  // One millisecond on: within one, the sequence of an id made elsewhere would decide.
  return ({ anchor, ordinal }) => uuidV7(anchor + 1, ordinal, hash);
}

/** An entry of the list: its id if it carries one, its content if it is in the article's format, else neither. */
export interface ListEntry {
  id?: string;
  content?: string;
  /** For an article entry that is known already: the place that it was given. */
  place?: Place;
  /** The id is of a clock so far ahead of others that nothing is placed behind it. */
  ahead?: boolean;
}

/** How many of the identified entries that follow on one are asked whether it was ahead, and how many must say so. */
const FOLLOWERS = 3;
const AGREED = 2;

/** Whether an id lies so far ahead of `now` that it gives no place to what follows. */
export function isAhead(id: string, now: number): boolean {
  return idTime(id) - now >= MAX_CLOCK_LEAD_MS;
}

/**
 * Marks the ids of a window (newest first) that were ahead when they were stored: by our clock still, or by those that
 * followed. Two must agree, since a single one may be an old message that was sent again.
 */
export function markAhead(window: readonly ListEntry[], now: number): ListEntry[] {
  const followers: number[] = [];
  return window.map((entry) => {
    if (entry.id === undefined) return entry;
    const time = idTime(entry.id);
    const behind = followers.filter((follower) => time - follower >= MAX_CLOCK_LEAD_MS).length;
    followers.unshift(time);
    followers.length = Math.min(FOLLOWERS, followers.length);
    return behind >= AGREED || isAhead(entry.id, now) ? { ...entry, ahead: true } : entry;
  });
}

/** Neighbours that two stretches must share before they are taken for the same stretch. */
const RUN = 3;

/**
 * For each article entry of a window of the list (newest first, its first at index `start`), the id of the known
 * message that it is, or undefined when it is new. `known` are the messages in memory in the list's order,
 * newest first; `contentOf` gives the content of those in the article's format.
 */
export function matchIdless(
  window: readonly ListEntry[],
  start: number,
  known: readonly Message[],
  contentOf: (id: string) => string | undefined,
): (string | undefined)[] {
  // Numbers stand for ids and contents: equal long texts are dear to compare.
  const numbers = new Map<string, number>();
  const numberOf = (key: string) => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const knownKeys = known.map(({ id }) => numberOf(contentOf(id) ?? id));
  const keys = window.map(({ id, content }) => numberOf(id ?? content ?? ''));
  const offset = alignmentOf(keys, knownKeys, start);
  if (offset !== undefined) return window.map((_, index) => known[index + offset]?.id);
  // Out of step, as when one entry was missed: then equal contents nearby are taken for the same, one for one.
  const { from, to } = regionOf(window, start, known);
  const unmatched = new Map<number, string[]>();
  for (let index = Math.min(to, known.length) - 1; index >= from; index -= 1) {
    const id = known[index]?.id ?? '';
    if (contentOf(id) === undefined) continue;
    const key = knownKeys[index] ?? -1;
    const ids = unmatched.get(key);
    if (ids === undefined) unmatched.set(key, [id]);
    else ids.push(id);
  }
  return window.map(({ content }, index) =>
    content === undefined ? undefined : unmatched.get(keys[index] ?? -1)?.pop(),
  );
}

/** So many pairs of entries are compared before two stretches are taken to be out of step. */
const MAX_COMPARED = 1_000_000;

/** By how much the window must be moved to agree with what is known wherever both have something; nearest first. */
function alignmentOf(window: readonly number[], known: readonly number[], start: number): number | undefined {
  let compared = 0;
  for (let distance = 0; distance <= window.length && compared < MAX_COMPARED; distance += 1) {
    for (const offset of [start - distance, start + distance]) {
      const from = Math.max(0, -offset);
      const to = Math.min(window.length, known.length - offset);
      if (to <= from || to - from < Math.min(RUN, known.length, window.length)) continue;
      let index = from;
      while (index < to && window[index] === known[index + offset]) index += 1;
      if (index === to) return offset;
      compared += index - from + 1;
    }
  }
  return undefined;
}

/** Which of the known messages the window covers, judged by the identified ones that stand in both; else all. */
function regionOf(
  window: readonly ListEntry[],
  start: number,
  known: readonly Message[],
): { from: number; to: number } {
  const positions = new Map(known.map(({ id }, position) => [id, position]));
  let region: { from: number; to: number } | undefined;
  for (const [index, { id }] of window.entries()) {
    const position = id === undefined ? undefined : positions.get(id);
    if (position === undefined) continue;
    const from = region?.from ?? (start === 0 ? 0 : Math.max(0, position - index));
    region = { from, to: position + window.length - index };
  }
  return region ?? { from: 0, to: known.length };
}

/** Where counting begins when nothing tells what the list holds below: far from both ends of the range. */
const UNKNOWN_BEGINNING = 0x2000_0000;

/**
 * Walks a window from its oldest entry to its newest and gives each its place. `complete` tells that nothing
 * older is stored, so that the count may begin at zero and every client counts alike.
 */
export function placesOf(window: readonly ListEntry[], complete: boolean): Place[] {
  const places: Place[] = [];
  let place = complete ? NOWHERE : beginningOf(window);
  for (let index = window.length - 1; index >= 0; index -= 1) {
    place = placeAfter(place, window[index] ?? {});
    places[index] = place;
  }
  return places;
}

/** The place of an entry that follows `place`. */
export function placeAfter(place: Place, entry: ListEntry): Place {
  if (entry.id !== undefined) {
    const anchor = entry.ahead ? 0 : idTime(entry.id);
    // Counting goes on behind an older one: a place is given to one article message only.
    return anchor > place.anchor ? { anchor, ordinal: 0 } : place;
  }
  if (entry.content === undefined) return place;
  const next = { anchor: place.anchor, ordinal: place.ordinal + 1 };
  return entry.place === undefined ? next : later(next, entry.place);
}

export function later(a: Place, b: Place): Place {
  if (a.anchor !== b.anchor) return a.anchor > b.anchor ? a : b;
  return a.ordinal > b.ordinal ? a : b;
}

/** Without a known beginning, what leads the window goes right before the oldest entry whose place is known. */
function beginningOf(window: readonly ListEntry[]): Place {
  for (let index = window.length - 1; index >= 0; index -= 1) {
    const { id, place, ahead } = window[index] ?? {};
    if (ahead) continue;
    const leading = window.length - index;
    if (id !== undefined) return { anchor: Math.max(0, idTime(id) - 2), ordinal: UNKNOWN_BEGINNING };
    if (place !== undefined) return { anchor: place.anchor, ordinal: Math.max(0, place.ordinal - leading) };
  }
  return { anchor: 0, ordinal: UNKNOWN_BEGINNING - window.length };
}

/** FNV-1a, 32 bits, over UTF-16 code units (Fowler, Noll, Vo). */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
