import { cache as cacheTypes, pubsub as pubsubTypes } from '@gomomento/generated-types';
import { common } from '@gomomento/generated-types/dist/common.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as dictionaries from '../../src/transport/operations/dictionaries.js';
import * as items from '../../src/transport/operations/items.js';
import * as lists from '../../src/transport/operations/lists.js';
import * as sortedSets from '../../src/transport/operations/sorted-sets.js';
import { decodeTopicEvent, encodeSubscription, publish } from '../../src/transport/operations/topics.js';
import type { CacheInput, Operation } from '../../src/transport/transport.js';

const scs = cacheTypes.cache_client;
const pubsub = pubsubTypes.cache_client.pubsub;
const { ECacheResult } = scs;
const unbounded = () => new common._Unbounded();
const bytes = (text: string) => new TextEncoder().encode(text);
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const text = fc.string({ unit: 'binary', maxLength: 200 });
const value = fc.oneof(text, fc.uint8Array({ maxLength: 200 }));
const asBytes = (one: string | Uint8Array) => (typeof one === 'string' ? bytes(one) : one);
const ttl = fc.record({ ttlSeconds: fc.integer({ min: 1, max: 100_000_000 }), refreshTtl: fc.boolean() });
const ms = (one: { ttlSeconds: number }) => one.ttlSeconds * 1000;
const index = fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined });
const score = fc.double({ noNaN: true });
const base = { cache: 'chat' };

/** Generated types write fields in the order of their numbers; so must we, for the bytes to be equal. */
interface Serializable {
  serialize(): Uint8Array;
}

function sameRequest<Input extends CacheInput>(
  operation: Operation<Input, unknown>,
  input: fc.Arbitrary<Input>,
  theirs: (input: Input) => Serializable,
): void {
  fc.assert(
    fc.property(input, (one) => {
      expect([...operation.encode(one)]).toEqual([...theirs(one).serialize()]);
    }),
  );
}

