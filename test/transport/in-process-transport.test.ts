import { beforeEach, describe, expect, it } from 'vitest';
import type { ChatError } from '../../src/shared/errors.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { listFetch, listPushFront } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import type { Link } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { InProcessTransport } from '../support/in-process-transport.js';
import { FAIR } from '../support/weather.js';

const chat = { cache: 'chat', topic: 'room-chat' };
const list = { cache: 'chat', list: 'room' };

let world: InProcessWorld;
let link: Link;
let transport: Transport;
let token: string;
beforeEach(() => {
  world = inProcessWorld();
  ({ link } = world.client());
  token = world.engine.mintToken({
    permissions: [
      { on: 'topics', role: 'readwrite', cache: 'chat', names: { prefix: 'room' } },
      { on: 'items', role: 'readwrite', cache: 'chat', names: 'room' },
    ],
    tokenId: 'ann',
  }).token;
  transport = new InProcessTransport({ core: world.engine, link, token });
});

const outcome = (call: Promise<unknown>) =>
  world.result(call).then(
    () => 'ok',
    ({ code, message, retryable }: ChatError) => ({ code, message, retryable }),
  );
const push = (value = 'x') => transport.call(listPushFront, { ...list, value, ttlSeconds: 60 });
const say = (value: string, topic = chat.topic) => transport.call(publish, { cache: 'chat', topic, value });

async function listen(
  topic = chat.topic,
  { after, on = transport }: { after?: { sequence: number; page: number }; on?: Transport } = {},
) {
  const heard: string[] = [];
  const publishers = new Set<string | undefined>();
  const stop = new AbortController();
  let position = { sequence: 0, page: 0 };
  const sink = {
    item: ({
      value,
      publisherId,
      sequence,
      page = 0,
    }: Parameters<Parameters<Transport['subscribe']>[1]['item']>[0]) => {
      heard.push(String(value));
      publishers.add(publisherId);
      position = { sequence, page };
    },
    heartbeat: () => {},
    discontinuity: () => heard.push('discontinuity'),
    uncertain: () => {},
    closed: ({ code }: ChatError) => heard.push(code),
  };
  const options = { signal: stop.signal, ...(after === undefined ? {} : { after }) };
  await world.result(on.subscribe({ cache: 'chat', topic }, sink, options));
  return { heard, publishers, stop: () => stop.abort(), position: () => position };
}

