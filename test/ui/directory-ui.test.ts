import { afterEach, beforeEach, expect, it } from 'vitest';
import { directoryOf } from '../../src/ui/directory-ui.js';
import { uiOf } from '../../src/ui/room-ui.js';
import { ADA, GRACE_MS, Page } from './page.js';
import { troubledSession } from './troubled-session.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

const namesIn = ({ state }: ReturnType<typeof directoryOf>) => state.get().rooms.map(({ name }) => name);

beforeEach(() => page.result(page.session.rooms.create('lobby')));

it('the list of rooms that could not be read is there some time after it can be, though nobody asks for it again', async () => {
  const { session, allow } = troubledSession(page, 'token-unavailable');
  const directory = directoryOf(session);
  page.atEnd(directory.use());
  await page.run(40_000);
  expect(directory.state.get()).toMatchObject({ rooms: [], error: { code: 'token-unavailable' } });
  allow();
  await page.run(40_000);
  expect([namesIn(directory), directory.state.get().error]).toEqual([['lobby'], undefined]);
});

it.each(['token-unavailable', 'permission-denied'] as const)(
  'the list of rooms is there once a room that failed is joined: %s',
  async (code) => {
    const { session, allow } = troubledSession(page, code);
    const room = page.room({ room: 'lobby', user: ADA, session });
    const directory = directoryOf(session);
    page.atEnd(uiOf(room).use());
    page.atEnd(directory.use());
    await page.run(20_000);
    expect([room.status, directory.state.get().error?.code]).toEqual(['failed', code]);
    allow();
    await page.join(room);
    await page.run(2000);
    expect([namesIn(directory), directory.state.get().error]).toEqual([['lobby'], undefined]);
  },
);

it('a list of rooms that the token does not allow is asked for once', async () => {
  const { session, requests } = troubledSession(page, 'permission-denied', { granted: ['lobby'] });
  const room = page.room({ room: 'lobby', user: ADA, session });
  page.atEnd(directoryOf(session).use());
  page.atEnd(uiOf(room).use());
  await page.run(5000);
  const asked = requests.length;
  await page.run(60_000);
  expect([room.status, requests.length - asked]).toEqual(['joined', 0]);
});

it('G5: a list of rooms that nobody shows any more is not asked for again', async () => {
  const { session, requests } = troubledSession(page, 'token-unavailable');
  const end = directoryOf(session).use();
  await page.run(20_000);
  end();
  await page.run(GRACE_MS);
  const asked = requests.length;
  await page.run(60_000);
  expect(requests.length).toBe(asked);
});
