import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { ChatError } from '../../src/shared/errors.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import * as dictionaries from '../../src/transport/operations/dictionaries.js';
import * as items from '../../src/transport/operations/items.js';
import * as lists from '../../src/transport/operations/lists.js';
import * as sortedSets from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { TopicItem, TopicSink, Transport } from '../../src/transport/transport.js';
import { roomToken, sdkForm } from '../local/support/mint.js';

let momento: LocalMomento;
let transport: Transport;
let token: string;
const stops: AbortController[] = [];

beforeEach(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  token = await roomToken(momento, 'room', { tokenId: 'ann' });
  transport = fetchTransport({ token, endpoint: momento.url });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await momento.close();
});

interface Heard extends TopicSink {
  items: TopicItem[];
  discontinuities: number;
  heartbeats: number;
  end: Promise<ChatError>;
}

function heard(): Heard {
  let close: (error: ChatError) => void = () => {};
  const end = new Promise<ChatError>((resolve) => {
    close = resolve;
  });
  const sink: Heard = {
    items: [],
    discontinuities: 0,
    heartbeats: 0,
    end,
    item: (item) => sink.items.push(item),
    heartbeat: () => sink.heartbeats++,
    discontinuity: () => sink.discontinuities++,
    uncertain() {},
    closed: close,
  };
  return sink;
}

const chat = { cache: 'chat', topic: 'room-chat' };
const say = (value: string | Uint8Array) => transport.call(publish, { ...chat, value });
const failed = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: ChatError) => `${error.code}${error.retryable ? ', retryable' : ''}`,
  );

async function subscribe(options: { after?: { sequence: number; page: number } } = {}): Promise<Heard> {
  const sink = heard();
  const stop = new AbortController();
  stops.push(stop);
  await transport.subscribe(chat, sink, { ...options, signal: stop.signal });
  return sink;
}

describe('a subscription', () => {
  it('is live at the first heartbeat and brings text and bytes with number, page and publisher', async () => {
    const sink = await subscribe();
    await say('héllo 👋');
    await say(Uint8Array.of(0, 255));
    await vi.waitFor(() => expect(sink.items).toHaveLength(2));
    expect(sink.items[0]).toMatchObject({ value: 'héllo 👋', sequence: 1, publisherId: 'ann' });
    expect(sink.items[1]?.value).toEqual(Uint8Array.of(0, 255));
    expect(sink.items[1]?.page).toBe(sink.items[0]?.page);
    expect(sink.heartbeats).toBeGreaterThan(0);
  });

  it('resumes after an item, and tells a discontinuity when the topic began a new page', async () => {
    const first = await subscribe();
    for (const text of ['a', 'b', 'c']) await say(text);
    await vi.waitFor(() => expect(first.items).toHaveLength(3));
    const { sequence = 0, page = 0 } = first.items[0] ?? {};
    const resumed = await subscribe({ after: { sequence, page } });
    await vi.waitFor(() => expect(resumed.items.map(({ value }) => value)).toEqual(['b', 'c']));
    momento.faults.resetTopic('room-chat');
    await vi.waitFor(() => expect(first.discontinuities).toBe(1));
    const lost = await subscribe({ after: { sequence: 3, page } });
    await vi.waitFor(() => expect(lost.discontinuities).toBe(1));
  });

  it('tells that the connection was cut', async () => {
    const sink = await subscribe();
    momento.faults.dropConnections();
    expect(await failed(sink.end.then((error) => Promise.reject(error)))).toBe('network, retryable');
  });

  it('tells that its token expired', async () => {
    const sink = await subscribe();
    momento.faults.expireToken(token);
    expect((await sink.end).code).toBe('unauthenticated');
    expect(await failed(say('x'))).toBe('unauthenticated');
  });

  it('tells that the server went away', async () => {
    const sink = await subscribe();
    await momento.close();
    expect((await sink.end).retryable).toBe(true);
  });

  it('rejects when the stream stays silent, when it is refused and when nobody listens', async () => {
    momento.faults.failNext({ rpc: 'Subscribe', code: 'PERMISSION_DENIED' });
    expect(await failed(transport.subscribe(chat, heard()))).toBe('permission-denied');
    expect(await failed(transport.subscribe({ ...chat, topic: 'other' }, heard()))).toBe('permission-denied');
    const silence = momento.faults.silenceStreams({ includeNew: true });
    const stop = new AbortController();
    const reason = new ChatError('closed', 'unable to subscribe to the room; it was left');
    const waiting = transport.subscribe(chat, heard(), { signal: stop.signal });
    setImmediate(() => stop.abort(reason));
    await expect(waiting).rejects.toBe(reason);
    silence();
    await momento.close();
    expect(await failed(transport.subscribe(chat, heard()))).toBe('network, retryable');
  });

  it('brings nothing and says nothing once its signal is aborted', async () => {
    const sink = heard();
    const stop = new AbortController();
    const closed = vi.fn();
    await transport.subscribe(chat, { ...sink, closed }, { signal: stop.signal });
    stop.abort();
    const other = await subscribe();
    await say('x');
    await vi.waitFor(() => expect(other.items).toHaveLength(1));
    expect(sink.items).toEqual([]);
    expect(closed).not.toHaveBeenCalled();
  });

  it('brings three hundred messages in order', async () => {
    const sink = await subscribe();
    const node = fetchTransport({ token: momento.apiKey, endpoint: momento.url });
    for (let at = 0; at < 300; at += 100) {
      await Promise.all(
        Array.from({ length: 100 }, () => node.call(publish, { ...chat, value: 'x'.repeat(1000) })),
      );
    }
    await vi.waitFor(() => expect(sink.items).toHaveLength(300), { timeout: 5000 });
    expect(sink.items.every(({ sequence }, index) => sequence === index + 1)).toBe(true);
  }, 30_000);
});