describe('the transport in this process', () => {
  it('fails as the one over fetch does, word for word', async () => {
    const fetching = (init: { token: string }) =>
      fetchTransport({
        ...init,
        endpoint: 'http://local.test',
        fetch: (url, request) => world.engine.fetch(new Request(url, request)),
      });
    const foreign = Buffer.from(JSON.stringify({ api_key: 'x', endpoint: 'e' })).toString('base64');
    const calls: ((transport: Transport) => Promise<unknown>)[] = [
      (on) => on.call(listFetch, { cache: 'chat', list: 'other' }),
      (on) => on.call(publish, { cache: 'chat', topic: 'other', value: 'x' }),
      (on) => on.call(publish, { ...chat, value: '' }),
      (on) => on.subscribe({ cache: 'chat', topic: 'other' }, {} as never),
    ];
    for (const call of calls) {
      for (const given of [token, foreign]) {
        const here = new InProcessTransport({ core: world.engine, link, token: given });
        const there = await call(fetching({ token: given })).catch(
          ({ code, message, retryable }: ChatError) => ({
            code,
            message,
            retryable,
          }),
        );
        expect(await outcome(call(here))).toEqual(there);
      }
    }
  });

  it('vouches for the publisher, and keeps the order of a topic', async () => {
    link.weather = { ...FAIR, deliveryMs: 5000 };
    const { heard, publishers, stop } = await listen();
    for (const value of ['1', '2', '3']) await world.result(say(value));
    await world.run(10_000);
    expect(heard).toEqual(['1', '2', '3']);
    expect([...publishers]).toEqual(['ann']);
    stop();
    await world.end();
  });

  it('brings events of two topics in another order than that in which they were published', async () => {
    link.weather = { ...FAIR, deliveryMs: 5000 };
    const orders = new Set<string>();
    const [first, second] = [await listen(), await listen('room:events')];
    for (let round = 0; round < 20; round += 1) {
      const before = world.time.monotonic();
      await world.result(Promise.all([say('a'), say('b', 'room:events')]));
      const which = () => `${first.heard.length > round}${second.heard.length > round}`;
      while (which() === 'falsefalse' && world.time.monotonic() < before + 20_000) await world.run(50);
      orders.add(which());
      await world.run(20_000);
    }
    expect(orders).toContain('truefalse');
    expect(orders).toContain('falsetrue');
    for (const { stop } of [first, second]) stop();
    await world.end();
  });

  it('loses an answer whose call took effect, and a call that took none', async () => {
    link.fates = () => ({ outcome: 'answer-lost', learnsAfterMs: undefined });
    expect(await outcome(push('stored'))).toMatchObject({ code: 'timeout', retryable: true });
    link.fates = () => ({ outcome: 'request-lost', learnsAfterMs: 10 });
    expect(await outcome(push('lost'))).toMatchObject({ code: 'network', retryable: true });
    link.fates = () => ({ outcome: 'refused' });
    expect(await outcome(push('refused'))).toMatchObject({ code: 'server', retryable: true });
    link.fates = () => ({ thereMs: 7000 });
    expect(await outcome(push('late'))).toMatchObject({ code: 'timeout' });
    expect(world.list('room')).toEqual(['stored']);
    await world.run(3000);
    expect(world.list('room')).toEqual(['late', 'stored']);
    expect(world.calls).toEqual({ ListPushFront: 3 });
  });

  it('ends a stream with a word, or without one, and nothing of it comes any more', async () => {
    const [told, silent] = [await listen(), await listen()];
    link.cut('told');
    await world.run(100);
    expect(told.heard).toEqual(['network']);
    const mute = await listen();
    link.cut('silent');
    await world.result(say('unheard'));
    await world.run(60_000);
    expect(mute.heard).toEqual([]);
    for (const { stop } of [told, silent, mute]) stop();
    await world.end();
  });

  it('replays what was missed to those who resume, if they do', async () => {
    const first = await listen();
    await world.result(say('1'));
    await world.run(100);
    first.stop();
    await world.result(say('2'));
    const again = await listen(chat.topic, { after: first.position() });
    await world.run(100);
    expect(again.heard).toEqual(['2']);
    const on = new InProcessTransport({ core: world.engine, link, token, resumes: false });
    const anew = await listen(chat.topic, { after: first.position(), on });
    await world.run(100);
    expect(anew.heard).toEqual([]);
    for (const { stop } of [again, anew]) stop();
    await world.end();
  });

  it('skips items without a word, but for the first', async () => {
    link.weather = { ...FAIR, skip: 0.5 };
    const { heard, stop } = await listen();
    for (let count = 0; count < 100; count += 1) await world.result(say(`${count}`));
    await world.run(100);
    expect(heard[0]).toBe('0');
    expect(heard.length).toBeGreaterThan(20);
    expect(heard.length).toBeLessThan(80);
    stop();
    await world.end();
  });

  it('obeys the faults of the engine, those of connections included', async () => {
    const { faults } = world.engine;
    faults.dropResponses({ rpc: 'ListPushFront', how: 'hang' });
    expect(await outcome(push())).toMatchObject({ code: 'timeout' });
    faults.dropResponses({ rpc: 'ListPushFront', how: 'cut' });
    expect(await outcome(push())).toMatchObject({ code: 'network' });
    const { heard, stop } = await listen();
    faults.goOffline(1000);
    expect(await outcome(push())).toMatchObject({ code: 'network' });
    await world.run(1000);
    expect(heard).toEqual(['network']);
    expect(await outcome(push())).toBe('ok');
    stop();
    await world.end();
  });
});

it('a look at the engine takes no time, and a hostile member needs no room', async () => {
  const raw = world.transport();
  await raw.call(listPushFront, { ...list, value: 'rubbish', ttlSeconds: 60 });
  expect(await raw.call(listFetch, list)).toEqual(['rubbish']);
  const { heard, stop } = await listen();
  await raw.call(publish, { ...chat, value: 'rubbish' });
  await world.run(100);
  expect(heard).toEqual(['rubbish']);
  stop();
  await world.end();
});

it('rooms of a session share a token, and a room sees who sent', async () => {
  const ada = world.client({ userId: 'ada' });
  const session = ada.session();
  const [lobby, hall] = ['lobby', 'hall'].map((room) =>
    ada.room({ room, user: { id: 'ada', name: 'Ada' }, session }),
  );
  const bob = world.room({ room: 'lobby', user: { id: 'bob', name: 'Bob' } });
  if (lobby === undefined || hall === undefined) throw new Error('unable to make two rooms');
  await world.join(lobby, hall, bob);
  await world.result(lobby.send('hi'));
  await world.run(1000);
  expect(bob.messages.map(({ text, verifiedUserId }) => [text, verifiedUserId])).toEqual([['hi', 'ada']]);
  expect(ada.tokens.minted).toHaveLength(1);
  await world.end();
});
