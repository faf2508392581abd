import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/messages/hash.js';
import {
  contentKey,
  derivedIds,
  isAhead,
  type ListEntry,
  later,
  markAhead,
  matchIdless,
  type Place,
  placeAfter,
  placesOf,
} from '../../src/messages/idless.js';
import type { Message } from '../../src/messages/message.js';
import { idTime, isMessageId } from '../../src/messages/message-id.js';

const MINUTE = 60_000;
/** A day of the year 2026. */
const T = Date.UTC(2026, 5, 1);

/** The id of a message that was sent `ms` after {@link T}. */
const idAt = (ms: number) => v7({ msecs: T + ms, seq: 0, random: new Uint8Array(16) });

/**
 * Entries of the list, newest first: `@5` carries an id of 5 ms after {@link T}, `?` is no message, and any other word is a
 * text in the article's format.
 */
function entries(words: string): ListEntry[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      if (word === '?') return {};
      return word.startsWith('@') ? { id: idAt(Number(word.slice(1))) } : { content: word };
    });
}

describe('an id that is derived', () => {
  const place = { anchor: T, ordinal: 1 };
  const derive = (text: string, name = 'Ada', at: Place = place) =>
    derivedIds(contentKey({ text, user: { name } }))(at);

  it('is an id like every other, and the same wherever it is derived', () => {
    expect(isMessageId(derive('hello'))).toBe(true);
    expect(derive('hello')).toBe(derive('hello'));
  });

  it('never changes: apps of all versions give the same', () => {
    expect(derive('hello')).toBe('019e807a-ec01-7000-8000-06c18a116af7');
  });

  it.each<[what: string, other: string]>([
    ['text', derive('hello!')],
    ['name', derive('hello', 'Bob')],
    ['name and text, divided elsewhere', derive('ello', 'Adah')],
    ['place', derive('hello', 'Ada', { anchor: T, ordinal: 2 })],
    ['anchor', derive('hello', 'Ada', { anchor: T + 1, ordinal: 1 })],
  ])('is another one with another %s', (_, other) => {
    expect(other).not.toBe(derive('hello'));
  });

  it('sorts right behind the message before it, in the order of the places', () => {
    const ids = [
      idAt(0),
      derive('z', 'Ada', { anchor: T, ordinal: 1 }),
      derive('a', 'Ada', { anchor: T, ordinal: 2 }),
      derive('m', 'Ada', { anchor: T, ordinal: 300 }),
      idAt(2),
    ];
    expect(ids).toEqual([...ids].sort());
    expect(idTime(derive('hello'))).toBe(T + 1);
  });
});

describe('an id is ahead', () => {
  it('of a clock from five minutes on', () => {
    expect(isAhead(idAt(5 * MINUTE), T)).toBe(true);
    expect(isAhead(idAt(5 * MINUTE - 1), T)).toBe(false);
  });

  it.each<[how: string, window: string, ahead: string]>([
    ['by our clock still', '@600000 @0', '@600000'],
    [
      'not because one followed it, which may be an old message that was sent again',
      '@299999 @0 @400000',
      '',
    ],
    ['because two that followed it were five minutes behind', '@1 @0 @300001', '@300001'],
    ['not because two were less behind', '@1 @0 @299999', ''],
    ['though one of three that followed was not behind', '@1 @300001 @0 @300002', '@300002'],
    ['not by those that came long after', '@1 @0 @290000 @290001 @300002', ''],
  ])('%s', (_, window, ahead) => {
    const now = T + (window.includes('600000') ? 200_000 : 10 * MINUTE);
    const marked = markAhead(entries(window), now).filter((entry) => entry.ahead);
    expect(marked.map(({ id }) => id)).toEqual(entries(ahead).map(({ id }) => id));
  });

  it('and those without an id say nothing, and are left as they are', () => {
    const window = entries('hi @1 hi ? @0 @300001');
    const marked = markAhead(window, T + 10 * MINUTE);
    expect(marked.map(({ ahead }) => ahead ?? false)).toEqual([false, false, false, false, false, true]);
    expect(marked.slice(0, 5)).toEqual(window.slice(0, 5));
  });
});

