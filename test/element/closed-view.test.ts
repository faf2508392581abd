import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MomentoChat } from '../../src/element/index.js';
import { memoryStorage } from '../../src/storage/memory-storage.js';
import { FAIR } from '../support/weather.js';
import { ADA, Page } from '../ui/page.js';
import { box, choose, openThread, part, paste, press, refusedRoom, showChat, write } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it('G3: a text that could not be sent from a view that was closed stands above the draft that was begun since', async () => {
  const { room, refuse } = refusedRoom(page);
  const chat = await showChat(page, { room });
  write('Too early', box(chat));
  press('Enter', box(chat));
  chat.texts = { placeholder: 'Say something' };
  await page.run(500);
  write('Half a sen', box(chat));
  chat.room = 'help';
  await page.run(2000);
  refuse();
  await page.run(2000);
  chat.room = room;
  await page.run(500);
  expect(box(chat).value).toBe('Too early\nHalf a sen');
});

it('G3: an edit that could not be made from a view that was closed stands above the draft that was kept in the storage', async () => {
  const room = page.room({ room: 'lobby', user: ADA, storage: memoryStorage() });
  page.atEnd(() => room.leave());
  await page.join(room);
  await page.result(room.send('Hello'));
  await page.result(room.saveDraft('Half a sen'));
  const chat = await showChat(page, { room: room as never });
  expect(box(chat).value).toBe('Half a sen');
  choose(chat, 'Edit');
  write('Hello, all', box(chat));
  press('Enter', box(chat));
  chat.room = 'help';
  await page.result(room.leave());
  await page.run(2000);
  chat.room = room as never;
  await page.run(2000);
  expect(box(chat).value).toBe('Hello, all\nHalf a sen');
});

it('a message that is settled before it is discarded is not discarded, and nothing is thrown', async () => {
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  const chat = await showChat(page, { room: room as never });
  page.device.link.weather = { ...FAIR, loseRequest: 1 };
  write('Lost', box(chat));
  press('Enter', box(chat));
  await page.run(100);
  await page.result(room.leave());
  page.device.link.weather = FAIR;
  await page.join(room);
  const thrown: unknown[] = [];
  const note = (event: ErrorEvent) => {
    event.preventDefault();
    thrown.push(event.error);
  };
  window.addEventListener('error', note);
  page.atEnd(() => window.removeEventListener('error', note));
  const discard = part(chat, '.failure button:last-child');
  const [message] = room.messages;
  const sent = room.retry(message?.id ?? '');
  discard.click();
  await page.result(sent);
  await page.run(500);
  expect([room.messages.map(({ status }) => status), thrown]).toEqual([['sent'], []]);
  expect([part(chat, '.notice').hidden, part(chat, '.message').dataset.state]).toEqual([true, 'sent']);
});

it('the root of an open thread is gone with the messages of its author when they are hidden, and back when they are shown', async () => {
  const bob = await page.other('lobby');
  await page.result(bob.send('What do you think?'));
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  const chat = await showChat(page, { room: room as never });
  openThread(chat);
  await page.run(2000);
  const root = () => part(chat, '.thread-root').textContent;
  expect(root()).toContain('What do you think?');
  choose(chat, 'Hide ⁨Bob⁩');
  await page.run(500);
  expect(root()).toBe('');
  room.unhide('bob');
  await page.run(500);
  expect(root()).toContain('What do you think?');
});

it('G3: a text that could not be sent from an element that was removed stands above the newer draft in the storage', async () => {
  const storage = memoryStorage();
  const { room, refuse } = refusedRoom(page, { storage });
  const chat = await showChat(page, { room });
  write('Too early', box(chat));
  press('Enter', box(chat));
  await page.run(500);
  chat.remove();
  const later = page.room({ room: 'lobby', user: ADA, storage });
  await page.result(later.saveDraft('Half a sen'));
  refuse();
  await page.run(2000);
  expect(await page.result(later.loadDraft())).toBe('Too early\nHalf a sen');
});

it('G3: two texts that could not be sent from an element that was removed are both in the storage', async () => {
  const storage = memoryStorage();
  const { room, refuse } = refusedRoom(page, { storage });
  const chat = await showChat(page, { room });
  for (const text of ['First', 'Second']) {
    write(text, box(chat));
    press('Enter', box(chat));
  }
  write('Half a sen', box(chat));
  await page.run(500);
  chat.remove();
  refuse();
  await page.run(2000);
  const later = page.room({ room: 'lobby', user: ADA, storage });
  const kept = await page.result(later.loadDraft());
  expect(kept.split('\n').sort()).toEqual(['First', 'Half a sen', 'Second']);
});

