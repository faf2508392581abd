import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
import { RoomState } from '../../src/svelte/index.js';
import { ADA, GRACE_MS, Page, ROOM_SUBSCRIPTIONS } from '../ui/page.js';
import { inEffect } from './in-effect.js';
import { showKeyed } from './keyed.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

function open(read: (lobby: RoomState) => unknown) {
  const room = page.room({ room: 'lobby', user: ADA });
  const lobby = new RoomState(room);
  const seen: unknown[] = [];
  const stop = inEffect(() => seen.push(read(lobby)));
  page.atEnd(async () => {
    stop();
    await room.leave();
  });
  return { room, lobby, seen, stop };
}

it('G5: a room is joined once it is read in an effect, and left after the grace', async () => {
  const { room, lobby, seen, stop } = open((state) => state.status);
  await page.run(2000);
  expect(seen.at(-1)).toBe('joined');
  const again = inEffect(() => void lobby.messages);
  await page.run(1000);
  expect(page.subscribed).toBe(ROOM_SUBSCRIPTIONS);
  stop();
  again();
  await page.run(1000);
  expect(room.status).toBe('joined');
  await page.run(GRACE_MS);
  expect([room.status, page.subscriptions]).toEqual(['left', 0]);
  expect(room.eventNames()).toEqual([]);
});

it('an effect runs for what it reads and for nothing else', async () => {
  const { seen, lobby } = open((state) => state.messages.map(({ text }) => text).join(','));
  const other = await page.other('lobby');
  await page.run(2000);
  await page.result(other.send('Hello'));
  await page.run(1000);
  flushSync();
  expect(seen.at(-1)).toBe('Hello');
  const before = seen.length;
  lobby.draft.text = 'Hi';
  other.typing.keystroke();
  await page.result(other.presence.enter());
  await page.run(6000);
  flushSync();
  expect(seen).toHaveLength(before);
  await page.result(lobby.draft.send());
  flushSync();
  expect(seen.at(-1)).toBe('Hello,Hi');
  expect(lobby.draft.text).toBe('');
});

it('shows who is typing, who is there and what is unread', async () => {
  const { seen } = open(({ typing, members, memberCount, unread, pinned, receipts, hasOlder, error }) =>
    [
      typing.length,
      members.length,
      memberCount,
      unread.count,
      pinned.length,
      receipts.size,
      hasOlder,
      error,
    ].join(' '),
  );
  const other = await page.other('lobby');
  await page.run(2000);
  const { id } = await page.result(other.send('Hello'));
  await page.result(other.pin(id));
  other.typing.keystroke();
  await page.result(other.presence.enter());
  await page.run(2000);
  flushSync();
  expect(seen.at(-1)).toBe('1 1 1 1 1 0 false ');
});

describe('without an effect', () => {
  it('reading gives what there is, and joins nothing', async () => {
    const lobby = new RoomState(page.room({ room: 'lobby', user: ADA }));
    expect([lobby.messages, lobby.status, lobby.draft.text]).toEqual([[], 'idle', '']);
    await page.run(1000);
    expect(page.subscribed).toBe(0);
  });

  it('enters and hears until told otherwise', async () => {
    const { room, lobby } = open(({ status }) => status);
    const other = await page.other('lobby');
    const changes: string[] = [];
    other.on('presence', ({ type }) => changes.push(type));
    const heard: unknown[] = [];
    const end = lobby.onSignal('dice', ({ data }) => heard.push(data.pips));
    const leave = lobby.enter({ mood: 'fine' });
    await page.run(6000);
    leave();
    await page.run(GRACE_MS + 6000);
    expect(changes).toEqual(['enter', 'leave']);
    await page.result(other.signal('dice', { pips: 4 }));
    await page.run(1000);
    end();
    await page.result(other.signal('dice', { pips: 5 }));
    await page.run(1000);
    expect(heard).toEqual([4]);
    expect(room.status).toBe('joined');
  });
});

it.each([
  ['the room object of before', true],
  ['a new room object', false],
])(
  'G5: a {#key} block that shows a room anew with %s has one connection, and leaves none behind',
  async (_, keeps) => {
    const made = new Map<string, ChatRoom>();
    const all = new Set<ChatRoom>();
    const roomOf = (name: string) => {
      const room = (keeps ? made.get(name) : undefined) ?? page.room({ room: name, user: ADA });
      made.set(name, room);
      all.add(room);
      return room;
    };
    const { show, end } = showKeyed(page.container, roomOf);
    page.atEnd(end);
    const bob = await page.other('lobby');
    const changes: string[] = [];
    bob.on('presence', ({ type, member }) => changes.push(`${member.userId} ${type}`)).on('typing', () => {});
    await page.result(bob.presence.enter());
    await page.run(2000);
    const others = page.subscriptions - ROOM_SUBSCRIPTIONS;
    await page.type('Half a sen');
    await page.run(1000);
    expect([page.text, bob.typing.users.length]).toEqual(['lobby joined [] typing: 0 ', 1]);
    const before = page.subscribed;
    show('help');
    await page.run(1000);
    expect(page.text).toContain('help joined');
    show('lobby');
    await page.run(1000);
    expect(page.subscribed - before).toBe(keeps ? ROOM_SUBSCRIPTIONS : 2 * ROOM_SUBSCRIPTIONS);
    await page.run(GRACE_MS + 2000);
    expect(page.text).toContain('lobby joined');
    expect(page.subscriptions - others).toBe(ROOM_SUBSCRIPTIONS);
    expect([bob.presence.count, changes, page.input.value]).toEqual([
      2,
      ['ada enter', 'bob enter'],
      keeps ? 'Half a sen' : '',
    ]);
    await page.run(8000);
    expect(bob.typing.users).toEqual([]);
    show('');
    await page.run(GRACE_MS + 3000);
    expect(page.subscriptions).toBe(others);
    expect([...all].flatMap((room) => room.eventNames())).toEqual([]);
    expect(bob.presence.count).toBe(1);
  },
);
