import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MomentoChat } from '../../src/element/index.js';
import type { ChatErrorCode } from '../../src/shared/errors.js';
import { Page } from '../ui/page.js';
import { troubledSession } from '../ui/troubled-session.js';
import { part, putInto } from './shown-chat.js';

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
