import { expect, it } from 'vitest';
import { ChatError } from '../../src/shared/errors.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { sortedSetFetchByScore, sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { CacheInput, CallOptions, Operation, Transport } from '../../src/transport/transport.js';
import { end, entry, event, names, page, time } from '../support/directory-page.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

const ttlSeconds = 3600;
type Page = ReturnType<typeof page>;

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

/** What somebody finds who opens the directory now. */
async function listedFor(world: InProcessWorld, name: string): Promise<string[]> {
  const { session } = page(world, name);
  await world.result(session.rooms.open());
  await world.run(1000);
  const listed = names(session);
  await session.rooms.close();
  return listed;
}

it.each(['SortedSetPut', 'Publish'])(
  'a room that was written to is listed after an outage of %s, though its session never opened the directory',
  async (rpc) => {
    const world = inProcessWorld();
    const { client, session, room } = page(world, 'ada', { directory: 'rooms' });
    const bob = page(world, 'bob');
    await world.result(bob.session.rooms.open());
    const lobby = room('lobby');
    await world.join(lobby);
    await world.run(5000);
    let begun = rpc !== 'Publish';
    client.link.fates = (called) => (called === rpc && begun ? { outcome: 'refused' } : undefined);
    await world.result(lobby.send('one'));
    begun = true;
    world.time.after(30_000, () => {
      client.link.fates = undefined;
    });
    await world.run(90_000);
    expect(await listedFor(world, 'carol')).toEqual(['lobby']);
    expect(names(bob.session), 'who has it open is told').toEqual(['lobby']);
    const before = client.link.calls.SortedSetPut;
    await world.run(600_000);
    expect(client.link.calls.SortedSetPut, 'it is written once').toBe(before);
    await end(world, bob.session, session);
  },
);

it('a room that somebody else wrote to after the outage began keeps their time', async () => {
  const world = inProcessWorld();
  const [ada, bob] = ['ada', 'bob'].map((name) => page(world, name, { directory: 'rooms' })) as [Page, Page];
  const [ours, theirs] = [ada.room('lobby'), bob.room('lobby')];
  await world.join(ours, theirs);
  ada.client.link.fates = (rpc) => (rpc === 'SortedSetPut' ? { outcome: 'refused' } : undefined);
  await world.result(ours.send('one'));
  await world.run(40_000);
  const { sentAt } = await world.result(theirs.send('two'));
  await world.run(40_000);
  ada.client.link.fates = undefined;
  await world.run(120_000);
  const late = page(world, 'carol');
  await world.result(late.session.rooms.open());
  expect(entry(late.session, 'lobby')?.lastActivityAt).toEqual(sentAt);
  await end(world, ada.session, bob.session, late.session);
});

it('a message that waited for its connection moves its room down for nobody', async () => {
  const world = inProcessWorld();
  const [ada, bob] = ['ada', 'bob'].map((name) => page(world, name, { directory: 'rooms' })) as [Page, Page];
  const [ours, theirs, other] = [ada.room('lobby'), bob.room('lobby'), bob.room('other')];
  await world.joined(ours, theirs, other);
  const { link } = ada.client;
  link.goOffline(50_000);
  const sending = ours.send('typed in the tunnel');
  await world.run(10_000);
  await world.say(other, 'in the other room');
  await world.run(10_000);
  await world.say(theirs, 'newest');
  // Whoever finds an older time than the own one would write that again.
  await world.result(Promise.all([theirs.leave(), other.leave()]));
  await bob.session.close();
  await world.result(sending);
  await world.run(10_000);
  expect(await listedFor(world, 'carol')).toEqual(['lobby', 'other']);
  await end(world, ada.session);
});

/** Something was said in a room, and the directory cannot be written. */
async function saidInVain() {
  const world = inProcessWorld();
  const { client, session, room } = page(world, 'ada', { directory: 'rooms' });
  const lobby = room('lobby');
  await world.join(lobby);
  client.link.fates = (rpc) => (rpc === 'SortedSetPut' ? { outcome: 'refused' } : undefined);
  await world.result(lobby.send('one'));
  return { world, client, session, room, lobby };
}

