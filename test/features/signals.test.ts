import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Signal } from '../../src/features/signals.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

async function joined() {
  const room = world.member('Ada', { events: true });
  await world.settled(room.join());
  return room;
}

it('a signal comes as it was sent', async () => {
  const room = await joined();
  const heard: Signal[] = [];
  room.on('signal', (signal) => heard.push(signal));
  await world.settled(room.signal('first', {}));
  await world.settled(room.signal('goal', { team: 1, by: 'Ada' }));
  await world.run(2000);
  expect(heard.at(-1)).toMatchObject({
    type: 'goal',
    data: { team: 1, by: 'Ada' },
    user: { name: 'Ada' },
    own: true,
  });
});

it.each([
  ['no type', '', {}, 'invalid-argument'],
  ['a type that is too long', 'x'.repeat(65), {}, 'invalid-argument'],
  ['data that is no object', 'a', [] as never, 'invalid-argument'],
  ['data that is not JSON', 'a', { big: 1n } as never, 'invalid-argument'],
  ['data with a Map, which JSON makes {}', 'a', { deep: [new Map([['a', 1]])] } as never, 'invalid-argument'],
  ['data that is a Set', 'a', new Set([1]) as never, 'invalid-argument'],
  ['data with a number that JSON makes null', 'a', { x: Number.NaN }, 'invalid-argument'],
  ['data with a key that would change prototypes', 'a', JSON.parse('{"__proto__":1}'), 'invalid-argument'],
  ['data over 3 KB', 'a', { text: 'é'.repeat(1600) }, 'message-too-large'],
])('a signal with %s is refused', async (_, type, data, code) => {
  const room = await joined();
  await expect(room.signal(type, data)).rejects.toMatchObject({ code });
});

it('a signal says what its data was when it was called', async () => {
  const room = await joined();
  const heard: unknown[] = [];
  room.on('signal', ({ data }) => heard.push(data.x));
  await world.settled(room.signal('warm', { x: 0 }));
  const place = { x: 0 };
  const moves = [1, 2, 3].map((x) => {
    place.x = x;
    return room.signal('cursor', place);
  });
  await world.settled(Promise.all(moves));
  await world.run(2000);
  // On the way one may overtake another.
  expect(heard.sort()).toEqual([0, 1, 2, 3]);
});

it('coalesced signals: the first goes at once, of those that follow the last, ten a second of a type at most', async () => {
  const room = await joined();
  const heard: unknown[] = [];
  room.on('signal', ({ type, data: { x } }) => heard.push(`${type}${x}`));
  await world.settled(room.signal('warm', {}));
  const cursor = { x: 0 };
  const move = () => {
    cursor.x += 1;
    return room.signal('cursor', { ...cursor }, { coalesce: true });
  };
  const moves: Promise<void>[] = [];
  for (let index = 0; index < 60; index += 1) {
    moves.push(move());
    await world.run(1000 / 60);
  }
  moves.push(room.signal('other', { x: 1 }, { coalesce: true }), room.signal('cursor', { x: 'plain' }));
  await world.settled(Promise.all(moves));
  await world.run(2000);
  const cursors = heard.filter((one) => String(one).startsWith('cursor'));
  expect(cursors.length).toBeLessThanOrEqual(13);
  expect(cursors.length).toBeGreaterThanOrEqual(8);
  expect(cursors[0]).toBe('cursor1');
  expect(cursors).toEqual(expect.arrayContaining(['cursor60', 'cursorplain']));
  expect(heard).toContain('other1');
});

it('a coalesced signal that waits carries what JSON makes of its data', async () => {
  class Price {
    cents = 5;
    toJSON() {
      return '0.05';
    }
  }
  const room = await joined();
  const heard: unknown[] = [];
  room.on('signal', ({ data }) => heard.push(data.price));
  await world.settled(room.signal('warm', { price: null }));
  const prices = [1, 2].map(() => room.signal('price', { price: new Price() as never }, { coalesce: true }));
  await world.settled(Promise.all(prices));
  await world.run(2000);
  expect(heard).toEqual([null, '0.05', '0.05']);
});

it('a coalesced signal that waits is rejected as the room is left', async () => {
  const room = await joined();
  await world.settled(room.signal('warm', {}));
  const first = room.signal('cursor', { x: 1 }, { coalesce: true });
  const waiting = room.signal('cursor', { x: 2 }, { coalesce: true });
  const outcomes = Promise.allSettled([first, waiting]);
  await world.settled(room.leave());
  expect((await outcomes)[1]).toMatchObject({ status: 'rejected', reason: { name: 'ChatError' } });
});

it('a coalesced signal that waits as the room is left is not sent by the next join', async () => {
  const ada = await joined();
  const bob = await joined();
  const heard: unknown[] = [];
  bob.on('signal', ({ data }) => heard.push(data.x));
  await world.settled(ada.signal('warm', { x: 0 }));
  await world.run(2000);
  const signals = [1, 2].map((x) => ada.signal('cursor', { x }, { coalesce: true }));
  const outcomes = Promise.allSettled(signals);
  await world.run(20);
  void ada.leave();
  await world.settled(ada.join());
  await world.run(2000);
  expect(heard).toEqual([0, 1]);
  expect((await outcomes)[1]).toMatchObject({ status: 'rejected', reason: { code: 'closed' } });
});

it('signals are refused in a plain room, and before it is joined', async () => {
  const room = world.member('Ada');
  await expect(room.signal('a', {})).rejects.toMatchObject({ code: 'not-joined' });
  await world.settled(room.join());
  await expect(room.signal('a', {})).rejects.toMatchObject({ code: 'feature-disabled' });
});

it('signals are refused once the room was left, and while it is joined again', async () => {
  const room = await joined();
  await world.settled(room.signal('warm', {}));
  await world.settled(room.leave());
  const refused = { code: 'not-joined', retryable: false };
  await expect(room.signal('a', {})).rejects.toMatchObject(refused);
  const joining = room.join();
  await expect(room.signal('a', {})).rejects.toMatchObject(refused);
  await world.settled(joining);
});