describe('calls', () => {
  const ttl = { ttlSeconds: 60 };

  it('do at a local Momento what they say', async () => {
    const list = { cache: 'chat', list: 'room' };
    expect(await transport.call(lists.listFetch, list)).toEqual([]);
    for (const [index, value] of ['a', 'b', 'ü', 'd'].entries()) {
      const length = await transport.call(lists.listPushFront, { ...list, value, ...ttl, truncateTo: 3 });
      expect(length).toBe(Math.min(3, index + 1));
    }
    expect(await transport.call(lists.listFetch, { ...list, start: 0, end: 2 })).toEqual(['d', 'ü']);
    expect(await transport.call(lists.listFetch, { ...list, start: -1 })).toEqual(['b']);
    await transport.call(lists.listRemoveValue, { ...list, value: 'ü' });
    expect(await transport.call(lists.listLength, list)).toBe(2);

    const dictionary = { cache: 'chat', dictionary: 'room:read' };
    const fields = new Map([
      ['ann', '1'],
      ['ben', 'é'],
    ]);
    await transport.call(dictionaries.dictionarySetFields, { ...dictionary, fields, ...ttl });
    expect(await transport.call(dictionaries.dictionaryFetch, dictionary)).toEqual(fields);
    const some = { ...dictionary, fields: ['nobody', 'ben'] };
    expect(await transport.call(dictionaries.dictionaryGetFields, some)).toEqual(new Map([['ben', 'é']]));
    const counted = { ...dictionary, field: 'ann', amount: -5, ...ttl };
    expect(await transport.call(dictionaries.dictionaryIncrement, counted)).toBe(-4);
    await transport.call(dictionaries.dictionaryRemoveFields, some);
    expect([...(await transport.call(dictionaries.dictionaryFetch, dictionary)).keys()]).toEqual(['ann']);

    const set = { cache: 'chat', set: 'room:presence' };
    const elements = new Map([
      ['a', 1.5],
      ['b', 3],
      ['c', -2],
    ]);
    await transport.call(sortedSets.sortedSetPut, { ...set, elements, ...ttl });
    expect(
      await transport.call(sortedSets.sortedSetIncrement, { ...set, value: 'c', amount: 4, ...ttl }),
    ).toBe(2);
    await transport.call(sortedSets.sortedSetRemove, { ...set, values: ['b'] });
    expect(await transport.call(sortedSets.sortedSetFetchByRank, { ...set, descending: true })).toEqual([
      { value: 'c', score: 2 },
      { value: 'a', score: 1.5 },
    ]);
    expect(await transport.call(sortedSets.sortedSetFetchByScore, { ...set, max: 1.5 })).toEqual([
      { value: 'a', score: 1.5 },
    ]);

    const item = { cache: 'chat', key: 'room:pin', value: 'x', ...ttl };
    expect(await transport.call(items.itemGet, item)).toBeUndefined();
    expect(await transport.call(items.itemSetIf, { ...item, condition: 'present' })).toBe(false);
    expect(await transport.call(items.itemSetIf, { ...item, condition: 'absent' })).toBe(true);
    expect(await transport.call(items.itemSetIf, { ...item, condition: { equal: 'x' }, value: 'y' })).toBe(
      true,
    );
    expect(Buffer.from((await transport.call(items.itemGet, item)) ?? []).toString()).toBe('y');
    await transport.call(items.itemSet, item);
    await transport.call(items.itemDelete, item);
    expect(await transport.call(items.itemGet, item)).toBeUndefined();
  });

  it('reject with the code that fits', async () => {
    expect(await failed(transport.call(publish, { ...chat, cache: 'none', value: 'x' }))).toMatch(
      /permission-denied|cache-not-found/,
    );
    momento.faults.failNext({ rpc: 'Publish', code: 'RESOURCE_EXHAUSTED', message: 'too fast ä%' });
    const error = await transport.call(publish, { ...chat, value: 'x' }).catch((one: ChatError) => one);
    expect(error).toMatchObject({
      code: 'rate-limited',
      message: 'unable to publish to the topic; too fast ä%',
    });
    momento.faults.failNext({ rpc: 'Publish', code: 'UNIMPLEMENTED' });
    expect(await failed(say('x'))).toBe('server');
    momento.faults.dropResponses({ rpc: 'Publish' });
    expect(await failed(say('x'))).toBe('network, retryable');
    momento.faults.delay({ rpc: 'Publish', ms: 10_000, times: 1 });
    expect(await failed(transport.call(publish, { ...chat, value: 'x' }, { timeoutMs: 50 }))).toBe(
      'timeout, retryable',
    );
    expect(
      await failed(transport.call(publish, { ...chat, value: 'x' }, { signal: AbortSignal.abort() })),
    ).toBe('closed');
  });

  it.each([
    ['rubbish', 'rubbish!'],
    ['JSON that is no token', Buffer.from('{}').toString('base64')],
    ['a key that cannot be a header', sdkForm('a\nb')],
  ])('are not made with %s for a token', (_, bad) => {
    const make = () => fetchTransport({ token: bad, endpoint: momento.url });
    expect(make).toThrow(ChatError);
    expect(make).toThrow('unable to use the token; it is not a Momento token');
  });

  it('go to the service that the token names, unless an endpoint is given', async () => {
    const urls: string[] = [];
    const fetch = (url: string) => {
      urls.push(url);
      return Promise.reject(new TypeError('no'));
    };
    const there = fetchTransport({ token: sdkForm('k', 'cell-1.example.com'), fetch });
    const here = fetchTransport({ token: sdkForm('k'), endpoint: 'http://127.0.0.1:9/', fetch });
    for (const one of [there, here])
      expect(await failed(one.call(publish, { ...chat, value: 'x' }))).toBe('network, retryable');
    expect(urls).toEqual([
      'https://web.cache.cell-1.example.com/cache_client.pubsub.Pubsub/Publish',
      'http://127.0.0.1:9/cache_client.pubsub.Pubsub/Publish',
    ]);
  });

  it('say which part of the environment is missing', async () => {
    vi.stubGlobal('fetch', undefined);
    const error = await say('x').catch((one: ChatError) => one);
    vi.unstubAllGlobals();
    expect(error).toMatchObject({
      code: 'invalid-argument',
      retryable: false,
      message: 'unable to publish to the topic; this environment has no fetch',
    });
  });
});
