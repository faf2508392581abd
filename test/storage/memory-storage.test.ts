import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryStorage } from 'momento-chat/storage';
import { expect, it } from 'vitest';

const ROOMS = 2000;
/** Long enough that a room which is kept shows in the heap. */
const NAME = 'x'.repeat(20_000);

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const heap = () => {
  gc();
  return process.memoryUsage().heapUsed;
};

const storage = memoryStorage();
const placeOf = (room: string) => ({ user: '=ada', cache: 'chat', room });

it.each<[what: string, use: (room: string) => Promise<void>]>([
  [
    'opened and closed',
    async (room) => {
      const session = await storage.open(placeOf(room), () => {});
      await session.put('key', { text: 'unsent' });
      await session.remove('key');
      await session.close();
    },
  ],
  ['asked about', async (room) => void (await storage.get(placeOf(room), 'draft '))],
  [
    'given a draft that was sent',
    async (room) => {
      await storage.set(placeOf(room), 'draft ', 'hello');
      await storage.set(placeOf(room), 'draft ', undefined);
    },
  ],
  [
    'wiped',
    async (room) => {
      await storage.set(placeOf(room), 'draft ', 'hello');
      await storage.clear('ada');
    },
  ],
])('G5: a memory storage keeps nothing of a room that was only %s', async (_, use) => {
  await use('first');
  const before = heap();
  for (let number = 0; number < ROOMS; number += 1) await use(`${number}${NAME}`);
  expect(heap() - before).toBeLessThan((ROOMS * NAME.length) / 4);
});

it('a memory storage keeps what is put into a session that was closed', async () => {
  const session = await storage.open(placeOf('late'), () => {});
  await session.close();
  await session.put('key', { text: 'unsent' });
  const adopted: string[] = [];
  const next = await storage.open(placeOf('late'), (records) => adopted.push(...records.keys()));
  await next.close();
  expect(adopted).toEqual(['key']);
});
