import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MomentoChat } from '../../src/element/index.js';
import type { ChatErrorCode } from '../../src/shared/errors.js';
import { directoryOf } from '../../src/ui/directory-ui.js';
import { FAIR } from '../support/weather.js';
import { GRACE_MS, Page } from '../ui/page.js';
import { troubledSession } from '../ui/troubled-session.js';
import { part, putInto, write } from './shown-chat.js';

let page: Page;
beforeEach(async () => {
  page = new Page();
  for (const name of ['lobby', 'help']) await page.result(page.session.rooms.create(name));
});
afterEach(() => page.end());

/** Shows a chat whose requests for tokens fail until `allow()`, those for the rooms in `granted` excepted. */
async function troubledChat(code: ChatErrorCode, options: { granted?: string[] } = {}) {
  const { session, ...trouble } = troubledSession(page, code, options);
  page.atEnd(() => session.rooms.close());
  const chat = Object.assign(document.createElement('momento-chat'), { room: 'lobby', session });
  await putInto(page, chat);
  return { chat, ...trouble };
}

const namesIn = (chat: MomentoChat) =>
  [...(chat.shadowRoot?.querySelectorAll('.rooms:not([hidden]) .room-name') ?? [])].map(
    (name) => name.textContent,
  );

it.each(['token-unavailable', 'permission-denied'] as const)(
  'the rooms are listed once one tries again to join the one that failed: %s',
  async (code) => {
    const { chat, allow } = await troubledChat(code);
    await page.run(20_000);
    expect([chat.status, namesIn(chat)]).toEqual(['failed', []]);
    allow();
    part(chat, '.notice button').click();
    await page.run(3000);
    expect([chat.status, namesIn(chat)]).toEqual(['joined', ['help', 'lobby']]);
  },
);

it('a list of rooms that the token does not allow is asked for once, and nobody is told', async () => {
  const { chat, requests } = await troubledChat('permission-denied', { granted: ['lobby'] });
  const told: unknown[] = [];
  chat.addEventListener('momento-chat:error', ({ type }) => told.push(type));
  await page.run(5000);
  const asked = requests.length;
  await page.run(60_000);
  expect([chat.status, requests.length - asked, told]).toEqual(['joined', 0, []]);
});

it('G5: a list of rooms that cannot be read is asked for no more once the chat is gone', async () => {
  page.device.link.fates = (rpc) => (rpc.startsWith('SortedSet') ? { outcome: 'refused' } : undefined);
  const session = page.device.session();
  page.atEnd(() => session.close());
  const chat = Object.assign(document.createElement('momento-chat'), { room: 'lobby', session });
  await putInto(page, chat);
  chat.remove();
  await page.run(30_000);
  const told: unknown[] = [];
  chat.addEventListener('momento-chat:error', ({ type }) => told.push(type));
  const { calls } = page.device.link;
  const before = { ...calls };
  await page.run(120_000);
  expect([told, calls]).toEqual([[], before]);
});

it('a list of rooms that cannot be read for a while is read again, though its room was joined all the time', async () => {
  page.device.link.fates = (rpc) => (rpc.startsWith('SortedSet') ? { outcome: 'refused' } : undefined);
  const session = page.device.session();
  page.atEnd(() => session.rooms.close());
  const chat = Object.assign(document.createElement('momento-chat'), { room: 'lobby', session });
  await putInto(page, chat);
  await page.run(20_000);
  expect([chat.status, namesIn(chat)]).toEqual(['joined', []]);
  page.device.link.fates = undefined;
  await page.run(60_000);
  expect(namesIn(chat)).toEqual(['help', 'lobby']);
});

