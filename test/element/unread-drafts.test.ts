import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryStorage } from '../../src/storage/memory-storage.js';
import { ADA, Page } from '../ui/page.js';
import { box, press, refusedRoom, showChat, write } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** A storage with a draft of the room, whose disk is busy at first. */
async function busyStorage() {
  const memory = memoryStorage();
  const room = page.room({ room: 'lobby', user: ADA, storage: memory });
  await page.result(room.saveDraft('Half a thought'));
  const busy = {
    isBusy: true,
    stored: () => page.result(room.loadDraft()),
    storage: {
      ...memory,
      get: async (...args: Parameters<typeof memory.get>) => {
        if (busy.isBusy) throw new DOMException('the disk is busy', 'UnknownError');
        return memory.get(...args);
      },
    },
  };
  return busy;
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
  const { room, refuse } = refusedRoom(page, { storage: busy.storage });
  const chat = await showChat(page, { room });
  write('Too early', box(chat));
  press('Enter', box(chat));
  await page.run(500);
  chat.remove();
  busy.isBusy = false;
  refuse();
  await page.run(2000);
  expect(await busy.stored()).toBe('Too early\nHalf a thought');
});
