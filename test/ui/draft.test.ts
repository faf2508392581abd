import { afterEach, beforeEach, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/room/room-storage.js';
import { memoryStorage } from '../../src/storage/index.js';
import { uiOf } from '../../src/ui/room-ui.js';
import { ADA, Page } from './page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

function open(storage = memoryStorage()) {
  const room = page.room({ room: 'lobby', user: ADA, storage });
  const { draft } = uiOf(room);
  const end = draft.view.subscribe(() => {});
  page.atEnd(async () => {
    end();
    await room.leave();
  });
  return { room, draft, storage };
}

it('G3: a text that the room does not take comes back, with the reason, and nothing is sent', async () => {
  const { room, draft } = open();
  await page.join(room);
  const text = 'x'.repeat(10_000);
  draft.setText(text);
  expect(await page.result(draft.send())).toBeUndefined();
  expect(draft.view.get()).toMatchObject({ text, error: { code: 'message-too-large' } });
  expect(room.messages).toEqual([]);
});

it('G3: a text that is begun while another is refused stays, after it', async () => {
  const { draft } = open();
  draft.setText('too early');
  const sending = draft.send();
  draft.setText('the next');
  await page.result(sending);
  expect(draft.view.get()).toMatchObject({ text: 'too early the next', error: { code: 'not-joined' } });
});

it('G3: a text comes back also where the same one failed before', async () => {
  const { room, draft } = open();
  await page.join(room);
  const send = () => {
    draft.setText('hello');
    return draft.send();
  };
  const sending = send();
  await page.result(room.leave());
  await page.result(sending);
  expect([room.messages.map(({ status }) => status), draft.view.get().text]).toEqual([['failed'], '']);
  await page.result(send());
  expect(draft.view.get()).toMatchObject({ text: 'hello', error: { code: 'not-joined' } });
  room.discard(room.messages[0]?.id ?? '');
});

it('sends no draft that is blank', async () => {
  const { room, draft } = open();
  await page.join(room);
  draft.setText('  ');
  expect(await page.result(draft.send())).toBeUndefined();
  draft.clear();
  expect(room.messages).toEqual([]);
});

it('G3: a draft is there again when the page is opened anew, before one that was begun meanwhile', async () => {
  const { draft, storage } = open();
  draft.setText('half a thou');
  await page.run(1000);
  const again = open(storage);
  await page.run(1000);
  expect(again.draft.view.get().text).toBe('half a thou');
  const other = open(storage);
  other.draft.setText('n');
  other.draft.setText('new');
  await page.run(1000);
  expect(other.draft.view.get().text).toBe('half a thou new');
  expect(await page.result(again.room.loadDraft())).toBe('half a thou new');
  // An app may set the text itself.
  const same = open(storage);
  same.draft.setText('half a thou new');
  await page.run(1000);
  expect(same.draft.view.get().text).toBe('half a thou new');
});

it('G3: a draft that the storage takes three seconds to give is there, before one that was begun meanwhile', async () => {
  const storage = memoryStorage();
  await open(storage).room.saveDraft('half a thou');
  const slow = {
    ...storage,
    get: async (...args: Parameters<typeof storage.get>) => {
      await new Promise<void>((resolve) => page.world.time.after(3000, resolve));
      return storage.get(...args);
    },
  };
  const { draft } = open(slow);
  draft.setText('n');
  await page.run(10_000);
  expect(draft.view.get().text).toBe('half a thou n');
  expect(await page.result(open(storage).room.loadDraft())).toBe('half a thou n');
});

it('G3: a draft that could not be read is read with the next key, and nothing replaces it until then', async () => {
  const storage = memoryStorage();
  await open(storage).room.saveDraft('half a thou');
  let isBusy = true;
  const busy = {
    ...storage,
    get: async (...args: Parameters<typeof storage.get>) => {
      if (isBusy) throw new DOMException('the disk is busy', 'UnknownError');
      return storage.get(...args);
    },
  };
  const { draft } = open(busy);
  draft.setText('n');
  await page.run(1000);
  expect(await page.result(open(storage).room.loadDraft())).toBe('half a thou');
  isBusy = false;
  draft.setText('new');
  await page.run(1000);
  expect(draft.view.get().text).toBe('half a thou new');
  expect(await page.result(open(storage).room.loadDraft())).toBe('half a thou new');
});
