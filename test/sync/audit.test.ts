import { expect, it } from 'vitest';
import { ModelWorld } from '../support/model-room.js';

it('reads a quarter of what is stored in one call, and hardly an entry beyond, when nothing is in doubt', async () => {
  const world = new ModelWorld();
  const { cache, ...clients } = world.momento.client();
  const read: number[] = [];
  const counting: typeof cache = {
    ...cache,
    listPushFront: (...args) => cache.listPushFront(...args),
    async listFetch(...args) {
      const response = await cache.listFetch(...args);
      const { valueListString } = response as { valueListString?: () => string[] };
      read.push(valueListString?.call(response).length ?? 0);
      return response;
    },
  };
  const ada = world.room('Ada', { clients: { ...clients, cache: counting } });
  const bob = world.room('Bob');
  await world.joined(ada, bob);
  // The second heartbeat of a stream is doubted, and so is the first item of an old one.
  await world.time.advance(30_000);
  await world.send(bob, 'first');
  await world.time.advance(10_000);
  read.length = 0;
  // Eighty a second: the list turns over in 12.5 s.
  for (let sent = 0; sent < 1000; sent += 2) {
    for (const text of [`${sent}`, `${sent + 1}`]) bob.send(text).catch(() => {});
    await world.time.advance(25);
  }
  await world.time.advance(1000);
  expect(ada.messages).toHaveLength(500);
  expect(read).toHaveLength(4);
  for (const entries of read) expect(entries).toBeLessThanOrEqual(250 + 32);
});
