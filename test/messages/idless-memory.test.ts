import { beforeEach, describe, expect, it } from 'vitest';
import { asMessage } from '../../src/messages/as-message.js';
import { contentKey, derivedIds, type ListEntry } from '../../src/messages/idless.js';
import { IdlessMemory, type Listed } from '../../src/messages/idless-memory.js';
import type { Message } from '../../src/messages/message.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { Timeline } from '../../src/messages/timeline.js';
import { VirtualTime } from '../support/virtual-time.js';

let time: VirtualTime;
let timeline: Timeline;
let memory: IdlessMemory;
let ids: MessageIds;

beforeEach(() => {
  time = new VirtualTime();
  timeline = new Timeline({ limit: 500, maxStored: 1000, onChange: () => {} });
  memory = new IdlessMemory({ timeline, scheduler: time, maxStored: 1000 });
  ids = new MessageIds(time);
});

const contentOf = (text: string) => contentKey({ text, user: { name: 'n' } });

function messageOf(id: string, text: string): Message {
  const decoded = { id, text, user: { name: 'n' }, sentAt: new Date(time.now()) };
  return asMessage(decoded, { room: 'r', own: false, status: 'sent', userId: undefined });
}

/** A live item without an id; returns the id of the new message, or of the one that it may be. */
function live(text: string): string {
  const content = contentOf(text);
  const claimed = memory.claim(content);
  if (claimed !== undefined) return claimed.id;
  const { id, place } = memory.next(content);
  timeline.addNewest(messageOf(id, text));
  memory.add(id, { content, place });
  return id;
}

/** Reads the whole list, newest first, and keeps what is new. Texts are entries without an id. */
function read(...list: readonly (string | { id: string })[]): string[] {
  const entries = list.map(
    (entry): ListEntry => (typeof entry === 'string' ? { content: contentOf(entry) } : entry),
  );
  const window = { start: 0, entries: [], end: true, stop: list.length, replaced: false };
  const placed = memory.place(entries, window);
  const listed = placed.map(({ id, place }, index): Listed => {
    const content = entries[index]?.content;
    const known = timeline.get(id);
    return {
      message: known ?? messageOf(id, String(list[index])),
      known: known !== undefined,
      place,
      content,
    };
  });
  for (const { message } of [...listed].reverse()) timeline.addNewest(message);
  memory.remember(listed, true);
  return placed.map(({ id }) => id);
}

describe('a message without an id', () => {
  it('has the same id live and in the list', () => {
    const first = live('hi');
    const second = live('hi');
    expect(read('hi', 'hi')).toEqual([second, first]);
    expect(second > first).toBe(true);
  });

  it('sorts behind the message that came before it', () => {
    const before = ids.next();
    timeline.addNewest(messageOf(before, 'before'));
    memory.passed(before, time.now());
    expect(live('hi') > before).toBe(true);
  });

  it('that was read from the list is claimed by its live item, once, within four seconds', async () => {
    const [id] = read('hi');
    await time.advance(4000);
    expect(live('hi')).toBe(id);
    expect(live('hi')).not.toBe(id);
  });

  it('that was read from the list is not claimed later: the item is another message', async () => {
    const [id] = read('hi');
    await time.advance(4001);
    expect(live('hi')).not.toBe(id);
  });

  it('G1: takes a place of its own where others that nobody remembers stand at the places of equal ones', () => {
    const content = contentOf('hi');
    const taken = [2, 3].map((ordinal) => derivedIds(content)({ anchor: 0, ordinal }));
    for (const id of taken) timeline.addNewest(messageOf(id, 'hi'));
    const ids = read('hi', 'ho', 'hi', 'hi', 'hi');
    expect(new Set([...ids, ...taken]).size).toBe(7);
    expect([...ids].reverse().filter((_, index) => index !== 3)).toEqual(
      [...ids.slice(0, 1), ...ids.slice(2)].sort(),
    );
  });

  it('keeps its id while others are read above it', () => {
    const [id] = read('hi');
    const entries = memory.place([{ id: ids.next() }, { content: contentOf('hi') }], {
      start: 0,
      entries: [],
      end: true,
      stop: 2,
      replaced: false,
    });
    expect(entries[1]?.id).toBe(id);
  });
});
