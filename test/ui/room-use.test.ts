import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
import { type RoomActions, uiOf } from '../../src/ui/room-ui.js';
import type { ThreadActions, ThreadUi } from '../../src/ui/thread-ui.js';
import { FAIR } from '../support/weather.js';
import { ADA, GRACE_MS, Page } from './page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

const LOST = { ...FAIR, loseRequest: 1 };

const IN_BOTH: [string, (actions: ThreadActions, id: string) => Promise<unknown>, Seen][] = [
  ['an edit', ({ edit }, id) => edit(id, 'After'), ({ messages: [message] }) => message?.text === 'After'],
  [
    'a deletion',
    (actions, id) => actions.delete(id),
    ({ messages: [message] }) => message?.deletedAt !== undefined,
  ],
  [
    'a reaction',
    ({ react }, id) => react(id, '👍'),
    ({ messages: [message] }) => message?.reactions.length === 1,
  ],
];
const IN_ROOM: [string, (actions: RoomActions, id: string) => Promise<unknown>, Seen][] = [
  ...IN_BOTH,
  ['a pin', ({ pin }, id) => pin(id), ({ pinned = [] }) => pinned.length === 1],
];

type Seen = (shown: Pick<ChatRoom, 'messages'> & Partial<Pick<ChatRoom, 'pinned'>>) => boolean;

it.each(IN_ROOM)(
  'G3: %s that is on its way is made, although its room is not shown any more',
  async (...row) => {
    const [, change, isSeen] = row;
    const bob = await page.other('lobby');
    bob.on('pins', () => {});
    const room = page.room({ room: 'lobby', user: ADA });
    const { use, actions } = uiOf(room);
    const end = use();
    await page.run(2000);
    const { id } = await page.result(actions.send('Before'));
    page.device.link.weather = LOST;
    change(actions, id).catch(() => {});
    end();
    await page.run(GRACE_MS * 2);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect([isSeen(bob), room.status]).toEqual([true, 'left']);
  },
);

it.each(IN_BOTH)(
  'G3: %s of a reply is made, although neither its thread nor its room is shown',
  async (...row) => {
    const [, change, isSeen] = row;
    const bob = await page.other('lobby');
    const root = await page.result(bob.send('Lunch?'));
    const theirs = bob.thread(root.id);
    await page.result(theirs.open());
    const room = page.room({ room: 'lobby', user: ADA });
    const ui = uiOf(room);
    const thread = ui.thread(root.id);
    const ends = [ui.use(), thread.use()];
    await page.run(2000);
    const { id } = await page.result(thread.actions.send('Before'));
    page.device.link.weather = LOST;
    change(thread.actions, id).catch(() => {});
    for (const end of ends) end();
    await page.run(GRACE_MS * 2);
    page.device.link.weather = FAIR;
    await page.run(30_000);
    expect([isSeen(theirs), room.thread(root.id).isOpen, room.status]).toEqual([true, false, 'left']);
    theirs.close();
  },
);

it('G5: a room that is not shown any more is left once a change is given up, or the app has left it', async () => {
  for (const isLeft of [false, true]) {
    const room = page.room({ room: 'lobby', user: ADA, retry: { timeoutMs: 10_000 } });
    const { use, actions } = uiOf(room);
    const end = use();
    await page.run(2000);
    const { id } = await page.result(actions.send('Before'));
    page.device.link.weather = LOST;
    const outcome = actions.delete(id).then(
      () => 'deleted',
      () => 'given up',
    );
    end();
    if (isLeft) void room.leave();
    else await page.run(40_000);
    page.device.link.weather = FAIR;
    await page.run(GRACE_MS);
    expect([room.status, await page.result(outcome)]).toEqual(['left', 'given up']);
  }
});

it('a room that the app has left is joined again where it is shown before a change has ended', async () => {
  const room = page.room({ room: 'lobby', user: ADA });
  const { use, actions } = uiOf(room);
  const end = use();
  await page.run(2000);
  const { id } = await page.result(actions.send('Before'));
  page.device.link.weather = LOST;
  actions.delete(id).catch(() => {});
  await page.run(500);
  end();
  void room.leave();
  page.device.link.weather = FAIR;
  page.atEnd(use());
  await page.run(5000);
  expect(room.status).toBe('joined');
});

describe('a thread', () => {
  async function threadOf(room: ChatRoom) {
    const bob = await page.other('lobby');
    const root = await page.result(bob.send('Lunch?'));
    await page.result(bob.thread(root.id).send('Yes'));
    bob.thread(root.id).close();
    const ui = uiOf(room);
    page.atEnd(ui.use());
    await page.run(2000);
    return ui.thread(root.id);
  }
  const saidIn = ({ state }: ThreadUi) => state.get().messages.map(({ text }) => text);

  it('that is shown while its room is left has its replies once that is joined again', async () => {
    const room = page.room({ room: 'lobby', user: ADA });
    const thread = await threadOf(room);
    await page.result(room.leave());
    page.atEnd(thread.use());
    await page.run(1000);
    expect(saidIn(thread)).toEqual([]);
    await page.join(room);
    await page.run(2000);
    expect(saidIn(thread)).toEqual(['Yes']);
  });

  it('that could not be read for want of a network has its replies, and no error, once there is one', async () => {
    const thread = await threadOf(page.room({ room: 'lobby', user: ADA }));
    page.device.link.weather = { ...FAIR, loseRequest: 1 };
    page.atEnd(thread.use());
    await page.run(40_000);
    expect([saidIn(thread), thread.state.get().error?.code]).toEqual([[], 'network']);
    page.device.link.weather = FAIR;
    await page.run(40_000);
    expect([saidIn(thread), thread.state.get().error]).toEqual([['Yes'], undefined]);
  });
});
