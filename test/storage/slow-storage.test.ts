import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { adaTabs, shown } from './ada-tabs.js';

let world: InProcessWorld;
let storage: ChatStorage;
/** Milliseconds that a reading takes. */
let readMs: number;
beforeEach(() => {
  world = inProcessWorld();
  readMs = 3000;
  const memory = memoryStorage();
  storage = {
    ...memory,
    // The answer is as old as the question.
    get: async (...args) => {
      const value = await memory.get(...args);
      await new Promise<void>((resolve) => world.time.after(readMs, resolve));
      return value;
    },
  };
});
afterEach(() => world.end());

const { open, openBob, tick } = adaTabs(() => ({ world, storage }));

/** Another tab hid these. */
async function hiddenBefore(...ids: string[]): Promise<void> {
  const ms = readMs;
  readMs = 0;
  const { room } = open();
  for (const id of ids) room.hide(id);
  await tick();
  readMs = ms;
}

describe('where the storage takes three seconds to answer', () => {
  it('users are hidden as soon as it has, but for those who are shown again meanwhile', async () => {
    const bob = openBob();
    await world.join(bob);
    await world.result(bob.send('rude'));
    await hiddenBefore('bob', 'eve');
    const { room } = open();
    await world.join(room);
    expect(shown(room)).toEqual(['rude sent']);
    room.unhide('eve');
    await world.run(10_000);
    expect([shown(room), [...room.hidden]]).toEqual([[], ['bob']]);
    const next = open();
    await world.join(next.room);
    await world.run(10_000);
    expect([...next.room.hidden]).toEqual(['bob']);
  });

  it('a draft is loaded', async () => {
    await open().room.saveDraft('half a thou');
    expect(await world.result(open().room.loadDraft())).toBe('half a thou');
  });
});

it('a user who is shown again is shown in the next join as well, though that begins at once', async () => {
  readMs = 300;
  await hiddenBefore('bob');
  const { room } = open();
  await world.join(room);
  await world.run(10_000);
  room.unhide('bob');
  await world.result(room.leave());
  await world.join(room);
  await world.run(20_000);
  expect([...room.hidden]).toEqual([]);
});

it('a user who is shown again before the first join is not hidden by it', async () => {
  await hiddenBefore('bob');
  readMs = 0;
  const { room } = open();
  room.unhide('bob');
  await world.join(room);
  expect([...room.hidden]).toEqual([]);
});

it('a user who is hidden as the room is left is not kept over a wipe', async () => {
  readMs = 500;
  const { room } = open();
  await world.join(room);
  room.hide('bob');
  await world.result(room.leave());
  await storage.clear('ada');
  await world.run(5000);
  await world.join(room);
  const next = open();
  await world.join(next.room);
  expect([...next.room.hidden]).toEqual([]);
});

it.each(['refuses', 'hangs'] as const)(
  'a draft is not taken for empty where the storage %s',
  async (fault) => {
    const tab = open();
    tab.storage.fault = fault;
    const loading = tab.room.loadDraft();
    await expect(world.result(loading)).rejects.toMatchObject({ code: 'storage-unavailable' });
  },
);

it('a draft is not taken for empty before it is known whose it is', async () => {
  const room = world.client({ userId: 'ada' }).room({ room: 'r', user: { name: 'Ada' }, storage });
  await expect(room.loadDraft()).rejects.toMatchObject({ code: 'storage-unavailable' });
  await world.join(room);
  expect(await world.result(room.loadDraft())).toBe('');
});

it('a user who is shown again stays so in the room, though that cannot be stored', async () => {
  let full = false;
  const { set } = storage;
  storage = {
    ...storage,
    set: async (...args) => {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      return set(...args);
    },
  };
  readMs = 0;
  const ada = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, storage });
  ada.hide('bob');
  await world.joined(ada);
  full = true;
  ada.unhide('bob');
  await world.run(1000);
  await world.result(ada.leave());
  await world.join(ada);
  await world.run(3000);
  expect([...ada.hidden]).toEqual([]);
});