describe('requests are byte for byte those of the generated types', () => {
  it('Publish', () => {
    sameRequest(publish, fc.record({ cache: name, topic: name, value }), (input) => {
      const content =
        typeof input.value === 'string'
          ? new pubsub._TopicValue({ text: input.value })
          : new pubsub._TopicValue({ binary: input.value });
      return new pubsub._PublishRequest({ cache_name: input.cache, topic: input.topic, value: content });
    });
  });

  it('Subscribe, first and resumed', () => {
    const after = fc.option(fc.record({ sequence: fc.nat(2 ** 31), page: fc.maxSafeNat() }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(name, name, after, (cache, topic, position) => {
        const theirs = new pubsub._SubscriptionRequest({
          cache_name: cache,
          topic,
          resume_at_topic_sequence_number: position ? position.sequence + 1 : 0,
          sequence_page: position?.page ?? 0,
        });
        expect([...encodeSubscription({ cache, topic }, position)]).toEqual([...theirs.serialize()]);
      }),
    );
  });

  it('ListPushFront', () => {
    const input = fc.record({ list: name, value, truncateTo: fc.nat(5000), ttl });
    sameRequest(
      lists.listPushFront,
      input.map((one) => ({ ...base, ...one, ...one.ttl })),
      (one) =>
        new scs._ListPushFrontRequest({
          list_name: bytes(one.list),
          value: asBytes(one.value),
          ttl_milliseconds: ms(one),
          refresh_ttl: one.refreshTtl ?? true,
          truncate_back_to_size: one.truncateTo ?? 0,
        }),
    );
  });

  it('ListFetch', () => {
    sameRequest(
      lists.listFetch,
      fc.record({ list: name, start: index, end: index }).map(({ list, start, end }) => ({
        ...base,
        list,
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      })),
      ({ list, start, end }: lists.ListRange) =>
        new scs._ListFetchRequest({
          list_name: bytes(list),
          ...(start ? { inclusive_start: start } : { unbounded_start: unbounded() }),
          ...(end ? { exclusive_end: end } : { unbounded_end: unbounded() }),
        }),
    );
  });

  it('ListRemove, ListLength', () => {
    sameRequest(
      lists.listRemoveValue,
      fc.record({ list: name, value }).map((one) => ({ ...base, ...one })),
      (one) =>
        new scs._ListRemoveRequest({
          list_name: bytes(one.list),
          all_elements_with_value: asBytes(one.value),
        }),
    );
    sameRequest(
      lists.listLength,
      name.map((list) => ({ ...base, list })),
      ({ list }) => new scs._ListLengthRequest({ list_name: bytes(list) }),
    );
  });

  it('DictionarySet, DictionaryGet, DictionaryFetch, DictionaryIncrement, DictionaryDelete', () => {
    sameRequest(
      dictionaries.dictionarySetFields,
      fc
        .record({ dictionary: name, entries: fc.array(fc.tuple(name, value), { maxLength: 5 }), ttl })
        .map(({ dictionary, entries, ttl }) => ({ ...base, dictionary, fields: new Map(entries), ...ttl })),
      (one) =>
        new scs._DictionarySetRequest({
          dictionary_name: bytes(one.dictionary),
          items: [...one.fields].map(
            ([field, content]) =>
              new scs._DictionaryFieldValuePair({ field: bytes(field), value: asBytes(content) }),
          ),
          ttl_milliseconds: ms(one),
          refresh_ttl: one.refreshTtl ?? true,
        }),
    );
    const some = fc
      .record({ dictionary: name, fields: fc.array(name, { minLength: 1, maxLength: 5 }) })
      .map((one) => ({ ...base, ...one }));
    sameRequest(
      dictionaries.dictionaryGetFields,
      some,
      (one) =>
        new scs._DictionaryGetRequest({
          dictionary_name: bytes(one.dictionary),
          fields: one.fields.map(bytes),
        }),
    );
    sameRequest(
      dictionaries.dictionaryFetch,
      some,
      (one) => new scs._DictionaryFetchRequest({ dictionary_name: bytes(one.dictionary) }),
    );
    sameRequest(
      dictionaries.dictionaryIncrement,
      fc
        .record({ dictionary: name, field: name, amount: fc.maxSafeInteger(), ttl })
        .map(({ ttl, ...one }) => ({ ...base, ...one, ...ttl })),
      (one) =>
        new scs._DictionaryIncrementRequest({
          dictionary_name: bytes(one.dictionary),
          field: bytes(one.field),
          amount: one.amount,
          ttl_milliseconds: ms(one),
          refresh_ttl: one.refreshTtl ?? true,
        }),
    );
    sameRequest(
      dictionaries.dictionaryRemoveFields,
      some,
      (one) =>
        new scs._DictionaryDeleteRequest({
          dictionary_name: bytes(one.dictionary),
          some: new scs._DictionaryDeleteRequest.Some({ fields: one.fields.map(bytes) }),
        }),
    );
  });

  it('SortedSetPut, SortedSetFetch by rank and score, SortedSetIncrement, SortedSetRemove', () => {
    sameRequest(
      sortedSets.sortedSetPut,
      fc
        .record({ set: name, entries: fc.array(fc.tuple(name, score), { maxLength: 5 }), ttl })
        .map(({ set, entries, ttl }) => ({ ...base, set, elements: new Map(entries), ...ttl })),
      (one) =>
        new scs._SortedSetPutRequest({
          set_name: bytes(one.set),
          elements: [...one.elements].map(
            ([content, points]) => new scs._SortedSetElement({ value: bytes(content), score: points }),
          ),
          ttl_milliseconds: ms(one),
          refresh_ttl: one.refreshTtl ?? true,
        }),
    );
    const { _ByIndex, _ByScore, Order } = scs._SortedSetFetchRequest;
    sameRequest(
      sortedSets.sortedSetFetchByRank,
      fc
        .record({ set: name, start: fc.integer({ min: -99 }), end: fc.nat(), descending: fc.boolean() })
        .map((one) => ({
          ...base,
          ...one,
        })),
      ({ set, start, end, descending }) =>
        new scs._SortedSetFetchRequest({
          set_name: bytes(set),
          order: descending ? Order.DESCENDING : Order.ASCENDING,
          with_scores: true,
          by_index: new _ByIndex({
            ...(start ? { inclusive_start_index: start } : { unbounded_start: unbounded() }),
            ...(end ? { exclusive_end_index: end } : { unbounded_end: unbounded() }),
          }),
        }),
    );
    sameRequest(
      sortedSets.sortedSetFetchByScore,
      fc
        .record({
          set: name,
          bounds: fc.record({ min: score, max: score }, { requiredKeys: [] }),
          offset: fc.nat(),
          count: fc.integer({ min: -1 }),
        })
        .map(({ bounds, ...one }) => ({ ...base, ...one, ...bounds })),
      ({ set, min, max, offset, count }: sortedSets.ScoreRange) =>
        new scs._SortedSetFetchRequest({
          set_name: bytes(set),
          with_scores: true,
          by_score: new _ByScore({
            ...(min === undefined
              ? { unbounded_min: unbounded() }
              : { min_score: new _ByScore._Score({ score: min, exclusive: false }) }),
            ...(max === undefined
              ? { unbounded_max: unbounded() }
              : { max_score: new _ByScore._Score({ score: max, exclusive: false }) }),
            offset: offset ?? 0,
            count: count ?? -1,
          }),
        }),
    );
    sameRequest(
      sortedSets.sortedSetIncrement,
      fc
        .record({ set: name, value: name, amount: score, ttl })
        .map(({ ttl, ...one }) => ({ ...base, ...one, ...ttl })),
      (one) =>
        new scs._SortedSetIncrementRequest({
          set_name: bytes(one.set),
          value: bytes(one.value),
          amount: one.amount,
          ttl_milliseconds: ms(one),
          refresh_ttl: one.refreshTtl ?? true,
        }),
    );
    sameRequest(
      sortedSets.sortedSetRemove,
      fc.record({ set: name, values: fc.array(name, { minLength: 1 }) }).map((one) => ({ ...base, ...one })),
      (one) =>
        new scs._SortedSetRemoveRequest({
          set_name: bytes(one.set),
          some: new scs._SortedSetRemoveRequest._Some({ values: one.values.map(bytes) }),
        }),
    );
  });

  it('Get, Set, SetIf, Delete', () => {
    const key = name.map((one) => ({ ...base, key: one }));
    const item = fc
      .record({ key: name, value, ttlSeconds: fc.integer({ min: 1, max: 86_400 }) })
      .map((one) => ({ ...base, ...one }));
    sameRequest(items.itemGet, key, (one) => new scs._GetRequest({ cache_key: bytes(one.key) }));
    sameRequest(items.itemDelete, key, (one) => new scs._DeleteRequest({ cache_key: bytes(one.key) }));
    const fields = (one: items.ItemValue) => ({
      cache_key: bytes(one.key),
      cache_body: asBytes(one.value),
      ttl_milliseconds: ms(one),
    });
    sameRequest(items.itemSet, item, (one) => new scs._SetRequest(fields(one)));
    const conditions = fc.oneof(
      fc.constant('absent' as const),
      fc.constant('present' as const),
      value.map((equal) => ({ equal })),
    );
    sameRequest(
      items.itemSetIf,
      fc.tuple(item, conditions).map(([one, condition]) => ({ ...one, condition })),
      (one) => {
        if (one.condition === 'absent')
          return new scs._SetIfRequest({ ...fields(one), absent: new common.Absent() });
        if (one.condition === 'present')
          return new scs._SetIfRequest({ ...fields(one), present: new common.Present() });
        const equal = new common.Equal({ value_to_check: asBytes(one.condition.equal) });
        return new scs._SetIfRequest({ ...fields(one), equal });
      },
    );
  });
});

describe('answers of the generated types are understood', () => {
  it('a subscription: items, heartbeats, discontinuities, and what is newer than we are', () => {
    const position = { sequence: fc.maxSafeNat(), page: fc.maxSafeNat() };
    fc.assert(
      fc.property(fc.record({ ...position, value, publisherId: text }), ({ publisherId, ...item }) => {
        const content =
          typeof item.value === 'string'
            ? new pubsub._TopicValue({ text: item.value })
            : new pubsub._TopicValue({ binary: item.value });
        const theirs = new pubsub._SubscriptionItem({
          item: new pubsub._TopicItem({
            topic_sequence_number: item.sequence,
            sequence_page: item.page,
            publisher_id: publisherId,
            value: content,
          }),
        });
        expect(decodeTopicEvent(theirs.serialize())).toEqual({
          kind: 'item',
          item: { ...item, publisherId: publisherId || undefined },
        });
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.record(position), (lastSequence, next) => {
        const theirs = new pubsub._SubscriptionItem({
          discontinuity: new pubsub._Discontinuity({
            last_topic_sequence: lastSequence,
            new_topic_sequence: next.sequence,
            new_sequence_page: next.page,
          }),
        });
        expect(decodeTopicEvent(theirs.serialize())).toEqual({ kind: 'discontinuity' });
      }),
    );
    const heartbeat = new pubsub._SubscriptionItem({ heartbeat: new pubsub._Heartbeat() });
    expect(decodeTopicEvent(heartbeat.serialize())).toEqual({ kind: 'heartbeat' });
    expect(decodeTopicEvent(Uint8Array.of(0x7a, 0))).toEqual({ kind: 'unknown' });
    const empty = new pubsub._SubscriptionItem({
      item: new pubsub._TopicItem({ topic_sequence_number: 3 }),
    });
    expect(decodeTopicEvent(empty.serialize())).toMatchObject({
      kind: 'item',
      item: { value: '', sequence: 3 },
    });
  });

  it('lists', () => {
    fc.assert(
      fc.property(fc.array(text), fc.nat(2 ** 31), (values, length) => {
        const fetched = new scs._ListFetchResponse({
          found: new scs._ListFetchResponse._Found({ values: values.map(bytes) }),
        });
        const range = { ...base, list: 'x' };
        expect(lists.listFetch.decode(fetched.serialize(), range)).toEqual(values);
        const measured = new scs._ListLengthResponse({
          found: new scs._ListLengthResponse._Found({ length }),
        });
        expect(lists.listLength.decode(measured.serialize(), range)).toBe(length);
        const pushed = new scs._ListPushFrontResponse({ list_length: length });
        const push = { ...range, value: '', ttlSeconds: 1 };
        expect(lists.listPushFront.decode(pushed.serialize(), push)).toBe(length);
      }),
    );
    const missing = new scs._ListFetchResponse({ missing: new scs._ListFetchResponse._Missing() });
    expect(lists.listFetch.decode(missing.serialize(), { ...base, list: 'x' })).toEqual([]);
    expect(() => lists.listFetch.decode(new Uint8Array(), { ...base, list: 'x' })).toThrow(RangeError);
  });

  it('dictionaries', () => {
    const fields = fc.uniqueArray(fc.tuple(name, fc.option(text)), { selector: ([field]) => field });
    fc.assert(
      fc.property(fields, fc.maxSafeInteger(), (entries, sum) => {
        const there = entries.filter((entry): entry is [string, string] => entry[1] !== null);
        const input = { ...base, dictionary: 'd', fields: entries.map(([field]) => field) };
        const got = new scs._DictionaryGetResponse({
          found: new scs._DictionaryGetResponse._Found({
            items: entries.map(
              ([, content]) =>
                new scs._DictionaryGetResponse._DictionaryGetResponsePart(
                  content === null
                    ? { result: ECacheResult.Miss }
                    : { result: ECacheResult.Hit, cache_body: bytes(content) },
                ),
            ),
          }),
        });
        expect([...dictionaries.dictionaryGetFields.decode(got.serialize(), input)]).toEqual(there);
        const fetched = new scs._DictionaryFetchResponse({
          found: new scs._DictionaryFetchResponse._Found({
            items: there.map(
              ([field, content]) =>
                new scs._DictionaryFieldValuePair({ field: bytes(field), value: bytes(content) }),
            ),
          }),
        });
        expect([...dictionaries.dictionaryFetch.decode(fetched.serialize(), input)]).toEqual(there);
        const counted = new scs._DictionaryIncrementResponse({ value: sum });
        const increment = { ...input, field: 'f', amount: 1, ttlSeconds: 1 };
        expect(dictionaries.dictionaryIncrement.decode(counted.serialize(), increment)).toBe(sum);
      }),
    );
  });

  it('sorted sets', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ value: text, score })), score, (elements, sum) => {
        const fetched = new scs._SortedSetFetchResponse({
          found: new scs._SortedSetFetchResponse._Found({
            values_with_scores: new scs._SortedSetFetchResponse._Found._ValuesWithScores({
              elements: elements.map(
                (one) => new scs._SortedSetElement({ value: bytes(one.value), score: one.score }),
              ),
            }),
          }),
        });
        const input = { ...base, set: 's' };
        const expected = elements.map((one) => ({ ...one, score: one.score + 0 }));
        expect(sortedSets.sortedSetFetchByRank.decode(fetched.serialize(), input)).toEqual(expected);
        const counted = new scs._SortedSetIncrementResponse({ score: sum });
        const increment = { ...input, value: 'v', amount: 1, ttlSeconds: 1 };
        expect(sortedSets.sortedSetIncrement.decode(counted.serialize(), increment)).toBe(sum + 0);
      }),
    );
  });

  it('items', () => {
    const key = { ...base, key: 'k' };
    fc.assert(
      fc.property(fc.uint8Array(), (content) => {
        const got = new scs._GetResponse({ result: ECacheResult.Hit, cache_body: content });
        expect([...(items.itemGet.decode(got.serialize(), key) ?? [])]).toEqual([...content]);
      }),
    );
    const missed = new scs._GetResponse({ result: ECacheResult.Miss });
    expect(items.itemGet.decode(missed.serialize(), key)).toBeUndefined();
    const write = { ...key, value: '', ttlSeconds: 1, condition: 'absent' as const };
    const stored = new scs._SetIfResponse({ stored: new scs._SetIfResponse._Stored() });
    expect(items.itemSetIf.decode(stored.serialize(), write)).toBe(true);
    const kept = new scs._SetIfResponse({ not_stored: new scs._SetIfResponse._NotStored() });
    expect(items.itemSetIf.decode(kept.serialize(), write)).toBe(false);
  });
});
