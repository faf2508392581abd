import { ItemType } from '@gomomento/sdk-web';
import { behaviour, CACHE, each, seen } from './behaviour.js';

const NO_CACHE = 'NOT_FOUND_ERROR';
const INVALID = 'INVALID_ARGUMENT_ERROR';
const WRONG_KIND = 'FAILED_PRECONDITION_ERROR';

export const scalarBehaviours = [
  behaviour('Get', 'a miss where nothing is', 'Miss', async ({ cache, key }) =>
    seen(await cache.get(CACHE, key)),
  ),
  behaviour('Get', 'text comes back as it was', ['Hit', 'héllö wörld ✓'], async ({ cache, key }) => {
    await cache.set(CACHE, key, 'héllö wörld ✓');
    return seen(await cache.get(CACHE, key));
  }),
  behaviour('Get', 'bytes come back as they were', [0, 255, 128], async ({ cache, key }) => {
    await cache.set(CACHE, key, new Uint8Array([0, 255, 128]));
    const hit = await cache.get(CACHE, key);
    return 'valueUint8Array' in hit && [...hit.valueUint8Array()];
  }),
  behaviour(
    'Get',
    'a byte key and a text key of the same bytes are one',
    ['Hit', 'v'],
    async ({ cache, key }) => {
      await cache.set(CACHE, new TextEncoder().encode(key), 'v');
      return seen(await cache.get(CACHE, key));
    },
  ),
  behaviour('Get', 'CacheNotFoundError without the cache', [NO_CACHE, true], async ({ cache, key }) => {
    const response = await cache.get('nowhere', key);
    return [seen(response), response.toString().includes('A cache with the specified name does not exist')];
  }),
  behaviour('Get', 'an empty key is invalid', INVALID, async ({ cache }) => seen(await cache.get(CACHE, ''))),
  behaviour('Get', 'of a list is a failed precondition', WRONG_KIND, async ({ cache, key }) => {
    await cache.listPushBack(CACHE, key, 'v');
    return seen(await cache.get(CACHE, key));
  }),
  behaviour(
    'Set',
    'replaces what is there, of whatever kind',
    ['Success', ['Hit', 'w']],
    async ({ cache, key }) => {
      await cache.dictionarySetField(CACHE, key, 'f', 'v');
      return each(
        () => cache.set(CACHE, key, 'w'),
        () => cache.get(CACHE, key),
      );
    },
  ),
  behaviour('Set', 'a TTL below 0 or not whole is invalid', [INVALID, INVALID], ({ cache, key }) =>
    each(
      () => cache.set(CACHE, key, 'v', { ttl: -1 }),
      () => cache.set(CACHE, key, 'v', { ttl: 1.5 }),
    ),
  ),
  behaviour('Set', 'an empty cache name is invalid', INVALID, async ({ cache, key }) =>
    seen(await cache.set('   ', key, 'v')),
  ),
  {
    ...behaviour(
      'Set',
      'the item is gone when its TTL is over',
      ['Success', ['Hit', 'v'], 'Miss'],
      async (trial) => {
        const { cache, key, clock } = trial;
        const before = await each(
          () => cache.set(CACHE, key, 'v', { ttl: 2 }),
          () => cache.get(CACHE, key),
        );
        clock.advance(2000);
        return [...before, seen(await cache.get(CACHE, key))];
      },
    ),
    movesTime: true,
  },
  behaviour(
    'Delete',
    'removes, and succeeds where nothing is',
    ['Success', 'Miss', 'Success'],
    async ({ cache, key }) => {
      await cache.set(CACHE, key, 'v');
      return each(
        () => cache.delete(CACHE, key),
        () => cache.get(CACHE, key),
        () => cache.delete(CACHE, key),
      );
    },
  ),
  behaviour('Delete', 'removes collections too', ['Success', 'Miss'], async ({ cache, key }) => {
    await cache.sortedSetPutElement(CACHE, key, 'e', 1);
    return each(
      () => cache.delete(CACHE, key),
      () => cache.sortedSetFetchByRank(CACHE, key),
    );
  }),
  behaviour(
    'Increment',
    'counts from 0, down too, and leaves text',
    [
      ['Success', 1],
      ['Success', 42],
      ['Success', -1000],
      ['Hit', '-1000'],
    ],
    async ({ cache, key }) => [
      seen(await cache.increment(CACHE, key, 1)),
      seen(await cache.increment(CACHE, key, 41)),
      seen(await cache.increment(CACHE, key, -1042)),
      seen(await cache.get(CACHE, key)),
    ],
  ),
  behaviour('Increment', 'goes on from the text of a number', ['Success', 52], async ({ cache, key }) => {
    await cache.set(CACHE, key, '10');
    return seen(await cache.increment(CACHE, key, 42));
  }),
  behaviour('Increment', 'of other text is a failed precondition', WRONG_KIND, async ({ cache, key }) => {
    await cache.set(CACHE, key, 'abcxyz');
    return seen(await cache.increment(CACHE, key, 1));
  }),
  behaviour('Increment', 'a TTL below 0 or not whole is invalid', [INVALID, INVALID], ({ cache, key }) =>
    each(
      () => cache.increment(CACHE, key, 1, { ttl: -1 }),
      () => cache.increment(CACHE, key, 1, { ttl: 1.5 }),
    ),
  ),
  {
    ...behaviour(
      'Increment',
      'the item is gone when the TTL of the call is over',
      [['Success', 20], 'Miss'],
      async ({ cache, key, clock }) => {
        await cache.set(CACHE, key, '10', { ttl: 60 });
        const counted = seen(await cache.increment(CACHE, key, 10, { ttl: 1 }));
        clock.advance(1000);
        return [counted, seen(await cache.get(CACHE, key))];
      },
    ),
    movesTime: true,
  },
  behaviour(
    'KeysExist',
    'tells each key, in order',
    [
      ['Success', true],
      ['Success', [true, false, true]],
      ['Success', []],
    ],
    async ({ cache, key }) => {
      await cache.set(CACHE, key, 'v');
      await cache.setAddElement(CACHE, `${key}-set`, 'e');
      return each(
        () => cache.keyExists(CACHE, key),
        () => cache.keysExist(CACHE, [key, `${key}-none`, `${key}-set`]),
        () => cache.keysExist(CACHE, []),
      );
    },
  ),
  behaviour('KeysExist', 'CacheNotFoundError without the cache', [NO_CACHE, NO_CACHE], ({ cache, key }) =>
    each(
      () => cache.keyExists('nowhere', key),
      () => cache.keysExist('nowhere', []),
    ),
  ),
  behaviour(
    'ItemGetType',
    'tells every kind, a miss where nothing is',
    [
      'Miss',
      ['Hit', ItemType.SCALAR],
      ['Hit', ItemType.LIST],
      ['Hit', ItemType.DICTIONARY],
      ['Hit', ItemType.SET],
      ['Hit', ItemType.SORTED_SET],
    ],
    async ({ cache, key }) => {
      await cache.set(CACHE, `${key}1`, 'v');
      await cache.listPushBack(CACHE, `${key}2`, 'v');
      await cache.dictionarySetField(CACHE, `${key}3`, 'f', 'v');
      await cache.setAddElement(CACHE, `${key}4`, 'e');
      await cache.sortedSetPutElement(CACHE, `${key}5`, 'e', 1);
      const kinds = ['', '1', '2', '3', '4', '5'].map((end) => () => cache.itemGetType(CACHE, key + end));
      return each(...kinds);
    },
  ),
  behaviour('ItemGetTtl', 'a miss, or what is left', ['Miss', ['Hit', 10_000]], async ({ cache, key }) => {
    const missing = await cache.itemGetTtl(CACHE, key);
    await cache.set(CACHE, key, 'v', { ttl: 10 });
    return each(missing, () => cache.itemGetTtl(CACHE, key));
  }),
  behaviour(
    'UpdateTtl',
    'overwrites, or increases or decreases when it does, and misses where nothing is',
    ['Miss', 'Set', 'NotSet', 'Set', 'NotSet', 'Set', ['Hit', 5000]],
    async ({ cache, key }) => {
      const missing = await cache.updateTtl(CACHE, key, 1000);
      await cache.set(CACHE, key, 'v', { ttl: 10 });
      return [
        seen(missing),
        seen(await cache.updateTtl(CACHE, key, 20_000)),
        seen(await cache.increaseTtl(CACHE, key, 5000)),
        seen(await cache.increaseTtl(CACHE, key, 30_000)),
        seen(await cache.decreaseTtl(CACHE, key, 40_000)),
        seen(await cache.decreaseTtl(CACHE, key, 5000)),
        seen(await cache.itemGetTtl(CACHE, key)),
      ];
    },
  ),
  behaviour('UpdateTtl', 'a TTL below 0 is invalid', [INVALID, INVALID, INVALID], ({ cache, key }) =>
    each(
      () => cache.updateTtl(CACHE, key, -1),
      () => cache.increaseTtl(CACHE, key, -1),
      () => cache.decreaseTtl(CACHE, key, -1),
    ),
  ),
  behaviour(
    'SetBatch',
    'sets each, and says so of each',
    [
      ['Success', 'Success'],
      ['Hit', 'apple'],
    ],
    async ({ cache, key }) => {
      const set = await cache.setBatch(CACHE, { [`${key}a`]: 'apple', [`${key}b`]: 'berry' });
      const results = 'results' in set ? set.results().map(seen) : seen(set);
      return [results, seen(await cache.get(CACHE, `${key}a`))];
    },
  ),
  {
    ...behaviour('SetBatch', 'a TTL for all, or one for each', ['Miss', ['Hit', 'w']], async (trial) => {
      const { cache, key, clock } = trial;
      await cache.setBatch(
        CACHE,
        [
          { key: `${key}a`, value: 'v' },
          { key: `${key}b`, value: 'w', ttl: 20 },
        ],
        { ttl: 3 },
      );
      clock.advance(5000);
      return each(
        () => cache.get(CACHE, `${key}a`),
        () => cache.get(CACHE, `${key}b`),
      );
    }),
    movesTime: true,
  },
  behaviour('SetBatch', 'one empty key fails alone', ['Success', 'UNKNOWN_ERROR'], async ({ cache, key }) => {
    const set = await cache.setBatch(CACHE, [
      { key, value: 'v' },
      { key: '', value: 'v' },
    ]);
    return 'results' in set ? set.results().map(seen) : seen(set);
  }),
  behaviour(
    'GetBatch',
    'gets each in order, hit or miss',
    [['Hit', 'apple'], 'Miss', ['Hit', 'cherry']],
    async ({ cache, key }) => {
      await cache.setBatch(CACHE, { [`${key}a`]: 'apple', [`${key}c`]: 'cherry' });
      const got = await cache.getBatch(CACHE, [`${key}a`, `${key}b`, `${key}c`]);
      return 'results' in got ? got.results().map(seen) : seen(got);
    },
  ),
  behaviour('GetBatch', 'CacheNotFoundError without the cache', NO_CACHE, async ({ cache, key }) =>
    seen(await cache.getBatch('nowhere', [key])),
  ),
];
