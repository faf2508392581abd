import { CollectionTtl } from '@gomomento/sdk-web';
import { type Behaviour, behaviour, CACHE, each, seen, type Trial } from './behaviour.js';

const INVALID = 'INVALID_ARGUMENT_ERROR';
const WRONG_KIND = 'FAILED_PRECONDITION_ERROR';

/** The behaviour of every call on a collection: it asks for a name, and for the right kind of item. */
function onCollections(
  rpcs: readonly (readonly [rpc: string, call: (trial: Trial) => Promise<object>])[],
): Behaviour[] {
  return rpcs.flatMap(([rpc, call]) => [
    behaviour(rpc, 'an empty name is invalid', INVALID, async (trial) =>
      seen(await call({ ...trial, key: '  ' })),
    ),
    behaviour(rpc, 'of another kind of item is a failed precondition', WRONG_KIND, async (trial) => {
      await trial.cache.set(CACHE, trial.key, 'v');
      return seen(await call(trial));
    }),
  ]);
}

/** The behaviour of every write on a collection with TTLs. */
export function refreshing(
  rpc: string,
  write: (trial: Trial, ttl: CollectionTtl) => Promise<object>,
): Behaviour {
  return {
    ...behaviour(
      rpc,
      'refreshes the TTL, or leaves it',
      [
        ['Hit', 10_000],
        ['Hit', 4000],
      ],
      async (trial) => {
        const ends = [];
        for (const refresh of [true, false]) {
          const at = { ...trial, key: `${trial.key}-${refresh}` };
          await write(at, new CollectionTtl(10, refresh));
          trial.clock.advance(6000);
          await write(at, new CollectionTtl(10, refresh));
          ends.push(seen(await trial.cache.itemGetTtl(CACHE, at.key)));
        }
        return ends;
      },
    ),
    movesTime: true,
  };
}

const numbers = async ({ cache, key }: Trial): Promise<void> => {
  await cache.listConcatenateBack(CACHE, key, ['0', '1', '2', '3', '4']);
};