it('G3: a text that waits for its room is in the draft of a later page until the room has it, and is no draft in this one', async () => {
  const storage = memoryStorage();
  const other = page.room({ room: 'other', user: ADA, storage });
  const stored = () => page.result(other.loadDraft());
  const chat = await showChat(page, { storage });
  page.device.link.connected = false;
  chat.room = 'other';
  await page.run(3000);
  write('On my way', box(chat));
  press('Enter', box(chat));
  write('Half a sen', box(chat));
  await page.run(500);
  expect([await stored(), box(chat).value]).toEqual(['On my way\nHalf a sen', 'Half a sen']);
  chat.texts = { placeholder: 'Say something' };
  await page.run(500);
  expect(box(chat).value).toBe('Half a sen');
  write('Half a sentence', box(chat));
  await page.run(500);
  expect(await stored()).toBe('On my way\nHalf a sentence');
  page.device.link.connected = true;
  await page.run(10_000);
  expect(await stored()).toBe('Half a sentence');
});

it.each(['another room is chosen', 'the element is removed'])(
  'G3: a file without a word is sent, though %s before it was uploaded',
  async (what) => {
    const bob = await page.other('lobby');
    const chat = await showChat(page);
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    paste(chat, 'a');
    press('Enter', box(chat));
    await page.run(100);
    if (what === 'the element is removed') chat.remove();
    else chat.room = 'help';
    await page.run(2000);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect(bob.messages.map(({ files }) => files?.map(({ name }) => name))).toEqual([['a']]);
  },
);

it('whoever is mentioned in a draft is mentioned when it is sent, though another room was shown meanwhile', async () => {
  const bob = await page.other('lobby');
  await page.result(bob.send('Hello'));
  const chat = await showChat(page);
  write('@Bo', box(chat));
  press('Enter', box(chat));
  expect(box(chat).value).toBe('@Bob ');
  chat.room = 'help';
  await page.run(3000);
  chat.room = 'lobby';
  await page.run(3000);
  press('Enter', box(chat));
  await page.run(1000);
  expect(bob.messages.at(-1)).toMatchObject({ text: '@Bob', mentions: ['bob'] });
});

it('G3: a text whose file is on its way is sent, and is no draft, though the element is taken away and put back', async () => {
  const bob = await page.other('lobby');
  const chat = await showChat(page, { storage: memoryStorage() });
  page.device.link.weather = { ...FAIR, loseRequest: 1 };
  paste(chat, 'a');
  write('See this', box(chat));
  press('Enter', box(chat));
  await page.run(100);
  chat.remove();
  await page.run(1000);
  page.container.append(chat);
  await page.run(1000);
  expect(box(chat).value).toBe('');
  page.device.link.weather = FAIR;
  await page.run(30_000);
  expect([box(chat).value, bob.messages.map(({ text, files }) => [text, files?.length])]).toEqual([
    '',
    [['See this', 1]],
  ]);
});

it('G3: a text that was sent, and waited, leaves the draft that another tab has stored since', async () => {
  const storage = memoryStorage();
  const chat = await showChat(page, { storage });
  page.device.link.weather = { ...FAIR, loseRequest: 1 };
  paste(chat, 'a');
  write('See this', box(chat));
  press('Enter', box(chat));
  await page.run(100);
  const tab = page.room({ room: 'lobby', user: ADA, storage });
  await page.result(tab.saveDraft('Half a sentence'));
  page.device.link.weather = FAIR;
  await page.run(30_000);
  expect(await page.result(tab.loadDraft())).toBe('Half a sentence');
});

it('the answer to a message that is deleted while another is edited is no answer after the edit', async () => {
  const bob = await page.other('lobby');
  const { id } = await page.result(bob.send('secret'));
  const chat = await showChat(page);
  write('Own', box(chat));
  press('Enter', box(chat));
  await page.run(1000);
  choose(chat, 'Reply');
  press('ArrowUp', box(chat));
  await page.result(bob.delete(id));
  await page.run(1000);
  press('Escape', box(chat));
  expect(part(chat, '.strip').hidden).toBe(true);
});

