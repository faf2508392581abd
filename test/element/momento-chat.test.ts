import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MomentoChat } from '../../src/element/index.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { ChatError } from '../../src/shared/errors.js';
import { type ChatStorage, memoryStorage } from '../../src/storage/index.js';
import { FAIR } from '../support/weather.js';
import { ADA, Page } from '../ui/page.js';
import {
  box,
  choose,
  openThread,
  part,
  paste,
  press,
  putInto,
  refusedRoom,
  type Settings,
  showChat,
  write,
} from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

const show = (settings: Settings = {}) => showChat(page, settings);
const put = (chat: Element) => putInto(page, chat);

const saidIn = ({ messages }: Pick<ChatRoom, 'messages'>) => messages.map(({ text }) => text);

describe('the room that is shown', () => {
  it('stays, with what is being written, when the element is moved or told the same again', async () => {
    const chat = await show();
    expect(chat.status).toBe('joined');
    write('Half a sen', box(chat));
    const before = page.subscribed;
    page.container.prepend(document.createElement('p').appendChild(chat));
    Object.assign(chat, { room: 'lobby', session: page.session, texts: undefined });
    await page.run(2000);
    expect([chat.status, page.subscribed - before, box(chat).value]).toEqual(['joined', 0, 'Half a sen']);
  });

  it('stays joined under other texts', async () => {
    const chat = await show();
    write('Half a sen', box(chat));
    const before = page.subscribed;
    chat.texts = { placeholder: 'Say something' };
    await page.run(2000);
    expect([chat.status, page.subscribed - before]).toEqual(['joined', 0]);
    expect([box(chat).placeholder, box(chat).value]).toEqual(['Say something', 'Half a sen']);
  });

  it.each(['Half a sen', ''])(
    'G3: under other texts, has a text that could not be sent, above what was begun since: "%s"',
    async (begun) => {
      const { room, refuse } = refusedRoom(page);
      const chat = await show({ room });
      write('Too early', box(chat));
      press('Enter', box(chat));
      chat.texts = { placeholder: 'Say something' };
      await page.run(500);
      if (begun) write(begun, box(chat));
      refuse();
      await page.run(2000);
      expect([chat.status, box(chat).value]).toEqual(['failed', ['Too early', begun].join('\n').trim()]);
    },
  );

  it('G3: under other texts, sends the text whose file was still on its way', async () => {
    const bob = await page.other('lobby');
    const chat = await show();
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    paste(chat, 'a');
    write('See this', box(chat));
    press('Enter', box(chat));
    // The text that waits for it, and the file.
    expect([box(chat).value, part(chat, '.uploads').childElementCount]).toEqual(['', 2]);
    chat.texts = { placeholder: 'Say something' };
    await page.run(2000);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect([box(chat).value, bob.messages.map(({ text, files }) => [text, files?.length])]).toEqual([
      '',
      [['See this', 1]],
    ]);
  });

  it('G3: when another one is chosen, sends first what is on its way, however long that takes', async () => {
    const bob = await page.other('lobby');
    const chat = await show();
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    write('On its way', box(chat));
    press('Enter', box(chat));
    await page.run(500);
    chat.room = 'help';
    await page.run(3000);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect(saidIn(bob)).toEqual(['On its way']);
    expect([chat.status, page.subscriptions]).toEqual(['joined', 4]);
  });

  it('G3: when another one is chosen a second time, sends first what was written in between, however long its file takes', async () => {
    const bob = await page.other('lobby');
    const chat = await show();
    const { link } = page.device;
    const writes = ['Publish', 'ListPushFront', 'ListConcatenateFront', 'Set'];
    link.fates = (rpc) => (writes.includes(rpc) ? { outcome: 'refused' } : undefined);
    write('First', box(chat));
    press('Enter', box(chat));
    for (const room of ['help', 'lobby']) {
      await page.run(500);
      chat.room = room;
    }
    await page.run(500);
    paste(chat, 'a');
    write('Second', box(chat));
    press('Enter', box(chat));
    await page.run(500);
    chat.room = 'help';
    await page.run(500);
    // What is small gets through before a file does.
    link.fates = (rpc) => (rpc === 'Set' ? { outcome: 'refused' } : undefined);
    await page.run(3000);
    link.fates = undefined;
    await page.run(30_000);
    expect(saidIn(bob)).toEqual(['First', 'Second']);
    expect([chat.status, page.subscriptions]).toEqual(['joined', 4]);
  });

  it.each(['an edit', 'a deletion', 'a reaction', 'a pin'])(
    'G3: when another one is chosen, makes first %s that is on its way',
    async (change) => {
      const bob = await page.other('lobby');
      bob.on('pins', () => {});
      const chat = await show();
      write('Before', box(chat));
      press('Enter', box(chat));
      await page.run(2000);
      page.device.link.weather = { ...FAIR, loseRequest: 1 };
      if (change === 'an edit') {
        press('ArrowUp', box(chat));
        write('After', box(chat));
        press('Enter', box(chat));
      } else if (change === 'a deletion') {
        choose(chat, 'Delete …');
        part(chat, '.popup .danger').click();
      } else choose(chat, change === 'a pin' ? 'Pin' : '👍');
      await page.run(500);
      chat.room = 'help';
      await page.run(3000);
      page.device.link.weather = FAIR;
      await page.run(30_000);
      const [message] = bob.messages;
      const seen = {
        'an edit': message?.text === 'After',
        'a deletion': message?.deletedAt !== undefined,
        'a reaction': message?.reactions.some(({ emoji }) => emoji === '👍'),
        'a pin': bob.pinned.length === 1,
      }[change];
      expect([seen, chat.status, page.subscriptions]).toEqual([true, 'joined', 4]);
    },
  );

  it('G3: when another one is chosen, keeps what is being written', async () => {
    const chat = await show();
    write('Half a sen', box(chat));
    chat.room = 'help';
    await page.run(5000);
    expect(box(chat).value).toBe('');
    chat.room = 'lobby';
    await page.run(5000);
    expect([chat.status, box(chat).value]).toEqual(['joined', 'Half a sen']);
  });

  /** A chat in a room whose storage has a draft, and answers when it is told to. */
  async function slowStorage() {
    const storage = memoryStorage();
    const earlier = page.room({ room: 'lobby', user: ADA, storage });
    await page.result(earlier.saveDraft('Half a'));
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const get: ChatStorage['get'] = async (...which) => {
      await answered;
      return storage.get(...which);
    };
    const room = page.room({ room: 'lobby', user: ADA, storage: { ...storage, get } });
    page.atEnd(() => room.leave());
    const chat = Object.assign(new MomentoChat(), { room });
    page.container.append(chat);
    page.atEnd(() => chat.remove());
    await page.run(1000);
    return { chat, answer, stored: () => page.result(earlier.loadDraft()) };
  }

  it.each([
    ['', undefined],
    [', under other texts', { placeholder: 'Say something' }],
  ])(
    'G3: what is typed before a slow storage answers does not replace the stored draft%s',
    async (_, texts) => {
      const { chat, answer, stored } = await slowStorage();
      write('sentence', box(chat));
      if (texts !== undefined) chat.texts = texts;
      await page.run(100);
      answer();
      await page.run(2000);
      expect(box(chat).value).toBe('Half a\nsentence');
      write(`${box(chat).value}.`, box(chat));
      await page.run(100);
      expect(await stored()).toBe('Half a\nsentence.');
    },
  );

  it.each(['removed', 'shown under other texts', 'removed and put back'])(
    'G3: a stored draft is there once, though the chat is %s before a slow storage answers',
    async (what) => {
      const { chat, answer, stored } = await slowStorage();
      if (what === 'shown under other texts') chat.texts = { placeholder: 'Say something' };
      else chat.remove();
      await page.run(100);
      if (what === 'removed and put back') page.container.append(chat);
      answer();
      await page.run(2000);
      if (what !== 'removed') expect(box(chat).value).toBe('Half a');
      expect(await stored()).toBe('Half a');
    },
  );

  it('G3: when another one is chosen, has an edit that could not be saved again later, and the page is told', async () => {
    const chat = await show();
    write('Before', box(chat));
    press('Enter', box(chat));
    await page.run(2000);
    const told: unknown[] = [];
    chat.addEventListener('momento-chat:error', (event) =>
      told.push((event as CustomEvent).detail.error.code),
    );
    press('ArrowUp', box(chat));
    const long = 'x'.repeat(9000);
    write(long, box(chat));
    press('Enter', box(chat));
    chat.room = 'help';
    await page.run(3000);
    expect([part(chat, '.notice').hidden, told]).toEqual([true, ['message-too-large']]);
    chat.room = 'lobby';
    await page.run(3000);
    expect([chat.status, box(chat).value]).toEqual(['joined', long]);
  });

  it('G3: a text that was sent while it was still opening is sent, though another one is chosen', async () => {
    const bob = await page.other('help');
    const chat = await show();
    chat.room = 'help';
    await Promise.resolve();
    write('Too early', box(chat));
    press('Enter', box(chat));
    await Promise.resolve();
    chat.room = 'lobby';
    await page.run(4000);
    expect(saidIn(bob)).toEqual(['Too early']);
    chat.room = 'help';
    await page.run(2000);
    expect(box(chat).value).toBe('');
  });

  it('when it is chosen again, draws a line above what was said meanwhile', async () => {
    const bob = await page.other('lobby');
    await page.result(bob.send('Seen'));
    const chat = await show();
    chat.room = 'help';
    await page.run(2000);
    await page.result(bob.send('Missed'));
    chat.room = 'lobby';
    await page.run(3000);
    const rows = [...(chat.shadowRoot?.querySelectorAll('.message') ?? [])];
    const marked = rows.filter((row) => row.querySelector('.unread'));
    expect([rows.length, marked.map((row) => row.querySelector('.text')?.textContent)]).toEqual([
      2,
      ['Missed'],
    ]);
  });

  it('G5: is left with the element, and with the name of it', async () => {
    const chat = await show();
    expect(page.subscriptions).toBe(2);
    chat.removeAttribute('room');
    await page.run(1000);
    expect(page.subscriptions).toBe(0);
    chat.room = 'lobby';
    await page.run(2000);
    expect(page.subscriptions).toBe(2);
    chat.remove();
    await page.run(1000);
    expect(page.subscriptions).toBe(0);
  });
});

