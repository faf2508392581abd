import { cache as cacheTypes, pubsub as pubsubTypes } from '@gomomento/generated-types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatError } from '../../src/shared/errors.js';
import type { MomentoClients, ResponseLike } from '../../src/transport/client-types.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import * as dictionaries from '../../src/transport/operations/dictionaries.js';
import * as items from '../../src/transport/operations/items.js';
import * as lists from '../../src/transport/operations/lists.js';
import * as sets from '../../src/transport/operations/sets.js';
import * as sortedSets from '../../src/transport/operations/sorted-sets.js';
import { publish, SUBSCRIBE_RPC } from '../../src/transport/operations/topics.js';
import { toChatError } from '../../src/transport/sdk-errors.js';
import { sdkRoute } from '../../src/transport/sdk-routes.js';
import type { CacheInput, Operation, TopicItem, Transport } from '../../src/transport/transport.js';
import { sdkForm } from '../local/support/mint.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import {
  answer,
  GRPC_WEB_TEXT,
  type RecordedRequest,
  type RecordingServer,
  type Reply,
  startRecordingServer,
  textFrame,
  textTrailers,
} from './support/recording-server.js';

/**
 * The service itself cannot be reached from a test. So our client is held against the official one: the same requests,
 * and from the same answers the same results.
 */

const scs = cacheTypes.cache_client;
const pubsub = pubsubTypes.cache_client.pubsub;
const bytes = (text: string) => new TextEncoder().encode(text);
const base = { cache: 'chat' };
const ttl = { ttlSeconds: 3600 };

/** Headers that the platform adds: jsdom's XMLHttpRequest here, Node's fetch there. */
const PLATFORM = new Set([
  'host',
  'connection',
  'user-agent',
  'origin',
  'referer',
  'accept-language',
  'accept-encoding',
  'sec-fetch-mode',
  'content-length',
]);
/** Headers that name the agent. We call ourselves momento-chat, and say nothing of browser and operating system. */
const AGENT = new Set(['agent', 'runtime-version', 'x-user-agent']);

interface Call {
  operation: Operation<never, unknown>;
  input: CacheInput;
  answer: Uint8Array;
}

function call<Input extends CacheInput>(
  operation: Operation<Input, unknown>,
  input: Input,
  message: { serialize(): Uint8Array } = { serialize: () => new Uint8Array() },
): Call {
  return { operation: operation as Operation<never, unknown>, input, answer: message.serialize() };
}

const listed = new scs._ListFetchResponse({
  found: new scs._ListFetchResponse._Found({ values: [bytes('newest ä'), bytes(''), bytes('oldest')] }),
});
const noList = new scs._ListFetchResponse({ missing: new scs._ListFetchResponse._Missing() });
const scored = new scs._SortedSetFetchResponse({
  found: new scs._SortedSetFetchResponse._Found({
    values_with_scores: new scs._SortedSetFetchResponse._Found._ValuesWithScores({
      elements: [
        new scs._SortedSetElement({ value: bytes('a'), score: -1.5 }),
        new scs._SortedSetElement({ value: bytes('b'), score: 7 }),
      ],
    }),
  }),
});
const noSet = new scs._SortedSetFetchResponse({ missing: new scs._SortedSetFetchResponse._Missing() });
const pair = new scs._DictionaryFieldValuePair({ field: bytes('f'), value: bytes('v') });
const { _DictionaryGetResponsePart } = scs._DictionaryGetResponse;
const got = new scs._DictionaryGetResponse({
  found: new scs._DictionaryGetResponse._Found({
    items: [
      new _DictionaryGetResponsePart({ result: scs.ECacheResult.Hit, cache_body: bytes('v') }),
      new _DictionaryGetResponsePart({ result: scs.ECacheResult.Miss }),
    ],
  }),
});
const stored = new scs._SetIfResponse({ stored: new scs._SetIfResponse._Stored() });
const notStored = new scs._SetIfResponse({ not_stored: new scs._SetIfResponse._NotStored() });

const list = { ...base, list: 'room' };
const dictionary = { ...base, dictionary: 'room:revisions' };
const set = { ...base, set: 'room:presence' };
const item = { ...base, key: 'room:file', value: 'text', ...ttl };

