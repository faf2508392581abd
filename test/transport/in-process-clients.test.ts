import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatError } from '../../src/shared/errors.js';
import { listFetch } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import { sdkTransport } from '../../src/transport/sdk-transport.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { InProcessTransport } from '../support/in-process-transport.js';

const chat = { cache: 'chat', topic: 'room-chat' };

let world: InProcessWorld;
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client();
});
afterEach(() => world.end());

/** Subscribes by way of SDK clients, and notes what comes. */
async function listen(transport: Transport) {
  const heard: string[] = [];
  const stop = new AbortController();
  const sink = {
    item: ({ value }: { value: unknown }) => heard.push(String(value)),
    heartbeat: () => {},
    discontinuity: () => heard.push('discontinuity'),
    uncertain: (reason: string) => heard.push(`uncertain: ${reason}`),
    closed: ({ code }: ChatError, how = 'ended') => heard.push(`${how}: ${code}`),
  };
  await world.result(transport.subscribe(chat, sink, { signal: stop.signal }));
  return { heard, stop: () => stop.abort() };
}

describe('clients in the shape of the SDKs', () => {
  it.each<[what: string, call: (transport: Transport) => Promise<unknown>]>([
    ['a list of others', (on) => on.call(listFetch, { cache: 'chat', list: 'other' })],
    ['a topic of others', (on) => on.call(publish, { cache: 'chat', topic: 'other', value: 'x' })],
    ['nothing to publish', (on) => on.call(publish, { ...chat, value: '' })],
    ['a cache that is not there', (on) => on.call(listFetch, { cache: 'none', list: 'room' })],
    ['a stream of others', (on) => on.subscribe({ cache: 'chat', topic: 'other' }, {} as never)],
  ])('fail as the transport does that they are made of: %s', async (_, call) => {
    const { token } = world.engine.mintToken({
      permissions: [
        { on: 'topics', role: 'readwrite', cache: { all: true }, names: 'room-chat' },
        { on: 'items', role: 'readwrite', cache: { all: true }, names: 'room' },
      ],
    });
    const outcome = (transport: Transport) =>
      world.result(call(transport)).then(
        () => 'ok',
        ({ code, message, retryable }: ChatError) => ({ code, message, retryable }),
      );
    const direct = new InProcessTransport({ core: world.engine, link: client.link, token });
    const sdk = sdkTransport(client.sdk({ token }), world.time);
    expect(await outcome(sdk)).toEqual(await outcome(direct));
  });

  it('have no answer as the web SDK has none', async () => {
    client.link.refusing = true;
    const sdk = sdkTransport(client.sdk(), world.time);
    await expect(world.result(sdk.call(publish, { ...chat, value: 'x' }))).rejects.toMatchObject({
      code: 'network',
      message: 'unable to publish to the topic; Momento cannot be reached',
    });
  });

  it.each([
    ['told', ['before', 'uncertain: restored', 'after']],
    ['marked', ['before', 'uncertain: restart', 'after']],
  ] as const)('begin streams anew, %s, and miss what is published meanwhile', async (how, expected) => {
    const { heard, stop } = await listen(sdkTransport(client.sdk(), world.time));
    world.publish(chat.topic, 'before');
    await world.run(100);
    client.restart(how);
    world.publish(chat.topic, 'unheard');
    await world.run(1000);
    world.publish(chat.topic, 'after');
    await world.run(100);
    expect(heard.filter((what) => what !== 'uncertain: heartbeat')).toEqual(expected);
    stop();
  });

  it.each(['told', 'marked'] as const)('give up what they cannot begin anew, %s', async (how) => {
    const { heard } = await listen(sdkTransport(client.sdk(), world.time));
    client.link.refusing = true;
    client.restart(how);
    await world.run(5000);
    expect(heard.at(-1)).toBe('ended: network');
    expect(client.link.streams).toBe(0);
  });

  it.each([
    [true, 'live'],
    [false, 'rate-limited'],
  ])('open a hundred streams; those that ended are taken back: %s', async (takesBack, expected) => {
    const sdk = sdkTransport(client.sdk({ takesBack }), world.time);
    for (let count = 0; count < 100; count += 1) (await listen(sdk)).stop();
    const last = await listen(sdk).then(
      ({ stop }) => {
        stop();
        return 'live';
      },
      ({ code }: ChatError) => code,
    );
    expect(last).toBe(expected);
  });
});
