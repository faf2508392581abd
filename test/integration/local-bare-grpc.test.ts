import { cache as cacheTypes } from '@gomomento/generated-types';
import { common } from '@gomomento/generated-types/dist/common.js';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';

/** Requests that no call of the official SDKs can make, or that they refuse before they ask. */

const messages = cacheTypes.cache_client;
const bytes = (text: string): Buffer => Buffer.from(text);

let momento: LocalMomento;
let client: InstanceType<typeof messages.ScsClient>;
const metadata = new Metadata();
let keys = 0;
let name: Buffer;

beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  client = new messages.ScsClient(`127.0.0.1:${momento.port}`, credentials.createInsecure());
  metadata.set('cache', 'chat');
});
afterAll(async () => {
  client.close();
  await momento.close();
});
beforeEach(() => {
  name = bytes(`key-${keys++}`);
});

type Answer<T> = (error: ServiceError | null, response?: T) => void;
/** The response, or the status code's number. */
const answer = <T>(call: (done: Answer<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, response) => (response ? resolve(response) : reject(error))));
const INVALID_ARGUMENT = { code: 3 };

const union = (...elements: string[]) =>
  answer((done) =>
    client.SetUnion(
      new messages._SetUnionRequest({
        set_name: name,
        elements: elements.map(bytes),
        ttl_milliseconds: 10_000,
      }),
      metadata,
      done,
    ),
  );
const put = (scores: Record<string, number>) =>
  answer((done) =>
    client.SortedSetPut(
      new messages._SortedSetPutRequest({
        set_name: name,
        elements: Object.entries(scores).map(
          ([value, score]) => new messages._SortedSetElement({ value: bytes(value), score }),
        ),
        ttl_milliseconds: 10_000,
      }),
      metadata,
      done,
    ),
  );
const elements = async (): Promise<string[] | undefined> => {
  const request = new messages._SetFetchRequest({ set_name: name });
  const { found } = await answer<InstanceType<typeof messages._SetFetchResponse>>((done) =>
    client.SetFetch(request, metadata, done),
  );
  return found?.elements.map((element) => Buffer.from(element).toString()).sort();
};

describe('single values', () => {
  it('SetIfNotExists stores where nothing is', async () => {
    const set = () =>
      answer<InstanceType<typeof messages._SetIfNotExistsResponse>>((done) =>
        client.SetIfNotExists(
          new messages._SetIfNotExistsRequest({
            cache_key: name,
            cache_body: bytes('v'),
            ttl_milliseconds: 1000,
          }),
          metadata,
          done,
        ),
      );
    expect((await set()).result).toBe('stored');
    expect((await set()).result).toBe('not_stored');
  });

  it('a conditional set without a condition, and one without a TTL, are invalid', async () => {
    const ask = (request: InstanceType<typeof messages._SetIfRequest>) =>
      answer((done) => client.SetIf(request, metadata, done));
    const request = { cache_key: name, cache_body: bytes('v') };
    await expect(
      ask(new messages._SetIfRequest({ ...request, ttl_milliseconds: 1000 })),
    ).rejects.toMatchObject(INVALID_ARGUMENT);
    await expect(
      ask(new messages._SetIfRequest({ ...request, ttl_milliseconds: 0, absent: new common.Absent() })),
    ).rejects.toMatchObject(INVALID_ARGUMENT);
  });
});

describe('lists', () => {
  it('ListErase removes ranges, or all', async () => {
    await answer((done) =>
      client.ListConcatenateBack(
        new messages._ListConcatenateBackRequest({
          list_name: name,
          values: ['a', 'b', 'c', 'd'].map(bytes),
          ttl_milliseconds: 1000,
        }),
        metadata,
        done,
      ),
    );
    const { _ListRanges, _All } = messages._ListEraseRequest;
    const erase = (request: InstanceType<typeof messages._ListEraseRequest>) =>
      answer<InstanceType<typeof messages._ListEraseResponse>>((done) =>
        client.ListErase(request, metadata, done),
      );
    const ranges = [new messages._ListRange({ begin_index: 1, count: 2 })];
    const some = new messages._ListEraseRequest({ list_name: name, some: new _ListRanges({ ranges }) });
    expect((await erase(some)).found.list_length).toBe(2);
    const all = new messages._ListEraseRequest({ list_name: name, all: new _All() });
    expect((await erase(all)).found.list_length).toBe(0);
    expect((await erase(all)).has_missing).toBe(true);
  });
});