const CALLS: readonly [string, Call][] = [
  ['publish text', call(publish, { ...base, topic: 'room-chat', value: '{"message":"hé 👋"}' })],
  ['publish bytes', call(publish, { ...base, topic: 'room-chat', value: Uint8Array.of(0, 255, 128) })],
  [
    'list push',
    call(
      lists.listPushFront,
      { ...list, value: 'm', truncateTo: 1000, ...ttl },
      new scs._ListPushFrontResponse({ list_length: 17 }),
    ),
  ],
  [
    'list push that keeps the time to live',
    call(
      lists.listPushFront,
      { ...list, value: 'm', ...ttl, refreshTtl: false },
      new scs._ListPushFrontResponse({ list_length: 1 }),
    ),
  ],
  ['list fetch of the head', call(lists.listFetch, { ...list, start: 0, end: 55 }, listed)],
  ['list fetch of a page', call(lists.listFetch, { ...list, start: 46, end: 101 }, listed)],
  ['list fetch from the end', call(lists.listFetch, { ...list, start: -5 }, listed)],
  ['list fetch of no list', call(lists.listFetch, list, noList)],
  ['list remove', call(lists.listRemoveValue, { ...list, value: 'm' }, new scs._ListRemoveResponse())],
  [
    'list length',
    call(
      lists.listLength,
      list,
      new scs._ListLengthResponse({ found: new scs._ListLengthResponse._Found({ length: 3 }) }),
    ),
  ],
  [
    'list length of no list',
    call(
      lists.listLength,
      list,
      new scs._ListLengthResponse({ missing: new scs._ListLengthResponse._Missing() }),
    ),
  ],
  [
    'dictionary set',
    call(
      dictionaries.dictionarySetFields,
      {
        ...dictionary,
        fields: new Map([
          ['f', 'v'],
          ['g', 'ü'],
        ]),
        ...ttl,
      },
      new scs._DictionarySetResponse(),
    ),
  ],
  ['dictionary get', call(dictionaries.dictionaryGetFields, { ...dictionary, fields: ['f', 'g'] }, got)],
  [
    'dictionary fetch',
    call(
      dictionaries.dictionaryFetch,
      dictionary,
      new scs._DictionaryFetchResponse({ found: new scs._DictionaryFetchResponse._Found({ items: [pair] }) }),
    ),
  ],
  [
    'dictionary increment',
    call(
      dictionaries.dictionaryIncrement,
      { ...dictionary, field: 'f', amount: -2, ...ttl },
      new scs._DictionaryIncrementResponse({ value: -7 }),
    ),
  ],
  [
    'dictionary remove',
    call(
      dictionaries.dictionaryRemoveFields,
      { ...dictionary, fields: ['f'] },
      new scs._DictionaryDeleteResponse(),
    ),
  ],
  [
    'sorted set put',
    call(
      sortedSets.sortedSetPut,
      { ...set, elements: new Map([['a', 1.5]]), ...ttl },
      new scs._SortedSetPutResponse(),
    ),
  ],
  [
    'sorted set fetch by rank',
    call(sortedSets.sortedSetFetchByRank, { ...set, start: 1, end: 9, descending: true }, scored),
  ],
  ['sorted set fetch of no set', call(sortedSets.sortedSetFetchByRank, set, noSet)],
  [
    'sorted set fetch by score',
    call(sortedSets.sortedSetFetchByScore, { ...set, min: 0, max: 9.25, count: 5 }, scored),
  ],
  [
    'sorted set fetch by score without bounds',
    call(sortedSets.sortedSetFetchByScore, { ...set, offset: 2 }, scored),
  ],
  [
    'sorted set increment',
    call(
      sortedSets.sortedSetIncrement,
      { ...set, value: 'a', amount: -0.5, ...ttl },
      new scs._SortedSetIncrementResponse({ score: 2.5 }),
    ),
  ],
  [
    'sorted set remove',
    call(sortedSets.sortedSetRemove, { ...set, values: ['a', 'b'] }, new scs._SortedSetRemoveResponse()),
  ],
  [
    'set fetch',
    call(
      sets.setFetch,
      { ...base, set: 'names' },
      new scs._SetFetchResponse({
        found: new scs._SetFetchResponse._Found({ elements: [bytes('lobby'), bytes('ä')] }),
      }),
    ),
  ],
  [
    'set fetch of no set',
    call(
      sets.setFetch,
      { ...base, set: 'names' },
      new scs._SetFetchResponse({ missing: new scs._SetFetchResponse._Missing() }),
    ),
  ],
  [
    'set add',
    call(sets.setAdd, { ...base, set: 'names', values: ['lobby', 'ä'], ...ttl }, new scs._SetUnionResponse()),
  ],
  [
    'item get',
    call(items.itemGet, item, new scs._GetResponse({ result: scs.ECacheResult.Hit, cache_body: bytes('x') })),
  ],
  ['item get of no item', call(items.itemGet, item, new scs._GetResponse({ result: scs.ECacheResult.Miss }))],
  ['item set', call(items.itemSet, item, new scs._SetResponse({ result: scs.ECacheResult.Ok }))],
  ['item set if absent', call(items.itemSetIf, { ...item, condition: 'absent' }, stored)],
  ['item set if present', call(items.itemSetIf, { ...item, condition: 'present' }, notStored)],
  ['item set if equal', call(items.itemSetIf, { ...item, condition: { equal: 'old' } }, stored)],
  ['item delete', call(items.itemDelete, item, new scs._DeleteResponse())],
];

