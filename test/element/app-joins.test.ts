import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MomentoChat } from '../../src/element/index.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { ADA, Page } from '../ui/page.js';
import { showChat } from './shown-chat.js';

let page: Page;
let room: ChatRoom;
/** How often the room began to join since the app left it. */
let joins: number;
/** Whether the app leaves the room while it begins to join. */
let leaves: boolean;
let chat: MomentoChat;
beforeEach(async () => {
  page = new Page();
  room = page.room({ room: 'lobby', user: ADA });
  leaves = false;
  // Before the element listens.
  room.on('status', (status) => {
    if (status !== 'joining') return;
    joins += 1;
    // Joined again each time, it would never end.
    if (leaves && joins < 10) void room.leave();
  });
  page.atEnd(() => room.leave());
  chat = await showChat(page, { room: room as never });
  await page.result(room.leave());
  joins = 0;
});
afterEach(() => page.end());

it('a room that the app leaves as soon as it begins to join stays left', async () => {
  leaves = true;
  void room.join();
  await page.run(1000);
  expect([room.status, joins]).toEqual(['left', 1]);
});

it('a join that the app ends itself is no error', async () => {
  const told: unknown[] = [];
  chat.addEventListener('momento-chat:error', (event) => told.push((event as CustomEvent).detail.error));
  void room.join();
  void room.leave();
  await page.result(room.join());
  await page.run(2000);
  expect([chat.status, told]).toEqual(['joined', []]);
});
