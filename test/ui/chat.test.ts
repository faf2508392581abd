import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { chatFor } from '../../src/ui/chat.js';
import { directoryOf } from '../../src/ui/directory-ui.js';
import { uiOf } from '../../src/ui/room-ui.js';
import { ADA, GRACE_MS, Page } from './page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** More than are kept. */
const MANY = 40;

it('G5: of many users or token URLs the chats of those that were asked for last are kept', () => {
  const of = (url: string, name: string) => chatFor({ token: url, user: { id: name, name } });
  const first = of('/token', 'first');
  expect(of('/token', 'first')).toBe(first);
  for (let number = 0; number < MANY; number += 1) of(`/token/${number}`, 'Ada');
  expect(of('/token', 'first')).not.toBe(first);
  const again = of('/token', 'first');
  for (let number = 0; number < MANY; number += 1) of('/token', `user ${number}`);
  expect(of('/token', 'first')).not.toBe(again);
});

it('a chat whose room is joined stays the same, however many others are asked for', async () => {
  const { session, createRoom } = page;
  const chat = chatFor({ session, user: ADA, createRoom });
  const room = chat.room('lobby');
  await page.join(room);
  page.atEnd(() => room.leave());
  for (let number = 0; number < MANY; number += 1)
    chatFor({ session, user: { id: `user ${number}`, name: 'Ada' }, createRoom });
  expect(chatFor({ session, user: ADA, createRoom })).toBe(chat);
  await page.result(room.leave());
  for (let number = 0; number < MANY; number += 1)
    chatFor({ session, user: { id: `user ${number}`, name: 'Ada' }, createRoom });
  expect(chatFor({ session, user: ADA, createRoom })).not.toBe(chat);
});

it('a chat of which only the directory is used stays the same, however many others are asked for', async () => {
  const chatOf = (number: number) =>
    chatFor({ token: page.device.tokens.source, user: { id: `user ${number}`, name: 'Ada' } });
  const chat = chatOf(0);
  // Whether it opens is another matter, and would take a network.
  vi.spyOn(chat.session.rooms, 'open').mockResolvedValue();
  const end = directoryOf(chat.session).use();
  for (let number = 1; number < MANY; number += 1) chatOf(number);
  expect(chatOf(0)).toBe(chat);
  end();
  await page.run(GRACE_MS);
  for (let number = 1; number < MANY; number += 1) chatOf(number);
  expect(chatOf(0)).not.toBe(chat);
});

it('G5: a room forgets the threads that nobody holds, and no other', async () => {
  setFlagsFromString('--expose-gc');
  const ui = uiOf(page.room({ room: 'lobby', user: ADA }));
  const held = ui.thread('held');
  const end = ui.thread('used').use();
  const used = new WeakRef(ui.thread('used'));
  const others = Array.from({ length: MANY }, (_, number) => new WeakRef(ui.thread(`${number}`)));
  // A weak reference holds until the end of its turn.
  await new Promise((resolve) => setImmediate(resolve));
  (runInNewContext('gc') as () => void)();
  expect(others.filter((other) => other.deref())).toEqual([]);
  expect([ui.thread('held') === held, ui.thread('used') === used.deref()]).toEqual([true, true]);
  end();
  await page.run(GRACE_MS);
});