let server: RecordingServer;
let uninstall: () => void;
let sdk: MomentoClients & { topics: { subscribe(...args: unknown[]): Promise<ResponseLike> } };
let ours: Transport;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  server = await startRecordingServer();
  const web = await import('@gomomento/sdk-web');
  const credentialProvider = web.CredentialProvider.fromString({
    authToken: sdkForm('the-key'),
    endpointOverrides: { cacheEndpoint: server.url, controlEndpoint: server.url, tokenEndpoint: server.url },
  });
  const loggerFactory = new web.NoopMomentoLoggerFactory();
  sdk = {
    topics: new web.TopicClient({
      configuration: web.TopicConfigurations.Default.latest(loggerFactory),
      credentialProvider,
    }),
    cache: new web.CacheClient({
      configuration: web.Configurations.Browser.latest(loggerFactory),
      credentialProvider,
      defaultTtlSeconds: 86_400,
    }),
  } as unknown as typeof sdk;
});
beforeEach(() => {
  ours = fetchTransport({ token: sdkForm('the-key'), endpoint: server.url });
  server.requests.length = 0;
});
afterEach(() => {
  server.reply = () => ({});
});
afterAll(async () => {
  uninstall();
  await server.close();
});

function comparable({ path, headers, body }: RecordedRequest) {
  const kept = Object.entries(headers).filter(([name]) => !PLATFORM.has(name) && !AGENT.has(name));
  const { 'grpc-timeout': timeout, ...rest } = Object.fromEntries(kept);
  // The SDK counts from a deadline, so a millisecond may have passed.
  const seconds = timeout === undefined ? undefined : Math.round(Number.parseInt(String(timeout), 10) / 1000);
  return { path, body, headers: rest, seconds };
}

/** The result of a call by way of the SDK: the value, or the error as the rest of this library sees it. */
async function bySdk({ operation, input }: Call): Promise<unknown> {
  const route = sdkRoute(operation);
  const response = await route.call(sdk, input as never);
  return response.type === 'Error' ? shown(toChatError('x', response)) : route.read(response);
}

async function byUs({ operation, input }: Call): Promise<unknown> {
  return ours.call(operation, input as never).catch(shown);
}

/** Wording differs, since the SDK's is about its support; programs go by these. */
function shown(error: unknown): { code: string; retryable: boolean } {
  if (!(error instanceof ChatError)) throw error;
  return { code: error.code, retryable: error.retryable };
}

const plain = (value: unknown) => (value instanceof Uint8Array ? [...value] : value);