describe('a room of the app', () => {
  it('is shown where it was set before the class was loaded', async () => {
    const room = page.room({ room: 'lobby', user: ADA });
    // The elements of such a document are none of a class, until they come into the page.
    const chat = document.implementation.createHTMLDocument().createElement('momento-chat');
    chat.room = room as never;
    expect(chat).not.toBeInstanceOf(MomentoChat);
    page.atEnd(() => room.leave());
    await put(chat);
    expect(chat.status).toBe('joined');
  });

  it('is written in once the app itself has joined it, after that had failed', async () => {
    let isAllowed = false;
    const token: typeof page.device.tokens.source = async (request) => {
      if (!isAllowed) throw new ChatError('permission-denied', 'unable to get a token; not yet');
      return page.device.tokens.source(request);
    };
    const room = page.room({ room: 'lobby', user: ADA, token });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    expect(chat.status).toBe('failed');
    isAllowed = true;
    await page.join(room);
    write('Here I am', box(chat));
    press('Enter', box(chat));
    await page.run(2000);
    expect(saidIn(room)).toEqual(['Here I am']);
  });

  it('has the reader among those who are there again, once the app has left and joined it', async () => {
    const bob = await page.other('lobby');
    bob.on('presence', () => {});
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    await show({ room: room as never });
    const present = () => bob.presence.members.map(({ userId }) => userId);
    expect(present()).toEqual(['ada']);
    await page.result(room.leave());
    await page.run(2000);
    expect(present()).toEqual([]);
    await page.result(room.join());
    await page.run(2000);
    expect(present()).toEqual(['ada']);
  });

  it('G3: sends what was written while the app itself joined it, after that had failed', async () => {
    let isAllowed = false;
    const token: typeof page.device.tokens.source = async (request) => {
      if (!isAllowed) throw new ChatError('permission-denied', 'unable to get a token; not yet');
      return page.device.tokens.source(request);
    };
    const room = page.room({ room: 'lobby', user: ADA, token });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    expect([chat.status, part(chat, '.notice').hidden]).toEqual(['failed', false]);
    isAllowed = true;
    const joined = room.join();
    expect([chat.status, part(chat, '.notice').hidden]).toEqual(['joining', true]);
    write('Here I am', box(chat));
    press('Enter', box(chat));
    await page.result(joined);
    await page.run(2000);
    expect([saidIn(room), box(chat).value]).toEqual([['Here I am'], '']);
  });

  it.each(['stays', 'is removed'])(
    'the page is told once of a join that failed, where the element %s',
    async (what) => {
      const { room, refuse } = refusedRoom(page);
      const chat = await show({ room });
      const told: unknown[] = [];
      chat.addEventListener('momento-chat:error', (event) =>
        told.push((event as CustomEvent).detail.error.code),
      );
      if (what === 'is removed') chat.remove();
      await page.run(500);
      refuse();
      await page.run(2000);
      expect(told).toEqual(['permission-denied']);
    },
  );

  it('is not read aloud from its beginning when it was joined before', async () => {
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    await page.join(room);
    await page.result(room.send('Long ago'));
    const chat = document.createElement('momento-chat');
    chat.room = room as never;
    page.container.append(chat);
    page.atEnd(() => chat.remove());
    await new Promise((resolve) => setImmediate(resolve));
    const log = part(chat, '.log');
    expect([log.textContent?.includes('Long ago'), log.getAttribute('aria-live')]).toEqual([true, 'off']);
    await page.run(1000);
    expect(log.getAttribute('aria-live')).toBe('polite');
  });
});

