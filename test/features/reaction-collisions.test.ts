import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/reaction-writer.js';
import { storedReaction } from '../../src/features/reactions.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { sortedSetFetchByRank, sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Link } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { settle } from '../support/virtual-time.js';
import { FAIR } from '../support/weather.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (name: string) => world.room({ room: 'lobby', user: { id: name, name } });
const shown = (room: ChatRoom, id: string) =>
  room.messages.find((message) => message.id === id)?.reactions.map(({ emoji }) => emoji) ?? [];
const stored = async () => {
  const input = { cache: 'chat', set: 'lobby:reactions' };
  const found = await world.result(world.transport().call(sortedSetFetchByRank, input));
  return found.map(({ value }) => value);
};

/** Two devices of Ada, one of Bob, and a message that all have. */
async function three() {
  const rooms = [open('ada'), open('ada'), open('bob')] as const;
  await world.join(...rooms);
  const { id } = await world.result(rooms[2].send('hello'));
  await world.run(1000);
  const links = rooms.map((room) => world.clientOf(room).link) as unknown as [Link, Link, Link];
  return { rooms, links, id };
}

/** All show what storage tells somebody who joins now. */
async function expectAllAgree(rooms: readonly ChatRoom[], id: string): Promise<string[]> {
  const newcomer = open('newcomer');
  await world.join(newcomer);
  const truth = shown(newcomer, id);
  expect(rooms.map((room) => shown(room, id))).toEqual(rooms.map(() => truth));
  return truth;
}

it('a reaction that another device removed by a call that landed late stays as the last intention', async () => {
  const { rooms, links, id } = await three();
  const [one, two] = rooms;
  await world.result(one.react(id, '👍'));
  await world.run(1000);
  links[1].fates = (rpc) => (rpc === 'SortedSetRemove' ? { thereMs: 2500 } : undefined);
  const removing = two.unreact(id, '👍');
  await world.run(50);
  // It hears nothing of what the other one does meanwhile, and cannot put that right.
  links[1].cut('silent');
  await world.result(one.unreact(id, '👍'));
  await world.result(one.react(id, '👍'));
  await world.result(removing);
  await world.run(10_000);
  expect(await stored()).toEqual([`${id} 👍 =ada`]);
  await world.run(60_000);
  expect(await expectAllAgree(rooms, id)).toEqual(['👍']);
});

it('the place that storage has counts where two devices told of two, whichever was told last', async () => {
  const { rooms, links, id } = await three();
  const [one, two] = rooms;
  links[0].fates = (rpc) => (rpc === 'SortedSetPut' ? { thereMs: 500 } : undefined);
  let told = 0;
  links[1].fates = (rpc) => {
    if (rpc !== 'Publish') return undefined;
    told += 1;
    return told === 1 ? undefined : { thereMs: 2000 };
  };
  const first = one.react(id, ':+1:');
  await world.run(5);
  await world.result(Promise.all([first, two.react(id, '👍'), two.react(id, ':+1:')]));
  await world.run(60_000);
  expect(await expectAllAgree(rooms, id)).toHaveLength(2);
});

it('a reading that took long does not undo what a later one found', async () => {
  const { rooms, links, id } = await three();
  const bob = rooms[2];
  const older = new MessageIds(world.time).next();
  await world.run(1000);
  links[2].cut('told');
  await world.run(10_000);
  let readings = 0;
  links[2].fates = (rpc) => {
    if (rpc !== 'SortedSetFetch') return undefined;
    readings += 1;
    return readings === 1 ? { thereMs: 0, backMs: 1800 } : undefined;
  };
  links[2].cut('told');
  await world.run(1000);
  expect(readings).toBe(1);
  const { value, score } = storedReaction(id, '👍 =eve', 0);
  const input = {
    cache: 'chat',
    set: 'lobby:reactions',
    elements: new Map([[value, score]]),
    ttlSeconds: 3600,
  };
  await world.result(world.transport().call(sortedSetPut, input));
  const counts: number[] = [];
  bob.on('change', () => counts.push(shown(bob, id).length));
  const data = { id, emoji: '👍', on: true, rank: 0 };
  const text = JSON.stringify({ v: 1, id: older, type: 'reaction', user: { id: 'eve', name: 'eve' }, data });
  await world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value: text }));
  await world.run(700);
  expect(shown(bob, id)).toEqual(['👍']);
  await world.run(20_000);
  expect(counts).not.toContain(0);
});

it('the newer word of another device counts against one that changed during a reading, begun after both', async () => {
  const { rooms, links, id } = await three();
  const [one, two] = rooms;
  links[1].cut('silent');
  await world.result(one.react(id, '👍'));
  await world.run(10_000);
  links[0].fates = (rpc) =>
    rpc === 'SortedSetRemove' ? { thereMs: 500 } : rpc === 'SortedSetFetch' ? { backMs: 1500 } : undefined;
  links[1].fates = (rpc) => (rpc === 'Publish' ? { thereMs: 4000 } : undefined);
  const removing = one.unreact(id, '👍');
  await world.run(1);
  const adding = two.react(id, '👍');
  links[0].cut('told');
  await world.result(Promise.all([removing, adding]));
  await world.run(60_000);
  expect(await stored()).toEqual([`${id} 👍 =ada`]);
  expect(await expectAllAgree(rooms, id)).toEqual(['👍']);
});

it('a reaction that is taken back while another device gives it is the same to all, though both were cut', async () => {
  for (let times = 0; times < 10; times += 1) {
    const { rooms, links, id } = await three();
    const [one, two] = rooms;
    const changing = [one.react(id, '👍'), two.react(id, '👍')];
    await settle();
    links[0].cut('told');
    links[1].cut('told');
    changing.push(one.unreact(id, '👍'));
    await world.result(Promise.all(changing));
    await world.run(60_000);
    await expectAllAgree(rooms, id);
    await world.end();
    world = inProcessWorld({ seed: times });
  }
});

it('a reaction that is taken back at whatever moment of its way is taken back', async () => {
  const ada = open('ada');
  const { link } = world.clientOf(ada);
  link.weather = { ...FAIR, latencyMs: 0 };
  await world.join(ada);
  let isDone = false;
  for (let steps = 0; !isDone; steps += 1) {
    const { id } = await world.result(ada.send('hello'));
    let isStored = false;
    const reacting = ada.react(id, '👍').then(() => {
      isStored = true;
    });
    for (let step = 0; step < steps; step += 1) await undefined;
    isDone = isStored;
    await world.result(Promise.all([reacting, ada.unreact(id, '👍')]));
    expect([steps, shown(ada, id), await stored()]).toEqual([steps, [], []]);
  }
});