export const collectionBehaviours: Behaviour[] = [
  ...onCollections([
    ['ListPushFront', ({ cache, key }) => cache.listPushFront(CACHE, key, 'v')],
    ['ListPushBack', ({ cache, key }) => cache.listPushBack(CACHE, key, 'v')],
    ['ListConcatenateFront', ({ cache, key }) => cache.listConcatenateFront(CACHE, key, ['v'])],
    ['ListConcatenateBack', ({ cache, key }) => cache.listConcatenateBack(CACHE, key, ['v'])],
    ['ListFetch', ({ cache, key }) => cache.listFetch(CACHE, key)],
    ['ListLength', ({ cache, key }) => cache.listLength(CACHE, key)],
    ['ListPopFront', ({ cache, key }) => cache.listPopFront(CACHE, key)],
    ['ListPopBack', ({ cache, key }) => cache.listPopBack(CACHE, key)],
    ['ListRemove', ({ cache, key }) => cache.listRemoveValue(CACHE, key, 'v')],
    ['ListRetain', ({ cache, key }) => cache.listRetain(CACHE, key, { startIndex: 1 })],
    ['DictionaryGet', ({ cache, key }) => cache.dictionaryGetField(CACHE, key, 'f')],
    ['DictionaryFetch', ({ cache, key }) => cache.dictionaryFetch(CACHE, key)],
    ['DictionaryLength', ({ cache, key }) => cache.dictionaryLength(CACHE, key)],
    ['DictionarySet', ({ cache, key }) => cache.dictionarySetField(CACHE, key, 'f', 'v')],
    ['DictionaryIncrement', ({ cache, key }) => cache.dictionaryIncrement(CACHE, key, 'f')],
    ['DictionaryDelete', ({ cache, key }) => cache.dictionaryRemoveField(CACHE, key, 'f')],
    ['SetFetch', ({ cache, key }) => cache.setFetch(CACHE, key)],
    ['SetSample', ({ cache, key }) => cache.setSample(CACHE, key, 1)],
    ['SetLength', ({ cache, key }) => cache.setLength(CACHE, key)],
    ['SetContains', ({ cache, key }) => cache.setContainsElement(CACHE, key, 'e')],
    ['SetUnion', ({ cache, key }) => cache.setAddElement(CACHE, key, 'e')],
    ['SetDifference', ({ cache, key }) => cache.setRemoveElement(CACHE, key, 'e')],
    ['SetPop', ({ cache, key }) => cache.setPop(CACHE, key, 1)],
  ]),
  refreshing('ListPushFront', ({ cache, key }, ttl) => cache.listPushFront(CACHE, key, 'v', { ttl })),
  refreshing('ListPushBack', ({ cache, key }, ttl) => cache.listPushBack(CACHE, key, 'v', { ttl })),
  refreshing('ListConcatenateFront', ({ cache, key }, ttl) =>
    cache.listConcatenateFront(CACHE, key, ['v'], { ttl }),
  ),
  refreshing('ListConcatenateBack', ({ cache, key }, ttl) =>
    cache.listConcatenateBack(CACHE, key, ['v'], { ttl }),
  ),
  refreshing('DictionarySet', ({ cache, key }, ttl) =>
    cache.dictionarySetField(CACHE, key, 'f', 'v', { ttl }),
  ),
  refreshing('DictionaryIncrement', ({ cache, key }, ttl) =>
    cache.dictionaryIncrement(CACHE, key, 'f', 1, { ttl }),
  ),
  refreshing('SetUnion', ({ cache, key }, ttl) => cache.setAddElement(CACHE, key, 'e', { ttl })),

  behaviour(
    'ListPushFront',
    'says the length, cuts the back',
    [
      ['Success', 1],
      ['Success', 2],
      ['Hit', ['b', 'a']],
    ],
    async ({ cache, key }) => [
      seen(await cache.listPushFront(CACHE, key, 'z', { truncateBackToSize: 2 })),
      seen(await cache.listConcatenateFront(CACHE, key, ['b', 'a'], { truncateBackToSize: 2 })),
      seen(await cache.listFetch(CACHE, key)),
    ],
  ),
  behaviour(
    'ListPushBack',
    'says the length, cuts the front',
    [
      ['Success', 1],
      ['Success', 1],
      ['Hit', ['b']],
    ],
    async ({ cache, key }) => [
      seen(await cache.listPushBack(CACHE, key, 'a')),
      seen(await cache.listPushBack(CACHE, key, 'b', { truncateFrontToSize: 1 })),
      seen(await cache.listFetch(CACHE, key)),
    ],
  ),
  behaviour(
    'ListConcatenateFront',
    'keeps the order of what it adds',
    ['Hit', ['x', 'y', 'z']],
    async ({ cache, key }) => {
      await cache.listPushBack(CACHE, key, 'z');
      await cache.listConcatenateFront(CACHE, key, ['x', 'y']);
      return seen(await cache.listFetch(CACHE, key));
    },
  ),
  behaviour(
    'ListConcatenateBack',
    'keeps the order, cuts the front',
    ['Hit', ['3', '4', 'x']],
    async (trial) => {
      await numbers(trial);
      await trial.cache.listConcatenateBack(CACHE, trial.key, ['x'], { truncateFrontToSize: 3 });
      return seen(await trial.cache.listFetch(CACHE, trial.key));
    },
  ),
  behaviour(
    'ListFetch',
    'slices, from the end too; outside it is an empty hit',
    [
      ['Hit', ['2', '3']],
      ['Hit', ['3', '4']],
      ['Hit', ['0', '1']],
      ['Hit', []],
    ],
    async (trial) => {
      const { cache, key } = trial;
      await numbers(trial);
      return each(
        () => cache.listFetch(CACHE, key, { startIndex: 2, endIndex: 4 }),
        () => cache.listFetch(CACHE, key, { startIndex: -2 }),
        () => cache.listFetch(CACHE, key, { endIndex: -3 }),
        () => cache.listFetch(CACHE, key, { startIndex: 50 }),
      );
    },
  ),
  behaviour(
    'ListFetch',
    'a miss where nothing is, ends in the wrong order are invalid',
    ['Miss', INVALID],
    ({ cache, key }) =>
      each(
        () => cache.listFetch(CACHE, key),
        () => cache.listFetch(CACHE, key, { startIndex: 0, endIndex: 0 }),
      ),
  ),
  behaviour('ListLength', 'a miss, or the length', ['Miss', ['Hit', 5]], async (trial) => {
    const missing = await trial.cache.listLength(CACHE, trial.key);
    await numbers(trial);
    return each(missing, () => trial.cache.listLength(CACHE, trial.key));
  }),
  behaviour(
    'ListPopFront',
    'takes the first; a list without elements is a miss',
    [['Hit', 'a'], 'Miss', 'Miss'],
    async ({ cache, key }) => {
      await cache.listPushBack(CACHE, key, 'a');
      return [
        seen(await cache.listPopFront(CACHE, key)),
        seen(await cache.listPopFront(CACHE, key)),
        seen(await cache.listFetch(CACHE, key)),
      ];
    },
  ),
  behaviour(
    'ListPopBack',
    'takes the last',
    [
      ['Hit', '4'],
      ['Hit', 4],
    ],
    async (trial) => {
      await numbers(trial);
      return [
        seen(await trial.cache.listPopBack(CACHE, trial.key)),
        seen(await trial.cache.listLength(CACHE, trial.key)),
      ];
    },
  ),
  behaviour(
    'ListRemove',
    'every element of that value; success where nothing is',
    ['Success', ['Hit', ['a']], 'Success'],
    async ({ cache, key }) => {
      await cache.listConcatenateBack(CACHE, key, ['b', 'a', 'b']);
      return each(
        () => cache.listRemoveValue(CACHE, key, 'b'),
        () => cache.listFetch(CACHE, key),
        () => cache.listRemoveValue(CACHE, `${key}-none`, 'b'),
      );
    },
  ),
  behaviour(
    'ListRetain',
    'keeps the slice and nothing else; success where nothing is',
    ['Success', ['Hit', ['1', '2']], 'Success', 'Miss', 'Success'],
    async (trial) => {
      const { cache, key } = trial;
      await numbers(trial);
      return [
        seen(await cache.listRetain(CACHE, key, { startIndex: 1, endIndex: 3 })),
        seen(await cache.listFetch(CACHE, key)),
        seen(await cache.listRetain(CACHE, key, { startIndex: 9 })),
        seen(await cache.listFetch(CACHE, key)),
        seen(await cache.listRetain(CACHE, key)),
      ];
    },
  ),

  behaviour(
    'DictionaryGet',
    'misses without the dictionary and without the field',
    ['Miss', 'Miss', ['Hit', 'v'], ['Hit', { f: 'v' }], 'Miss'],
    async ({ cache, key }) => {
      const missing = await cache.dictionaryGetField(CACHE, key, 'f');
      await cache.dictionarySetField(CACHE, key, 'f', 'v');
      return each(
        missing,
        () => cache.dictionaryGetField(CACHE, key, 'g'),
        () => cache.dictionaryGetField(CACHE, key, 'f'),
        () => cache.dictionaryGetFields(CACHE, key, ['f', 'g']),
        () => cache.dictionaryGetFields(CACHE, `${key}-none`, ['f']),
      );
    },
  ),
  behaviour(
    'DictionaryFetch',
    'a miss, or every field',
    ['Miss', ['Hit', { a: '1', b: '2' }]],
    async ({ cache, key }) => {
      const missing = await cache.dictionaryFetch(CACHE, key);
      await cache.dictionarySetFields(CACHE, key, { a: '1', b: '2' });
      return each(missing, () => cache.dictionaryFetch(CACHE, key));
    },
  ),
  behaviour(
    'DictionarySet',
    'adds and replaces fields, of bytes too',
    ['Success', 'Success', ['Hit', 'w'], ['Hit', 2]],
    async ({ cache, key }) => {
      const field = new Uint8Array([0, 200]);
      return [
        seen(await cache.dictionarySetFields(CACHE, key, new Map([['f', 'v']]))),
        seen(await cache.dictionarySetField(CACHE, key, field, 'w')),
        seen(await cache.dictionaryGetField(CACHE, key, field)),
        seen(await cache.dictionaryLength(CACHE, key)),
      ];
    },
  ),
  behaviour('DictionaryLength', 'a miss where nothing is', 'Miss', async ({ cache, key }) =>
    seen(await cache.dictionaryLength(CACHE, key)),
  ),
  behaviour(
    'DictionaryIncrement',
    'counts from 0; of other text it is a failed precondition',
    [['Success', 1], ['Success', 42], ['Success', -1000], ['Hit', '-1000'], WRONG_KIND],
    async ({ cache, key }) => {
      await cache.dictionarySetField(CACHE, key, 'text', 'abcxyz');
      return [
        seen(await cache.dictionaryIncrement(CACHE, key, 'n')),
        seen(await cache.dictionaryIncrement(CACHE, key, 'n', 41)),
        seen(await cache.dictionaryIncrement(CACHE, key, 'n', -1042)),
        seen(await cache.dictionaryGetField(CACHE, key, 'n')),
        seen(await cache.dictionaryIncrement(CACHE, key, 'text')),
      ];
    },
  ),
  behaviour(
    'DictionaryDelete',
    'removes fields; one without fields is a miss',
    ['Success', ['Hit', { c: '3' }], 'Success', 'Miss', 'Success'],
    async ({ cache, key }) => {
      await cache.dictionarySetFields(CACHE, key, { a: '1', b: '2', c: '3' });
      return [
        seen(await cache.dictionaryRemoveFields(CACHE, key, ['a', 'b', 'none'])),
        seen(await cache.dictionaryFetch(CACHE, key)),
        seen(await cache.dictionaryRemoveField(CACHE, key, 'c')),
        seen(await cache.dictionaryFetch(CACHE, key)),
        seen(await cache.dictionaryRemoveField(CACHE, key, 'c')),
      ];
    },
  ),

  behaviour(
    'SetUnion',
    'adds each element once',
    ['Success', 'Success', ['Hit', ['a', 'b', 'c']]],
    async ({ cache, key }) => [
      seen(await cache.setAddElements(CACHE, key, ['a', 'b', 'a'])),
      seen(await cache.setAddElement(CACHE, key, 'c')),
      seen(await cache.setFetch(CACHE, key)),
    ],
  ),
  behaviour('SetFetch', 'a miss where nothing is', 'Miss', async ({ cache, key }) =>
    seen(await cache.setFetch(CACHE, key)),
  ),
  behaviour(
    'SetDifference',
    'removes elements; a set without any is a miss',
    ['Success', ['Hit', ['c']], 'Success', 'Miss', 'Success'],
    async ({ cache, key }) => {
      await cache.setAddElements(CACHE, key, ['a', 'b', 'c']);
      return [
        seen(await cache.setRemoveElements(CACHE, key, ['a', 'b', 'none'])),
        seen(await cache.setFetch(CACHE, key)),
        seen(await cache.setRemoveElement(CACHE, key, 'c')),
        seen(await cache.setFetch(CACHE, key)),
        seen(await cache.setRemoveElement(CACHE, key, 'c')),
      ];
    },
  ),
  behaviour(
    'SetContains',
    'a miss without the set, else which of them',
    ['Miss', ['Hit', false], ['Hit', { a: true, z: false }]],
    async ({ cache, key }) => {
      const missing = await cache.setContainsElement(CACHE, key, 'a');
      await cache.setAddElements(CACHE, key, ['a', 'b']);
      return each(
        missing,
        () => cache.setContainsElement(CACHE, key, 'z'),
        () => cache.setContainsElements(CACHE, key, ['a', 'z']),
      );
    },
  ),
  behaviour('SetLength', 'a miss, or how many', ['Miss', ['Hit', 2]], async ({ cache, key }) => {
    const missing = await cache.setLength(CACHE, key);
    await cache.setAddElements(CACHE, key, ['a', 'b']);
    return each(missing, () => cache.setLength(CACHE, key));
  }),
  behaviour(
    'SetSample',
    'at most so many, all different; 0 is none; below 0 is invalid',
    ['Miss', [2, 2], [3, 3], ['Hit', []], INVALID],
    async ({ cache, key }) => {
      const missing = await cache.setSample(CACHE, key, 1);
      await cache.setAddElements(CACHE, key, ['a', 'b', 'c']);
      const sizes = [];
      for (const limit of [2, 9]) {
        const sample = await cache.setSample(CACHE, key, limit);
        const elements = 'valueArray' in sample ? sample.valueArray() : [];
        sizes.push([elements.length, new Set(elements).size]);
      }
      return [
        seen(missing),
        ...sizes,
        ...(await each(
          () => cache.setSample(CACHE, key, 0),
          () => cache.setSample(CACHE, key, -1),
        )),
      ];
    },
  ),
  behaviour(
    'SetPop',
    'takes so many out; below 1 is invalid',
    ['Miss', 2, ['Hit', 1], INVALID],
    async ({ cache, key }) => {
      const missing = await cache.setPop(CACHE, key, 1);
      await cache.setAddElements(CACHE, key, ['a', 'b', 'c']);
      const popped = await cache.setPop(CACHE, key, 2);
      const count = 'valueArray' in popped ? popped.valueArray().length : seen(popped);
      return [
        seen(missing),
        count,
        ...(await each(
          () => cache.setLength(CACHE, key),
          () => cache.setPop(CACHE, key, 0),
        )),
      ];
    },
  ),
  behaviour(
    'SetPop',
    'more than there are takes all, and then it is a miss',
    [['Hit', ['a', 'b']], 'Miss', 'Miss'],
    async ({ cache, key }) => {
      await cache.setAddElements(CACHE, key, ['a', 'b']);
      const popped = await cache.setPop(CACHE, key, 9);
      const elements = 'valueArray' in popped ? ['Hit', [...popped.valueArray()].sort()] : seen(popped);
      return [
        elements,
        ...(await each(
          () => cache.setLength(CACHE, key),
          () => cache.setPop(CACHE, key, 1),
        )),
      ];
    },
  ),
];