describe('a text that is not taken', () => {
  it('G3: is there again when too many others are waiting', async () => {
    const room = page.room({ room: 'lobby', user: ADA, retry: { maxPending: 1 } });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    for (const text of ['First', 'Second']) {
      write(text, box(chat));
      press('Enter', box(chat));
      await page.run(100);
    }
    expect([saidIn(room), box(chat).value]).toEqual([['First'], 'Second']);
    page.device.link.weather = FAIR;
    await page.run(30_000);
  });

  it('G3: is not there again when it is a message that failed', async () => {
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    write('Lost', box(chat));
    press('Enter', box(chat));
    await page.run(100);
    await page.result(room.leave());
    page.device.link.weather = FAIR;
    await page.run(1000);
    expect([room.messages.map(({ status }) => status), box(chat).value]).toEqual([['failed'], '']);
  });

  it('G3: of an edit is there again, and leaves the focus where it is', async () => {
    const chat = await show();
    write('Before', box(chat));
    press('Enter', box(chat));
    await page.run(2000);
    press('ArrowUp', box(chat));
    write('x'.repeat(9000), box(chat));
    press('Enter', box(chat));
    const elsewhere = page.container.appendChild(document.createElement('input'));
    elsewhere.focus();
    await page.run(2000);
    expect([box(chat).value.length, document.activeElement]).toEqual([9000, elsewhere]);
  });

  it('G3: of an edit is there again, above the one that was begun since', async () => {
    const chat = await show();
    write('Before', box(chat));
    press('Enter', box(chat));
    await page.run(2000);
    press('ArrowUp', box(chat));
    write('x'.repeat(9000), box(chat));
    press('Enter', box(chat));
    write('Next', box(chat));
    await page.run(2000);
    expect([part(chat, '.notice').hidden, box(chat).value]).toEqual([false, `${'x'.repeat(9000)}\nNext`]);
  });
});