describe('the places of a window', () => {
  const shown = ({ anchor, ordinal }: Place) =>
    `${anchor === 0 ? 0 : anchor - T}/${ordinal >= 0x1000_0000 ? `~${ordinal - 0x2000_0000}` : ordinal}`;

  it.each<[what: string, window: string, complete: boolean, places: string]>([
    ['count from nothing where nothing older is stored', 'c b a', true, '0/3 0/2 0/1'],
    ['count from each message with an id', 'd c @5 b a', true, '5/2 5/1 5/0 0/2 0/1'],
    ['go on behind one that is older than the last', 'c @3 b @5', true, '5/2 5/1 5/1 5/0'],
    ['leave out what is no message', 'b ? a', true, '0/2 0/1 0/1'],
    [
      'end right before the first known one where older ones are stored',
      'c @5 b a',
      false,
      '5/1 5/0 3/~2 3/~1',
    ],
    ['are counted from far away where nothing is known', 'c b a', false, '0/~0 0/~-1 0/~-2'],
    ['are none of an empty window', '', false, ''],
  ])('%s', (_, window, complete, places) => {
    expect(placesOf(entries(window), complete).map(shown).join(' ')).toBe(places);
  });

  it('are those that they were given before', () => {
    const place = { anchor: T + 7, ordinal: 40 };
    const window = entries('d c b a').map((entry, index) => (index === 1 ? { ...entry, place } : entry));
    expect(placesOf(window, false).map(shown)).toEqual(['7/41', '7/40', '7/39', '7/38']);
    expect(placesOf(window, true).map(shown)).toEqual(['7/41', '7/40', '0/2', '0/1']);
  });

  it('never lie before the first one possible', () => {
    const place = { anchor: T, ordinal: 1 };
    const window = entries('c b a').map((entry, index) => (index === 0 ? { ...entry, place } : entry));
    expect(placesOf(window, false).at(-1)).toEqual({ anchor: T, ordinal: 1 });
    expect(placesOf(entries('a @-1780272000000'), false)[1]).toEqual({ anchor: 0, ordinal: 0x2000_0000 });
  });

  it('are not given behind an id that is ahead', () => {
    const window = entries('b @9 a @5').map((entry, index) =>
      index === 1 ? { ...entry, ahead: true } : entry,
    );
    expect(placesOf(window, true).map(shown)).toEqual(['5/2', '5/1', '5/1', '5/0']);
    expect(placesOf(window.slice(0, 3), false).map(shown)).toEqual(['0/~-1', '0/~-2', '0/~-2']);
  });

  it('go on by one for each that comes live', () => {
    const start = { anchor: T + 5, ordinal: 2 };
    expect(shown(placeAfter(start, { content: 'a' }))).toBe('5/3');
    expect(shown(placeAfter(start, { content: 'a', place: { anchor: T + 5, ordinal: 2 } }))).toBe('5/3');
    expect(shown(placeAfter(start, { content: 'a', place: { anchor: T + 6, ordinal: 1 } }))).toBe('6/1');
    expect(shown(placeAfter(start, { id: idAt(6) }))).toBe('6/0');
    expect(placeAfter(start, {})).toBe(start);
  });

  it('are compared by anchor, then by number', () => {
    const [early, late, last] = [
      { anchor: 1, ordinal: 9 },
      { anchor: 2, ordinal: 1 },
      { anchor: 2, ordinal: 2 },
    ] as const;
    for (const [a, b] of [
      [early, late],
      [late, last],
    ] as const) {
      expect(later(a, b)).toBe(b);
      expect(later(b, a)).toBe(b);
    }
  });
});

