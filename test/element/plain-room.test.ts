import { afterEach, beforeEach, expect, it } from 'vitest';
import { ADA, Page } from '../ui/page.js';
import { box, menuOf, press, showChat, write } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it('a room with `events: false` offers nothing but messages, and fails nowhere', async () => {
  const bob = await page.other('lobby');
  await page.result(bob.send('First'));
  const file = { id: 'f1', name: 'notes.txt', type: 'text/plain', size: 5 };
  await page.result(bob.send('', { files: [file] }));
  const errors: string[] = [];
  const room = page.room({ room: 'lobby', user: ADA, events: false });
  room.on('error', ({ message }) => errors.push(message));
  page.atEnd(() => room.leave());
  const chat = await showChat(page, { room: room as never });
  const seen = (selector: string) =>
    [...(chat.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])].filter(
      (one) => one.closest('[hidden]') === null,
    );
  const texts = () => seen('.message .text').map(({ textContent }) => textContent);
  expect(texts()).toEqual(['First', 'notes.txt']);
  expect(seen('.tools button, .attach')).toEqual([]);
  expect(menuOf(chat).map(({ textContent }) => textContent)).toEqual(['Reply', 'Copy text', 'Hide ⁨Bob⁩']);
  write('Hello', box(chat));
  press('Enter', box(chat));
  await page.run(2000);
  press('ArrowUp', box(chat));
  expect([texts(), box(chat).value, errors]).toEqual([['First', 'notes.txt', 'Hello'], '', []]);
});