describe('requests are those of sdk-web', () => {
  it.each(CALLS)('%s: path, headers and body are equal, and so is what comes out', async (_, one) => {
    server.reply = () => answer(one.answer);
    const theirResult = await bySdk(one);
    const ourResult = await byUs(one);
    const [theirs, mine] = server.requests;
    expect(server.requests).toHaveLength(2);
    if (theirs === undefined || mine === undefined) return;
    expect(comparable(mine)).toEqual(comparable(theirs));
    expect(comparable(mine)).toMatchObject({
      seconds: 5,
      headers: { authorization: 'the-key', cache: 'chat', 'x-grpc-web': '1' },
    });
    expect(plain(ourResult)).toEqual(plain(theirResult));
  });

  it('subscribe, first and resumed', async () => {
    let streams = 0;
    const message = new pubsub._SubscriptionItem({
      item: new pubsub._TopicItem({
        topic_sequence_number: 7,
        sequence_page: 3,
        publisher_id: 'ann',
        value: new pubsub._TopicValue({ text: 'hé' }),
      }),
    }).serialize();
    const heartbeat = new pubsub._SubscriptionItem({ heartbeat: new pubsub._Heartbeat() }).serialize();
    server.reply = () =>
      streams++ === 0
        ? { body: [textFrame(message), textTrailers()] }
        : { body: [textFrame(heartbeat)], end: 'open' };
    const theirItems: unknown[] = [];
    const subscription = (await sdk.topics.subscribe('chat', 'room-chat', {
      onItem: (one: { value(): unknown; sequenceNumber(): number; tokenId(): unknown }) =>
        theirItems.push([one.value(), one.sequenceNumber(), one.tokenId()]),
    })) as ResponseLike & { unsubscribe(): void };
    expect(subscription.type).toBe('Subscription');
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    subscription.unsubscribe();

    streams = 0;
    const ourItems: TopicItem[] = [];
    const closed = await new Promise<ChatError>((resolve) => {
      void ours.subscribe({ cache: 'chat', topic: 'room-chat' }, { ...sinkOf(ourItems), closed: resolve });
    });
    expect(shown(closed)).toEqual({ code: 'network', retryable: true });
    const stop = new AbortController();
    await ours.subscribe({ cache: 'chat', topic: 'room-chat' }, sinkOf([]), {
      after: { sequence: 7, page: 3 },
      signal: stop.signal,
    });
    stop.abort();
    const [first, resumed, ourFirst, ourResumed] = server.requests.map(comparable);
    expect(first?.path).toBe(`/${SUBSCRIBE_RPC}`);
    expect(first?.body).not.toBe(resumed?.body);
    expect(ourFirst).toEqual(first);
    expect(ourResumed).toEqual(resumed);
    expect(ourItems.map((one) => [one.value, one.sequence, one.publisherId])).toEqual(theirItems);
    expect(ourItems[0]?.page).toBe(3);
  });
});

function sinkOf(into: TopicItem[]) {
  return {
    item: (one: TopicItem) => into.push(one),
    heartbeat() {},
    discontinuity() {},
    uncertain() {},
    closed(_: ChatError) {},
  };
}

const status = (code: number, message = 'why', more = ''): Reply => ({
  body: [textTrailers(code, message, more)],
});
const headersOnly = (code: number, message: string, more = {}): Reply => ({
  headers: { ...GRPC_WEB_TEXT, 'grpc-status': String(code), 'grpc-message': message, ...more },
});
const http = (code: number, type?: string): Reply => ({
  status: code,
  headers: type === undefined ? {} : { 'content-type': type },
  body: type === 'text/html' ? ['<html>no</html>'] : [],
});

const BROKEN: readonly [string, Reply][] = [
  ...Array.from({ length: 16 }, (_, code): [string, Reply] => [`status ${code + 1}`, status(code + 1)]),
  ['a status that gRPC does not have', status(42)],
  ...[5, 8, 14, 16].map((code): [string, Reply] => [
    `status ${code} in headers`,
    headersOnly(code, 'no%20cache%20%C3%A4'),
  ]),
  ['no item', status(5, 'no', 'err:item_not_found\r\n')],
  ['no store', status(5, 'no', 'err:store_not_found\r\n')],
  ['no store, by its words', status(5, "Store with name: x doesn't exist")],
  ['a rate limit', status(8, 'operations', 'err:operations_rate_limit_exceeded\r\n')],
  ['a size limit', status(8, 'item size exceeded', 'err:item_size_limit_exceeded\r\n')],
  ['a size limit that is only in metadata', status(8, 'no', 'err:request_size_limit_exceeded\r\n')],
  ['a request limit', status(8, 'request limit')],
  ['UNAVAILABLE about a connection', status(14, 'connection refused')],
  ['a status after a message', { body: [textFrame('') + textTrailers(13, 'late')] }],
  ...[400, 401, 403, 404, 409, 412, 429, 499, 500, 501, 502, 503, 504].flatMap((code): [string, Reply][] => [
    [`HTTP ${code} without a type`, http(code)],
    [`HTTP ${code} with the type of gRPC-Web`, http(code, GRPC_WEB_TEXT['content-type'])],
    [`HTTP ${code} as a page`, http(code, 'text/html')],
  ]),
  ['a page', http(200, 'text/html')],
  ['an empty answer', {}],
  ['trailers and no message', { body: [textTrailers()] }],
  [
    'a frame that is no message of protocol buffers',
    { body: [textFrame(Uint8Array.of(0x0a, 9)) + textTrailers()] },
  ],
  ['a frame with an unknown flag', { body: [textFrame('', 7)] }],
  ['no base64', { body: ['!!!!'] }],
  ['a torn frame', { body: [textFrame('abcdefgh').slice(0, 8)] }],
  ['a connection cut before the body', { end: 'cut' }],
  ['a connection cut in the body', { body: [textFrame('abcdefgh').slice(0, 8)], end: 'cut' }],
  ['a connection cut before the trailers', { body: [textFrame('')], end: 'cut' }],
];

