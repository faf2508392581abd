import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/element/around-pane.js';
import '../../src/element/search-pane.js';
import '../../src/features/message-search.js';
import type { MomentoChat } from '../../src/element/index.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { ADA, Page } from '../ui/page.js';
import { part, press, showChat, write } from './shown-chat.js';

let page: Page;
let bob: ChatRoom;
let room: ChatRoom;
beforeEach(async () => {
  page = new Page();
  bob = await page.other('lobby');
  room = page.room({ room: 'lobby', user: ADA, history: { pageSize: 3 } });
  page.atEnd(() => room.leave());
});
afterEach(() => page.end());

const say = async (text: string) => (await page.result(bob.send(text))).id;

const texts = (chat: MomentoChat, selector: string) =>
  [...(chat.shadowRoot?.querySelectorAll(selector) ?? [])]
    .filter((one) => !one.closest('[hidden]'))
    .map(({ textContent }) => textContent);

describe('the hits of a search', () => {
  let chat: MomentoChat;
  let ids: string[];
  const field = () => part<HTMLInputElement>(chat, '[part=search-input]');
  const hits = () => texts(chat, '.hit .pinned-text');
  const told = () => part(chat, '.search [role=status]').textContent;

  beforeEach(async () => {
    ids = [await say('An apple'), await say('Another apple')];
    chat = await showChat(page, { room: room as never });
    part(chat, '[part=search-button]').click();
    await page.run(500);
    write('apple', field() as never);
    await page.run(2000);
    expect(hits()).toEqual(['Another apple', 'An apple']);
  });

  it('lose one that is deleted, are counted anew, and leave the focus in the pane', async () => {
    part(chat, '.hit').focus();
    await page.result(bob.delete(ids[1] ?? ''));
    await page.run(1000);
    expect([hits(), chat.shadowRoot?.activeElement]).toEqual([['An apple'], field()]);
    expect(told()).toMatch(/^1 message found/);
  });

  it('lose one that is deleted while the pane is closed', async () => {
    press('Escape', field());
    await page.result(bob.delete(ids[1] ?? ''));
    await page.run(1000);
    part(chat, '[part=search-button]').click();
    await page.run(1000);
    expect(hits()).toEqual(['An apple']);
  });

  it('lose those of an author who is hidden, and have them back when the author is shown again', async () => {
    room.hide('bob');
    await page.run(1000);
    expect([hits(), told()?.startsWith('Nothing found.')]).toEqual([[], true]);
    room.unhide('bob');
    await page.run(1000);
    expect(hits()).toEqual(['Another apple', 'An apple']);
    expect(told()).toMatch(/^2 messages found/);
  });

  it('have none of an author who was hidden since they were read', async () => {
    const read = room.messages;
    vi.spyOn(room, 'search').mockReturnValue({
      reachedEnd: true,
      reached: undefined,
      async *[Symbol.asyncIterator]() {
        room.hide('bob');
        yield* read;
      },
    });
    write('an', field() as never);
    await page.run(1000);
    expect([hits(), told()]).toEqual([[], 'Nothing found.']);
    room.unhide('bob');
    await page.run(1000);
    expect(hits()).toEqual(['An apple', 'Another apple']);
  });

  it('show the text of now, and keep the focus', async () => {
    const hit = part(chat, '.hit');
    hit.focus();
    await page.result(bob.edit(ids[1] ?? '', 'One more apple, and a pear'));
    await page.run(1000);
    expect(hits()).toEqual(['One more apple, and a pear', 'An apple']);
    expect([part(chat, '.hit mark').textContent, chat.shadowRoot?.activeElement]).toEqual(['apple', hit]);
  });
});

describe('messages around one that is not in memory', () => {
  let chat: MomentoChat;
  let last: string;
  const around = () => texts(chat, '.around .text');

  beforeEach(async () => {
    const first = await say('First');
    for (const text of ['Second', 'Third', 'Fourth']) await say(text);
    last = (await page.result(bob.send('Last', { replyTo: first }))).id;
    chat = await showChat(page, { room: room as never });
    part(chat, '.quote').click();
    await page.run(2000);
    expect(around()).toEqual(['First', 'Second', 'Third', 'Fourth', 'Last']);
  });

  it('show that one is deleted, and the text of another as it is now', async () => {
    await page.result(bob.edit(room.messages[0]?.id ?? '', 'Third, changed'));
    await page.result(bob.delete(last));
    await page.run(1000);
    expect(around()).toEqual(['First', 'Second', 'Third, changed', 'Fourth', 'This message was deleted.']);
  });

  it('are gone with their author when that is hidden, and back when the author is shown again', async () => {
    room.hide('bob');
    await page.run(1000);
    expect(around()).toEqual([]);
    room.unhide('bob');
    await page.run(1000);
    expect(around()).toEqual(['First', 'Second', 'Third', 'Fourth', 'Last']);
  });

  it('are none of an author who was hidden since they were read', async () => {
    const read = await page.result(room.loadAround(last));
    vi.spyOn(room, 'loadAround').mockImplementation(async () => {
      await Promise.resolve();
      room.hide('bob');
      await page.world.run(100);
      return read;
    });
    part(chat, '.quote').click();
    await page.run(1000);
    expect(around()).toEqual([]);
    room.unhide('bob');
    await page.run(1000);
    expect(around()).toEqual(['First', 'Second', 'Third', 'Fourth', 'Last']);
  });
});