describe('a message that is answered', () => {
  it('may leave memory meanwhile', async () => {
    const bob = await page.other('lobby');
    const { id } = await page.result(bob.send('First'));
    const room = page.room({ room: 'lobby', user: ADA, history: { pageSize: 2, maxInMemory: 2 } });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    choose(chat, 'Reply');
    for (const text of ['Second', 'Third', 'Fourth']) await page.result(bob.send(text));
    await page.run(2000);
    expect(saidIn(room)).toEqual(['Third', 'Fourth']);
    write('To the first', box(chat));
    press('Enter', box(chat));
    await page.run(2000);
    expect(bob.messages.at(-1)?.replyTo?.id).toBe(id);
  });
});

describe('a thread', () => {
  async function roomWithThread(): Promise<{ chat: MomentoChat; bob: ChatRoom; root: string }> {
    const bob = await page.other('lobby');
    const { id: root } = await page.result(bob.send('What do you think?'));
    return { chat: await show(), bob, root };
  }

  it('G3: that is closed at once sends what was written in it', async () => {
    const { chat, bob, root } = await roomWithThread();
    const reply = openThread(chat);
    await page.run(2000);
    write('I agree', reply);
    press('Enter', reply);
    await page.run(0);
    press('Escape', reply);
    expect(part(chat, '.side').hidden).toBe(true);
    await page.run(5000);
    const thread = bob.thread(root);
    await page.result(thread.open());
    expect(saidIn(thread)).toEqual(['I agree']);
    thread.close();
  });

  it('G3: sends what was written in it before another room is shown', async () => {
    const { chat, bob, root } = await roomWithThread();
    const reply = openThread(chat);
    await page.run(2000);
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    write('I agree', reply);
    press('Enter', reply);
    await page.run(500);
    chat.room = 'help';
    await page.run(3000);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    const thread = bob.thread(root);
    await page.result(thread.open());
    expect(saidIn(thread)).toEqual(['I agree']);
    thread.close();
  });

  it('stays open where it is shown again before what was written in it is sent', async () => {
    const { chat } = await roomWithThread();
    const reply = openThread(chat);
    await page.run(2000);
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    write('I agree', reply);
    press('Enter', reply);
    await page.run(500);
    chat.texts = { placeholder: 'Say something' };
    await page.run(500);
    openThread(chat);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect(part(chat, '.thread .messages').textContent).toContain('I agree');
  });

  it('that could not be opened at first has a line above what is said in it after that', async () => {
    const bob = await page.other('lobby');
    const { id: root } = await page.result(bob.send('What do you think?'));
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    await page.result(room.leave());
    const reply = openThread(chat);
    await page.run(500);
    expect(part(chat, '.notice').hidden).toBe(false);
    await page.join(room);
    write('I agree', reply);
    press('Enter', reply);
    await page.run(2000);
    const thread = bob.thread(root);
    await page.result(thread.send('So do I'));
    await page.run(2000);
    expect(part(chat, '.thread .messages .unread').closest('.message')?.textContent).toContain('So do I');
    thread.close();
  });

  it('that was opened while its room was left has what was said in it, once that is joined again', async () => {
    const bob = await page.other('lobby');
    const { id: root } = await page.result(bob.send('What do you think?'));
    const thread = bob.thread(root);
    await page.result(thread.send('I agree'));
    thread.close();
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    const chat = await show({ room: room as never });
    await page.result(room.leave());
    openThread(chat);
    await page.run(500);
    expect(part(chat, '.thread .messages').textContent).toBe('');
    await page.join(room);
    await page.run(2000);
    expect(part(chat, '.thread .messages').textContent).toContain('I agree');
    expect(part(chat, '.thread .messages').querySelector('.unread')).toBeNull();
  });

  it('that is closed while it is loading says nothing of it', async () => {
    const { chat } = await roomWithThread();
    press('Escape', openThread(chat));
    await page.run(5000);
    expect(part(chat, '.notice').hidden).toBe(true);
  });

  it('G3: has what was being written when it is opened again', async () => {
    const { chat } = await roomWithThread();
    const reply = openThread(chat);
    write('I ag', reply);
    press('Escape', reply);
    await page.run(2000);
    const again = openThread(chat);
    await page.run(2000);
    expect(again.value).toBe('I ag');
  });
});
