import { expect, it } from 'vitest';
import { ChatError } from '../../src/shared/errors.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { sortedSetFetchByScore } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { CacheInput, CallOptions, Operation, Transport } from '../../src/transport/transport.js';
import { end, event, names, page, time } from '../support/directory-page.js';
import { inProcessWorld } from '../support/in-process-rooms.js';

const ttlSeconds = 3600;

it('each outage is told once, the second one as well', async () => {
  const world = inProcessWorld();
  const { client, session, errors } = page(world, 'ada');
  await world.result(session.rooms.open());
  await world.run(5000);
  for (const outage of [1, 2, 3]) {
    client.link.fates = (rpc) => (rpc === 'SortedSetFetch' ? { outcome: 'refused' } : undefined);
    client.hints.give('visible');
    await world.run(60_000);
    expect(errors.map(({ code }) => code)).toEqual(Array(outage).fill('server'));
    client.link.fates = undefined;
    await world.run(60_000);
  }
  await end(world, session);
});

it('what is not over is told once, however often the directory is read', async () => {
  const world = inProcessWorld();
  const eve = world.transport();
  await eve.call(listPushFront, { cache: 'chat', list: 'rooms:directory', value: 'x', ttlSeconds });
  const { client, session, errors } = page(world, 'ada');
  await world.result(session.rooms.open());
  for (let time = 0; time < 5; time += 1) {
    client.hints.give('visible');
    await world.run(5000);
  }
  expect(errors).toHaveLength(1);
  await end(world, session);
});

it.each(['reading', 'stream'])(
  'why its %s closed a directory is told, whatever was told before',
  async (what) => {
    const world = inProcessWorld();
    let attempts: number | undefined;
    const fail = () => {
      if (attempts === undefined) return;
      attempts += 1;
      // The service words each failure anew.
      throw attempts <= 25
        ? new ChatError('server', `unable to go on; attempt ${attempts} was too many`)
        : new ChatError('permission-denied', 'unable to go on; it is not allowed any more');
    };
    const wrap = (transport: Transport): Transport => ({
      async call<Input extends CacheInput, Output>(
        operation: Operation<Input, Output>,
        input: Input,
        options?: CallOptions,
      ) {
        if (what === 'reading' && operation.rpc === sortedSetFetchByScore.rpc) fail();
        return transport.call(operation, input, options);
      },
      async subscribe(...args) {
        if (what === 'stream') fail();
        return transport.subscribe(...args);
      },
    });
    const client = world.client({ userId: 'ada', wrap });
    const session = client.session();
    const errors: ChatError[] = [];
    session.on('error', (error) => errors.push(error));
    await world.result(session.rooms.open());
    await world.result(session.rooms.create('lobby'));
    await world.run(5000);
    attempts = 0;
    if (what === 'stream') client.link.cut('told');
    client.hints.give('visible');
    await world.run(900_000);
    expect(attempts).toBe(26);
    expect(errors.filter(({ code }) => code === 'permission-denied')).toHaveLength(1);
    expect(session.rooms.list).toEqual([]);
    await end(world, session);
  },
);

it('rooms that are told of and read renew no token that carries a stream: neither of the directory nor of a joined room', async () => {
  const world = inProcessWorld();
  const ada = page(world, 'ada');
  const room = ada.room('lobby');
  await world.join(room);
  await world.result(ada.session.rooms.open());
  await world.run(5000);
  const { Subscribe: before, ListFetch: read = 0 } = ada.client.link.calls;
  const eve = world.transport();
  for (let index = 0; index < 75; index += 1) {
    const value = event({ name: `told-${index}`, at: time + index });
    await eve.call(publish, { cache: 'chat', topic: 'rooms:events', value });
    await world.run(200);
  }
  await world.run(5000);
  expect(names(ada.session)).toContain('told-74');
  expect((ada.client.link.calls.ListFetch ?? 0) - read, 'they were read').toBeGreaterThan(50);
  expect(ada.client.link.calls.Subscribe).toBe(before);
  await end(world, ada.session);
});

it('a room that is refused keeps no other out of the token of the directory', async () => {
  const world = inProcessWorld();
  const client = world.client({ userId: 'ada' });
  const asked: (readonly string[])[] = [];
  const session = client.session(async (request) => {
    asked.push(request.rooms);
    if (!request.rooms.includes('secret')) return client.tokens.source(request);
    throw new ChatError('permission-denied', 'unable to get a token; no');
  });
  await world.result(session.rooms.open());
  const value = event({ name: 'secret', at: time });
  await world.transport().call(publish, { cache: 'chat', topic: 'rooms:events', value });
  await world.run(5000);
  const room = client.room({ room: 'lobby', user: { name: 'ada' }, session });
  await world.join(room);
  expect(asked.at(-1)).toEqual(['rooms', 'lobby']);
  await end(world, session);
});