describe('G1: an entry of the list is the message that it was before', () => {
  /** The messages in memory, newest first, numbered: `hi#1` has the text `hi`. */
  function memory(words: string) {
    const texts = new Map<string, string>();
    const known = words
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        if (word.startsWith('@')) return { id: idAt(Number(word.slice(1))) } as Message;
        texts.set(word, word.split('#')[0] ?? '');
        return { id: word } as Message;
      });
    return { known, contentOf: (id: string) => texts.get(id) };
  }

  /** The message that each entry without an id is taken for. */
  function matches(window: string, words: string, start = 0): string {
    const { known, contentOf } = memory(words);
    const list = entries(window);
    const ids = matchIdless(list, start, known, contentOf);
    return list
      .flatMap(({ content }, index) => (content === undefined ? [] : [ids[index] ?? 'new']))
      .join(' ');
  }

  it.each<[how: string, window: string, known: string, taken: string]>([
    ['where both are the same', 'c b a', 'c#3 b#2 a#1', 'c#3 b#2 a#1'],
    ['and what stands above is new', 'd c b a', 'c#3 b#2 a#1', 'new c#3 b#2 a#1'],
    ['equal texts too: as many are new as were added', 'hi hi hi hi', 'hi#3 hi#2 hi#1', 'hi#3 hi#2 hi#1 new'],
    ['told apart by those beside them', 'hi b hi a', 'hi#2 a#1', 'new new hi#2 a#1'],
    ['though one between was missed', 'd c b a', 'd#4 b#2 a#1', 'd#4 new b#2 a#1'],
    ['though one was removed from the list', 'd b a', 'd#4 c#3 b#2 a#1', 'd#4 b#2 a#1'],
    ['by the messages with ids around it', 'hi @5 hi', 'hi#2 @5 hi#1', 'hi#2 hi#1'],
    [
      'with new ones above rather than below, where both could be',
      'b a b a',
      'a#4 b#3 a#2 b#1',
      'new a#4 b#3 a#2',
    ],
    [
      'by three that agree, not by an equal text that is older',
      'hi c b a',
      'c#5 b#4 a#3 hi#2 x#1',
      'new c#5 b#4 a#3',
    ],
    ['out of step, the newest of equal texts first', 'hi x hi y', 'hi#5 z#4 hi#3 w#2', 'hi#5 new hi#3 new'],
    ['out of step, though others between were removed', 'hi @5 b', 'hi#8 n#7 m#6 @5', 'hi#8 new'],
    ['out of step, and not one that lies below the window', 'q @5 hi', '@5 b#4 c#3 hi#2', 'new new'],
    ['and none is taken twice', 'a a', 'a#1 b#2', 'a#1 new'],
    ['and all is new where nothing is known', 'b a', '', 'new new'],
    ['and all is new where nothing of it is known', 'b a', 'd#4 c#3', 'new new'],
  ])('%s', (_, window, known, taken) => {
    expect(matches(window, known)).toBe(taken);
  });

  it.each<[how: string, window: string, start: number, known: string, taken: string]>([
    ['by its index', 'hi hi', 1, 'hi#4 hi#3 hi#2 hi#1', 'hi#3 hi#2'],
    ['though others were pushed since', 'd c b', 0, 'c#3 b#2 a#1', 'new c#3 b#2'],
    ['though the index is off, by those beside it', 'c b a', 3, 'e#5 d#4 c#3 b#2 a#1', 'c#3 b#2 a#1'],
    ['down to those below memory, which are new', 'b a z y', 1, 'c#3 b#2 a#1', 'b#2 a#1 new new'],
  ])('in a window further down, %s', (_, window, start, known, taken) => {
    expect(matches(window, known, start)).toBe(taken);
  });

  it('and out of step only those count that the window can hold', () => {
    expect(matches('x @5 hi @3', 'hi#9 @8 @7 @5 hi#2 y#1 @3', 3)).toBe('new hi#2');
    expect(matches('x @5 q @3', 'q#9 @8 @7 @5 hi#2 y#1 @3', 3)).toBe('new new');
  });

  it('and is found in windows of thousands of equal texts at once', () => {
    const equal = (count: number) => Array(count).fill('hi').join(' ');
    const known = Array.from({ length: 3000 }, (_, index) => `hi#${index}`).join(' ');
    const taken = matches(equal(3000), known).split(' ');
    expect([taken[0], taken.at(-1)]).toEqual(['hi#0', 'hi#2999']);
  });
});

describe('the hash of a payload', () => {
  it('stands for it, and for no other of the same length', () => {
    expect(contentHash('hello')).toBe(contentHash('hello'));
    expect(contentHash('hello')).not.toBe(contentHash('hellp'));
    expect(contentHash('ab')).not.toBe(contentHash('ba'));
    expect(contentHash('abc')).not.toBe(contentHash('aXc'));
    expect(contentHash('')).toMatch(/^0 /);
  });
});