describe('sets', () => {
  const differ = (request: InstanceType<typeof messages._SetDifferenceRequest>) =>
    answer<InstanceType<typeof messages._SetDifferenceResponse>>((done) =>
      client.SetDifference(request, metadata, done),
    );
  const { _Minuend, _Subtrahend } = messages._SetDifferenceRequest;

  it('SetDifference from others keeps what the set has not', async () => {
    await union('a', 'b');
    const minuend = new _Minuend({ elements: ['b', 'c'].map(bytes) });
    await differ(new messages._SetDifferenceRequest({ set_name: name, minuend }));
    expect(await elements()).toEqual(['c']);
  });

  it('SetDifference from itself leaves none', async () => {
    await union('a', 'b');
    const subtrahend = new _Subtrahend({ identity: new _Subtrahend._Identity() });
    const request = new messages._SetDifferenceRequest({ set_name: name, subtrahend });
    expect((await differ(request)).has_found).toBe(true);
    expect(await elements()).toBeUndefined();
    expect((await differ(request)).has_missing).toBe(true);
  });

  it('SetDifference of nothing is invalid', async () => {
    const nothing = new messages._SetDifferenceRequest({ set_name: name });
    await expect(differ(nothing)).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  it('SetPop of none is invalid', async () => {
    const request = new messages._SetPopRequest({ set_name: name, count: 0 });
    await expect(answer((done) => client.SetPop(request, metadata, done))).rejects.toMatchObject(
      INVALID_ARGUMENT,
    );
  });
});

describe('sorted sets', () => {
  const { _ByScore, _ByIndex } = messages._SortedSetFetchRequest;
  const fetch = (
    range: { by_score: InstanceType<typeof _ByScore> } | { by_index: InstanceType<typeof _ByIndex> },
  ) =>
    answer<InstanceType<typeof messages._SortedSetFetchResponse>>((done) =>
      client.SortedSetFetch(
        new messages._SortedSetFetchRequest({ set_name: name, ...range }),
        metadata,
        done,
      ),
    ).then((response) => response.found.values.values.map((value) => Buffer.from(value).toString()).join(''));
  const score = (score: number, exclusive = true) => new _ByScore._Score({ score, exclusive });

  it('are fetched without scores, and between exclusive ones', async () => {
    await put({ a: 1, b: 2, c: 3 });
    const between = new _ByScore({ min_score: score(1), max_score: score(3), count: -1 });
    expect(await fetch({ by_score: between })).toBe('b');
    const from = new _ByScore({ min_score: score(1, false), max_score: score(3), count: -1 });
    expect(await fetch({ by_score: from })).toBe('ab');
  });

  it('are measured between exclusive scores', async () => {
    await put({ a: 1, b: 2, c: 3 });
    const request = new messages._SortedSetLengthByScoreRequest({
      set_name: name,
      exclusive_min: 1,
      exclusive_max: 3,
    });
    const response = await answer<InstanceType<typeof messages._SortedSetLengthByScoreResponse>>((done) =>
      client.SortedSetLengthByScore(request, metadata, done),
    );
    expect(response.found.length).toBe(1);
  });

  it('refuse ranges whose ends are the wrong way round, and scores that are no numbers', async () => {
    await put({ a: 1 });
    const backwards = new _ByIndex({ inclusive_start_index: 3, exclusive_end_index: 1 });
    await expect(fetch({ by_index: backwards })).rejects.toMatchObject(INVALID_ARGUMENT);
    const empty = new _ByScore({ min_score: score(2), max_score: score(1), count: -1 });
    await expect(fetch({ by_score: empty })).rejects.toMatchObject(INVALID_ARGUMENT);
    await expect(put({ b: Number.NaN })).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  it('store a union of at least one source', async () => {
    const request = new messages._SortedSetUnionStoreRequest({ set_name: name, ttl_milliseconds: 1000 });
    await expect(answer((done) => client.SortedSetUnionStore(request, metadata, done))).rejects.toMatchObject(
      INVALID_ARGUMENT,
    );
  });
});

it('a batch of 200 values of 50 KB comes whole and in order', async () => {
  const value = (n: number) => Buffer.alloc(50_000, n % 251);
  const items = Array.from(
    { length: 200 },
    (_, n) =>
      new messages._SetRequest({
        cache_key: bytes(`batch-${n}`),
        cache_body: value(n),
        ttl_milliseconds: 60_000,
      }),
  );
  const drain = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
    const all = [];
    for await (const one of stream) all.push(one);
    return all;
  };
  expect(await drain(client.SetBatch(new messages._SetBatchRequest({ items }), metadata))).toHaveLength(200);
  const wanted = items.map(({ cache_key }) => new messages._GetRequest({ cache_key }));
  const got = await drain(client.GetBatch(new messages._GetBatchRequest({ items: wanted }), metadata));
  const bodies = got.map((response) => (response as InstanceType<typeof messages._GetResponse>).cache_body);
  expect(bodies).toHaveLength(200);
  for (const [n, body] of bodies.entries()) expect(Buffer.compare(body, value(n))).toBe(0);
});