describe('the list of rooms of a session of the app', () => {
  const show = async (ms?: number) => {
    const chat = Object.assign(document.createElement('momento-chat'), {
      room: 'lobby',
      session: page.session,
    });
    await putInto(page, chat, ms);
    return chat;
  };
  const names = () => page.session.rooms.list.map(({ name }) => name);
  /** Asks for a new room. */
  const ask = (chat: MomentoChat, name: string) => {
    write(name, part(chat, '.new-room input'));
    part<HTMLFormElement>(chat, '.new-room').requestSubmit();
  };
  /** Somebody makes a room. */
  const made = async (name: string) => {
    await page.result(page.world.client({ userId: 'bob' }).session().rooms.create(name));
    await page.run(2000);
  };

  it('G5: is closed a moment after the chat is gone, and stays open for another room', async () => {
    const before = page.subscriptions;
    const chat = await show();
    chat.room = 'help';
    await page.run(GRACE_MS - 500);
    expect(part(chat, '[part=title]').textContent).toBe('help');
    const { list } = page.session.rooms;
    await page.run(500);
    expect([list.length, page.session.rooms.list]).toEqual([2, list]);
    await page.run(GRACE_MS);
    chat.remove();
    await page.run(GRACE_MS * 2);
    expect(page.subscriptions).toBe(before);
    page.container.append(chat);
    await page.run(2000);
    expect(namesIn(chat)).toEqual(['help', 'lobby']);
  });

  it('is open until the last of a component and the chat is gone', async () => {
    const chat = await show();
    const end = directoryOf(page.session).use();
    await page.run(2000);
    end();
    await page.run(GRACE_MS * 2);
    await made('fresh');
    expect(namesIn(chat)).toContain('fresh');
    page.atEnd(directoryOf(page.session).use());
    chat.remove();
    await page.run(GRACE_MS * 2);
    await made('fresher');
    expect(names()).toContain('fresher');
  });

  it('makes a room once, and leads to it unless another one was chosen meanwhile', async () => {
    const chat = await show();
    const chosen: string[] = [];
    chat.addEventListener('momento-chat:room', (event) => chosen.push((event as CustomEvent).detail.room));
    const make = (name: string) => {
      ask(chat, name);
      part<HTMLFormElement>(chat, '.new-room').requestSubmit();
    };
    make('fresh');
    await page.run(2000);
    expect([chat.room, chosen]).toEqual(['fresh', ['fresh']]);
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    make('late');
    await page.run(1000);
    part(chat, '[data-room=help]').click();
    await page.run(1000);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect(namesIn(chat)).toContain('late');
    expect([chat.room, chosen]).toEqual(['help', ['fresh', 'help']]);
  });

  describe('while a room is made', () => {
    /** Asks for a room, whose making takes until `go()`. */
    async function slowly(name: string) {
      const chat = await show();
      page.device.link.weather = { ...FAIR, loseRequest: 1 };
      ask(chat, name);
      await page.run(1000);
      const go = () => {
        page.device.link.weather = FAIR;
        return page.run(30_000);
      };
      return { chat, go };
    }

    it('makes another one that is asked for as well, and leads to that', async () => {
      const { chat, go } = await slowly('alfa');
      ask(chat, 'bravo');
      await go();
      expect([names().includes('bravo'), chat.room]).toEqual([true, 'bravo']);
    });

    it('takes another language, and leads to it all the same', async () => {
      const { chat, go } = await slowly('alfa');
      chat.setAttribute('lang', 'de');
      await go();
      expect(chat.room).toBe('alfa');
    });
  });

  it.each(['before', 'as', 'after'])(
    'stays open where the app opened it %s the chat was shown, though it was empty',
    async (when) => {
      // Nobody has made a room yet.
      await page.end();
      page = new Page();
      const open = () => page.session.rooms.open();
      const opening = when === 'after' ? undefined : open();
      page.atEnd(() => page.session.rooms.close());
      if (when === 'before') await page.result(Promise.resolve(opening));
      const chat = await show();
      await page.result(opening ?? open());
      chat.remove();
      await page.run(GRACE_MS * 2);
      await made('fresh');
      expect(names()).toEqual(['fresh']);
    },
  );

  it('is open for an app that opened it in an outage, though the chat that shared in that is gone', async () => {
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    const opening = page.session.rooms.open();
    page.atEnd(() => page.session.rooms.close());
    const chat = await show(500);
    chat.remove();
    await page.run(GRACE_MS + 500);
    page.device.link.weather = FAIR;
    await page.result(opening);
    await page.run(2000);
    expect(names()).toEqual(['help', 'lobby']);
  });

  it('is followed by the chat for as long as that shows it, though the app closes it', async () => {
    await page.result(page.session.rooms.open());
    const chat = await show();
    await page.result(page.session.rooms.close());
    await made('fresh');
    expect(namesIn(chat)).toContain('fresh');
  });
});
