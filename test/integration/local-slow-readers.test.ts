import { request } from 'node:http';
import { pubsub } from '@gomomento/generated-types';
import { credentials, Metadata } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageFrame } from '../../src/local/front-ends/grpc-web-framing.js';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { LocalCore } from '../../src/local/local-engine.js';

const messages = pubsub.cache_client.pubsub;
type Item = InstanceType<typeof messages._SubscriptionItem>;
const { definition } = messages.UnimplementedPubsubService;
const subscription = new messages._SubscriptionRequest({ cache_name: 'chat', topic: 't' });

/** A subscriber of one kind, and its two moods. */
interface Reader {
  items: Item[];
  stall(): void;
  goOn(): void;
  end(): void;
}

let momento: LocalMomento;
let core: LocalCore;
const readers: Reader[] = [];

beforeEach(async () => {
  momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 60_000 });
  if (!(momento.engine instanceof LocalCore)) throw new Error('the engine is not the one behind the port');
  core = momento.engine;
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.end();
  await momento.close();
});

async function overGrpc(): Promise<Reader> {
  const client = new messages.PubsubClient(`127.0.0.1:${momento.port}`, credentials.createInsecure());
  const stream = client.Subscribe(subscription, new Metadata());
  const items: Item[] = [];
  stream.on('data', (item: Item) => items.push(item));
  stream.on('error', () => {});
  await expect.poll(() => items.length).toBe(1);
  return { items, stall: () => stream.pause(), goOn: () => stream.resume(), end: () => client.close() };
}

async function overGrpcWeb(): Promise<Reader> {
  const { api_key: authorization } = JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()) as {
    api_key: string;
  };
  const headers = { 'content-type': 'application/grpc-web', authorization };
  const call = request(`${momento.url}${definition.Subscribe.path}`, { method: 'POST', headers });
  const items: Item[] = [];
  let rest = Buffer.alloc(0);
  const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
    call.once('response', resolve);
    call.end(messageFrame(subscription.serialize()));
  });
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      items.push(definition.Subscribe.responseDeserialize(rest.subarray(5, end)));
      rest = rest.subarray(end);
    }
  });
  await expect.poll(() => items.length).toBe(1);
  return { items, stall: () => response.pause(), goOn: () => response.resume(), end: () => call.destroy() };
}

const numbers = (reader: Reader): number[] =>
  reader.items.flatMap((one) => (one.has_item ? [one.item.topic_sequence_number] : []));
const publish = (count: number, bytes: number): void => {
  const binary = Buffer.alloc(bytes, 1);
  for (let n = 0; n < count; n++) core.engine.topics.publish('chat', 't', { binary }, '');
};

describe.each([
  ['gRPC', overGrpc],
  ['gRPC-Web', overGrpcWeb],
] as const)('a subscriber over %s that does not read', (_, open) => {
  it('harms nobody, gets what was kept for it in order and a discontinuity for the rest', async () => {
    const stalled = await open();
    const other = await open();
    readers.push(stalled, other);
    stalled.stall();
    // Far more than the 16 MiB that are kept for it and what sockets hold.
    const total = 160;
    const size = 256 * 1024;
    for (let published = 0; published < total; published += 16) {
      publish(16, size);
      await expect.poll(() => numbers(other).length, { timeout: 20_000, interval: 5 }).toBe(published + 16);
    }
    expect(numbers(other)).toEqual(Array.from({ length: total }, (_, n) => n + 1));

    stalled.goOn();
    const gap = () => stalled.items.find((one) => one.has_discontinuity)?.discontinuity;
    await expect.poll(gap, { timeout: 20_000 }).toBeDefined();
    const got = numbers(stalled);
    expect(got).toEqual(got.map((_, n) => n + 1));
    expect(got.length).toBeLessThan(total * 0.9);
    expect([gap()?.last_topic_sequence, gap()?.new_topic_sequence]).toEqual([got.length, total]);
    publish(1, size);
    await expect.poll(() => numbers(stalled).at(-1)).toBe(total + 1);
  });
});
