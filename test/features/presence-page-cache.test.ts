import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { sortedSetFetchByScore } from '../../src/transport/operations/sorted-sets.js';
import type { Fate } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import '../../src/features/presence.js';

const SET = { cache: 'chat', set: 'lobby:presence' };

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

async function open(name: string): Promise<ChatRoom> {
  const room = world.room({ room: 'lobby', user: { id: name, name } });
  room.on('presence', () => {});
  await world.join(room);
  await world.run(1000);
  return room;
}

/** Ada enters, her page goes into the browser's cache of pages meanwhile, and comes back before that is done. */
async function enteredInTheCache(fate: Partial<Fate>): Promise<ChatRoom> {
  const ada = await open('ada');
  const { link, page } = world.clientOf(ada);
  link.fates = (rpc) => (rpc === 'SortedSetPut' ? fate : undefined);
  const entering = ada.presence.enter();
  await world.run(100);
  page.becomes('pagehide');
  await world.run(300);
  page.becomes('visible');
  await world.result(entering);
  await world.run(8000);
  return ada;
}

/** What is stored, and what somebody finds who comes now. */
async function whoIsThere() {
  const { presence } = await open('late');
  const stored = await world.result(world.transport().call(sortedSetFetchByScore, SET));
  return [stored?.length, presence.members.map(({ userId }) => userId)];
}

it('who was entering as the page went into the cache of pages, and came back, is there for newcomers', async () => {
  await enteredInTheCache({ thereMs: 10, backMs: 800 });
  expect(await whoIsThere()).toEqual([1, ['ada']]);
});

it.each(['room', 'presence'] as const)(
  'who was entering as the page went into the cache of pages is gone once the %s is left',
  async (what) => {
    const ada = await enteredInTheCache({ thereMs: 800 });
    await world.result(what === 'room' ? ada.leave() : ada.presence.leave());
    await world.run(2000);
    expect(await whoIsThere()).toEqual([0, []]);
  },
);