/** Here sdk-web never settles, or subscribes again and again by itself; ours rejects, and its caller decides. */
const STREAM_DIFFERENCES: ReadonlySet<string> = new Set([
  'an empty answer',
  'trailers and no message',
  'a torn frame',
  'no base64',
  'a status after a message',
  'a connection cut before the trailers',
]);

describe('what goes wrong comes out as by way of sdk-web', () => {
  const fetchList = call(lists.listFetch, { ...list, start: 0, end: 5 });

  it.each(BROKEN)('a call that gets %s', async (_, reply) => {
    server.reply = () => reply;
    const theirs = await bySdk(fetchList);
    expect(theirs).toHaveProperty('code');
    expect(await byUs(fetchList)).toEqual(theirs);
  });

  it.each(BROKEN.filter(([name]) => !STREAM_DIFFERENCES.has(name)))(
    'a subscription that gets %s',
    async (_, reply) => {
      server.reply = () => reply;
      const refused = await sdk.topics.subscribe('chat', 'room-chat', {});
      expect(refused.type).toBe('Error');
      const error = await ours
        .subscribe({ cache: 'chat', topic: 'room-chat' }, sinkOf([]))
        .then(() => 'live', shown);
      expect(error).toEqual(shown(toChatError('x', refused)));
    },
  );

  it.each(BROKEN.filter(([name]) => STREAM_DIFFERENCES.has(name)))(
    'a subscription that gets %s ends, where that of sdk-web goes on in silence',
    async (_, reply) => {
      server.reply = () => reply;
      const end = await new Promise<unknown>((resolve) => {
        ours
          .subscribe({ cache: 'chat', topic: 'room-chat' }, { ...sinkOf([]), closed: resolve })
          .catch(resolve);
      });
      expect(['server', 'network']).toContain(shown(end).code);
      expect(shown(end).retryable).toBe(true);
    },
  );

  it.each([1, 2, 3, 5, 7, 8, 13, 14, 16])('a live subscription that ends with status %i', async (code) => {
    const heartbeat = new pubsub._SubscriptionItem({ heartbeat: new pubsub._Heartbeat() }).serialize();
    server.reply = () => ({ body: [textFrame(heartbeat), textTrailers(code, 'why')] });
    const theirs = await new Promise<unknown>((resolve) => {
      void sdk.topics.subscribe('chat', 'room-chat', { onError: resolve });
    });
    const mine = await new Promise<unknown>((resolve) => {
      void ours.subscribe({ cache: 'chat', topic: 'room-chat' }, { ...sinkOf([]), closed: resolve });
    });
    expect(shown(mine)).toEqual(shown(toChatError('x', theirs)));
  });

  it('the table covers every code that Momento can lead to', async () => {
    const codes = new Set<unknown>();
    for (const [, reply] of BROKEN) {
      server.reply = () => reply;
      codes.add(((await byUs(fetchList)) as { code: string }).code);
    }
    expect([...codes].sort()).toEqual([
      'cache-not-found',
      'invalid-argument',
      'message-too-large',
      'network',
      'permission-denied',
      'rate-limited',
      'server',
      'timeout',
      'unauthenticated',
    ]);
  });
});