it.each(['left', 'closed'])('G5: nothing waits to be written once all rooms are %s', async (how) => {
  const { world, client, session, lobby } = await saidInVain();
  await world.run(40_000);
  if (how === 'closed') await session.close();
  else await world.result(lobby.leave());
  await world.run(20_000);
  const before = client.link.calls.SortedSetPut ?? 0;
  expect(before).toBeGreaterThan(0);
  await world.run(600_000);
  expect(client.link.calls.SortedSetPut).toBe(before);
  await world.end();
});

it('a room that was left during an outage is listed after the next join', async () => {
  const { world, client, session, room, lobby } = await saidInVain();
  await world.result(lobby.leave());
  await world.run(60_000);
  client.link.fates = undefined;
  const other = room('other');
  await world.join(other);
  await world.run(60_000);
  expect(await listedFor(world, 'carol')).toEqual(['lobby']);
  await end(world, session);
});

it('a room that the token kept out of the directory is listed when a token that may write comes', async () => {
  const world = inProcessWorld();
  let connections = 0;
  let refused = 0;
  const wrap = (transport: Transport): Transport => {
    connections += 1;
    // The room is alone on the first token; the second one is for the directory as well.
    const mayNot = connections <= 2;
    return {
      async call<Input extends CacheInput, Output>(
        operation: Operation<Input, Output>,
        input: Input,
        options?: CallOptions,
      ) {
        if (mayNot && operation.rpc === sortedSetPut.rpc) {
          refused += 1;
          throw new ChatError('permission-denied', 'unable to write the directory; it is not allowed');
        }
        return transport.call(operation, input, options);
      },
      subscribe: (...args) => transport.subscribe(...args),
    };
  };
  const client = world.client({ userId: 'ada', wrap });
  const session = client.session(undefined, { directory: 'rooms' });
  const room = client.room({ room: 'lobby', user: { name: 'ada' }, session });
  client.tokens.lifeSeconds = 600;
  await world.join(room);
  for (const text of ['one', 'two', 'three']) {
    await world.result(room.send(text));
    await world.run(5000);
  }
  expect(await listedFor(world, 'bob')).toEqual([]);
  await world.run(900_000);
  const carol = page(world, 'carol');
  await world.result(carol.session.rooms.open());
  await world.run(2000);
  expect(carol.session.rooms.list.map(({ name, lastActivityAt }) => [name, lastActivityAt])).toEqual([
    ['lobby', room.messages.at(-1)?.sentAt],
  ]);
  await world.result(carol.session.close());
  expect(refused, 'a token that may not write is not asked again').toBe(1);
  await end(world, session);
});

/** Bob has the list open, and cannot read a room that has a new message. */
async function unreadable() {
  const world = inProcessWorld();
  const [ada, bob] = [page(world, 'ada', { directory: 'rooms' }), page(world, 'bob')];
  await world.result(bob.session.rooms.open());
  const room = ada.room('lobby');
  await world.join(room);
  await world.result(room.send('one'));
  await world.run(10_000);
  bob.client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
  await world.result(room.send('two'));
  return { world, ada, bob, room };
}

it('a room that could not be read for a while shows its last message in the end; the outage is told once', async () => {
  const { world, ada, bob } = await unreadable();
  const { ListFetch: before = 0 } = bob.client.link.calls;
  await world.run(20 * 60_000);
  expect((bob.client.link.calls.ListFetch ?? 0) - before).toBeLessThan(30);
  bob.client.link.fates = undefined;
  await world.run(3 * 60_000);
  expect(entry(bob.session, 'lobby')).toMatchObject({ lastMessage: { text: 'two' } });
  expect(bob.errors).toHaveLength(1);
  await end(world, ada.session, bob.session);
});

it.each([
  [70, 'there is an activity'],
  [130, 'there is an activity'],
  [200, 'there is an activity'],
  [70, 'the stream of the list begins anew'],
])('a room that could not be read for %i s shows its last message seconds after %s', async (s, what) => {
  const { world, ada, bob, room } = await unreadable();
  await world.run(s * 1000);
  bob.client.link.fates = undefined;
  if (what === 'there is an activity') await world.result(room.send('three'));
  else bob.client.link.cut('told');
  await world.run(10_000);
  expect(entry(bob.session, 'lobby')?.lastMessage?.text).toBe(room.messages.at(-1)?.text);
  await end(world, ada.session, bob.session);
});
