import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatStorage } from '../../src/storage/chat-storage.js';
import { memoryStorage } from '../../src/storage/memory-storage.js';
import { ADA, Page } from '../ui/page.js';
import { box, press, putInto, refusedRoom, showChat, write } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** A storage with a draft of the room, whose disk is busy at first, or hangs for so long before it fails. */
async function busyStorage(draft = 'Half a thought') {
  const memory = memoryStorage();
  const room = page.room({ room: 'lobby', user: ADA, storage: memory });
  await page.result(room.saveDraft(draft));
  const busy = {
    isBusy: true,
    hangMs: 0,
    stored: () => page.result(room.loadDraft()),
    storage: {
      ...memory,
      get: async (...args: Parameters<typeof memory.get>) => {
        const { isBusy, hangMs } = busy;
        if (hangMs > 0) await new Promise<void>((resolve) => page.world.time.after(hangMs, resolve));
        if (isBusy) throw new DOMException('the disk is busy', 'UnknownError');
        return memory.get(...args);
      },
    },
  };
  return busy;
}

/** A text was sent before the room was joined: `refuse` has it come back. */
async function sentTooEarly(storage: ChatStorage) {
  const { room, refuse } = refusedRoom(page, { storage });
  const chat = await showChat(page, { room });
  write('Too early', box(chat));
  press('Enter', box(chat));
  await page.run(500);
  return { chat, refuse };
}

it('G3: a draft that could not be read comes above the text as soon as it can, and nothing replaces it until then', async () => {
  const busy = await busyStorage();
  const chat = await showChat(page, { storage: busy.storage });
  write('N', box(chat));
  await page.run(500);
  expect([box(chat).value, await busy.stored()]).toEqual(['N', 'Half a thought']);
  busy.isBusy = false;
  write('New', box(chat));
  await page.run(500);
  expect(box(chat).value).toBe('Half a thought\nNew');
  expect(await busy.stored()).toBe('Half a thought\nNew');
  write('Half a thought, and more', box(chat));
  await page.run(500);
  expect([box(chat).value, await busy.stored()]).toEqual(Array(2).fill('Half a thought, and more'));
});

it('G3: a draft that could not be read comes above the text of the view that is shown by then', async () => {
  const busy = await busyStorage();
  const chat = await showChat(page, { storage: busy.storage });
  write('N', box(chat));
  await page.run(500);
  chat.texts = { placeholder: 'Say something' };
  await page.run(500);
  busy.isBusy = false;
  write('New', box(chat));
  await page.run(500);
  expect([box(chat).value, await busy.stored()]).toEqual(Array(2).fill('Half a thought\nNew'));
});

it('G3: a draft that could not be read stands once below a text that comes back after its view was closed', async () => {
  const busy = await busyStorage();
  const { chat, refuse } = await sentTooEarly(busy.storage);
  chat.remove();
  busy.isBusy = false;
  refuse();
  await page.run(2000);
  expect(await busy.stored()).toBe('Too early\nHalf a thought');
});

it('G3: a draft is kept on after a text that was given back met a busy disk', async () => {
  const busy = await busyStorage('');
  busy.isBusy = false;
  const { chat, refuse } = await sentTooEarly(busy.storage);
  chat.remove();
  busy.isBusy = true;
  refuse();
  await page.run(2000);
  busy.isBusy = false;
  await putInto(page, chat);
  expect(box(chat).value).toBe('Too early');
  for (const text of ['Too early, and more', 'Too early, and more!']) {
    write(text, box(chat));
    await page.run(2000);
  }
  expect(await busy.stored()).toBe('Too early, and more!');
});

it('a reading that fails late doubles nothing that was written meanwhile', async () => {
  const busy = await busyStorage('');
  busy.hangMs = 10_000;
  const chat = await showChat(page, { storage: busy.storage });
  Object.assign(busy, { isBusy: false, hangMs: 0 });
  chat.texts = { placeholder: 'Say something' };
  await page.run(1000);
  write('Hello', box(chat));
  await page.run(15_000);
  write('Hello!', box(chat));
  await page.run(1000);
  expect([box(chat).value, await busy.stored()]).toEqual(['Hello!', 'Hello!']);
});