describe('G3: a text that was begun is there, without a storage,', () => {
  let chat: MomentoChat;
  beforeEach(async () => {
    const bob = await page.other('lobby');
    await page.result(bob.send('Hello'));
    chat = await showChat(page);
  });
  const anew = {
    'when the element is taken away and put back later': async () => {
      chat.remove();
      await page.run(2000);
      page.container.append(chat);
    },
    'when the user has another name': () => chat.setAttribute('user-name', 'Ada L.'),
    'when the session is another one': () => {
      chat.session = page.device.session();
    },
  };
  const each = Object.entries(anew);

  it.each(each)('%s', async (_, show) => {
    write('Half a sen', box(chat));
    await show();
    await page.run(2000);
    expect([chat.status, box(chat).value]).toEqual(['joined', 'Half a sen']);
  });

  it.each(each)('%s: one of another room, and a reply', async (_, show) => {
    const reply = openThread(chat);
    await page.run(1000);
    write('I ag', reply);
    chat.room = 'help';
    await page.run(1000);
    write('Half a sen', box(chat));
    chat.room = 'lobby';
    await page.run(1000);
    await show();
    await page.run(2000);
    expect(box(chat).value).toBe('');
    const again = openThread(chat);
    await page.run(1000);
    expect(again.value).toBe('I ag');
    chat.room = 'help';
    await page.run(1000);
    expect(box(chat).value).toBe('Half a sen');
  });

  it.each(each)('%s: once it was sent it is not', async (_, show) => {
    write('Whole', box(chat));
    press('Enter', box(chat));
    await show();
    await page.run(2000);
    expect([box(chat).value, part(chat, '.main .messages').textContent]).toEqual([
      '',
      expect.stringContaining('Whole'),
    ]);
  });

  it.each(each)('%s: above it one that could not be sent', async (_, show) => {
    write('x'.repeat(20_000), box(chat));
    press('Enter', box(chat));
    await show();
    await page.run(2000);
    expect(box(chat).value.length).toBe(20_000);
  });

  it.each(['user-id', 'cache'])('but not when there is another %s', async (name) => {
    write('Half a sen', box(chat));
    if (name === 'cache') chat.session = page.device.session(undefined, { cache: 'other' });
    else chat.setAttribute('user-id', 'eve');
    await page.run(2000);
    expect(box(chat).value).toBe('');
  });

  it('but not for another guest than the one who began it', async () => {
    chat.removeAttribute('user-id');
    await page.run(2000);
    write('Half a sen', box(chat));
    const found: unknown[] = [];
    for (const name of ['Bob', 'Ada']) {
      chat.setAttribute('user-name', name);
      await page.run(2000);
      found.push([chat.status, box(chat).value]);
    }
    expect(found).toEqual([
      ['joined', ''],
      ['joined', 'Half a sen'],
    ]);
  });
});

describe('another token function', () => {
  let chat: MomentoChat;
  let asked: string[];
  const tokenFrom =
    (name: string) =>
    async ({ rooms }: { rooms: readonly string[] }): Promise<never> => {
      asked.push(`${name} for ${rooms}`);
      throw new Error('not yet');
    };

  beforeEach(async () => {
    asked = [];
    chat = document.createElement('momento-chat');
    chat.setAttribute('user-id', 'ada');
    chat.setAttribute('rooms', 'off');
    Object.assign(chat, { room: 'lobby', token: tokenFrom('first') });
    page.container.append(chat);
    page.atEnd(() => chat.remove());
    await page.run(100);
  });

  it('does not show the room anew, and is asked from the next token on', async () => {
    const log = part(chat, '.log');
    const first = asked.splice(0);
    chat.token = tokenFrom('second');
    await page.run(5000);
    expect([chat.status, part(chat, '.log')]).toEqual(['joining', log]);
    expect([new Set(first), new Set(asked)]).toEqual([
      new Set(['first for lobby']),
      new Set(['second for lobby']),
    ]);
  });

  it('that comes with another user is not asked for the room of the user before', async () => {
    write('From Ada', box(chat));
    press('Enter', box(chat));
    chat.setAttribute('user-id', 'bob');
    Object.assign(chat, { room: 'help', token: tokenFrom('second') });
    asked = [];
    await page.run(10_000);
    expect(new Set(asked)).toEqual(new Set(['first for lobby', 'second for help']));
    chat.remove();
    await page.run(30_000);
  });
});
