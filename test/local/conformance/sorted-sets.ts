import { SortedSetAggregate, SortedSetOrder } from '@gomomento/sdk-web';
import { type Behaviour, behaviour, CACHE, each, seen, type Trial } from './behaviour.js';
import { refreshing } from './collections.js';

const INVALID = 'INVALID_ARGUMENT_ERROR';
const WRONG_KIND = 'FAILED_PRECONDITION_ERROR';
const { Ascending, Descending } = SortedSetOrder;

const SCORES = { one: 1, two: 2, three: 3, four: 4, five: 5 };
const fill = async ({ cache, key }: Trial): Promise<void> => {
  await cache.sortedSetPutElements(CACHE, key, SCORES);
};

/** The elements of a fetch, as one text: `one two`. */
const names = (response: object): unknown =>
  'valueArrayStringElements' in response && typeof response.valueArrayStringElements === 'function'
    ? (response.valueArrayStringElements() as { value: string }[]).map(({ value }) => value).join(' ')
    : seen(response);

function byRank(
  says: string,
  range: { startRank?: number; endRank?: number; order?: SortedSetOrder },
  expected: string,
) {
  return behaviour('SortedSetFetch', `by rank: ${says}`, expected, async (trial) => {
    await fill(trial);
    return names(await trial.cache.sortedSetFetchByRank(CACHE, trial.key, range));
  });
}

function byScore(
  says: string,
  range: { minScore?: number; maxScore?: number; offset?: number; count?: number; order?: SortedSetOrder },
  expected: string,
) {
  return behaviour('SortedSetFetch', `by score: ${says}`, expected, async (trial) => {
    await fill(trial);
    return names(await trial.cache.sortedSetFetchByScore(CACHE, trial.key, range));
  });
}

const CALLS: readonly (readonly [rpc: string, call: (trial: Trial) => Promise<object>])[] = [
  ['SortedSetPut', ({ cache, key }) => cache.sortedSetPutElement(CACHE, key, 'e', 1)],
  ['SortedSetFetch', ({ cache, key }) => cache.sortedSetFetchByRank(CACHE, key)],
  ['SortedSetGetScore', ({ cache, key }) => cache.sortedSetGetScore(CACHE, key, 'e')],
  ['SortedSetGetRank', ({ cache, key }) => cache.sortedSetGetRank(CACHE, key, 'e')],
  ['SortedSetLength', ({ cache, key }) => cache.sortedSetLength(CACHE, key)],
  ['SortedSetLengthByScore', ({ cache, key }) => cache.sortedSetLengthByScore(CACHE, key)],
  ['SortedSetIncrement', ({ cache, key }) => cache.sortedSetIncrementScore(CACHE, key, 'e')],
  ['SortedSetRemove', ({ cache, key }) => cache.sortedSetRemoveElement(CACHE, key, 'e')],
];

export const sortedSetBehaviours: Behaviour[] = [
  ...CALLS.flatMap(([rpc, call]) => [
    behaviour(rpc, 'an empty name is invalid', INVALID, async (trial) =>
      seen(await call({ ...trial, key: ' ' })),
    ),
    behaviour(rpc, 'of another kind of item is a failed precondition', WRONG_KIND, async (trial) => {
      await trial.cache.setAddElement(CACHE, trial.key, 'e');
      return seen(await call(trial));
    }),
  ]),
  byRank('everything, lowest first', {}, 'one two three four five'),
  byRank('from a start', { startRank: 3 }, 'four five'),
  byRank('up to an end', { endRank: 2 }, 'one two'),
  byRank('between both', { startRank: 1, endRank: 4 }, 'two three four'),
  byRank('the last few', { startRank: -2 }, 'four five'),
  byRank('all but the last few', { endRank: -2 }, 'one two three'),
  byRank('both from the end', { startRank: -4, endRank: -2 }, 'two three'),
  byRank('an end past the end', { startRank: 3, endRank: 99 }, 'four five'),
  byRank('a start past the end is an empty hit', { startRank: 10 }, ''),
  byRank('ascending', { order: Ascending, startRank: 1, endRank: 3 }, 'two three'),
  byRank(
    'descending, ranks counted from the highest',
    { order: Descending, startRank: 1, endRank: 3 },
    'four three',
  ),
  byRank('start after end is invalid', { startRank: 3, endRank: 1 }, INVALID),
  byRank('so it is from the end', { startRank: -2, endRank: -3 }, INVALID),
  byScore('everything, lowest first', {}, 'one two three four five'),
  byScore('from a minimum, inclusive', { minScore: 4 }, 'four five'),
  byScore('up to a maximum, inclusive', { maxScore: 2 }, 'one two'),
  byScore('between both', { minScore: 2, maxScore: 3 }, 'two three'),
  byScore('nothing there is an empty hit', { minScore: 50 }, ''),
  byScore('with an offset', { minScore: 2, offset: 2 }, 'four five'),
  byScore('with a count', { minScore: 2, count: 2 }, 'two three'),
  byScore('with both', { offset: 1, count: 2 }, 'two three'),
  byScore('an offset past the end is an empty hit', { offset: 9 }, ''),
  byScore(
    'descending, offset and count from the highest',
    { order: Descending, maxScore: 4, offset: 1, count: 2 },
    'three two',
  ),
  byScore('a minimum above the maximum is invalid', { minScore: 3, maxScore: 1 }, INVALID),
  byScore('a negative offset is invalid', { offset: -1 }, INVALID),
  byScore('a count below 1 is invalid', { count: 0 }, INVALID),
  behaviour('SortedSetFetch', 'a miss where nothing is', ['Miss', 'Miss'], ({ cache, key }) =>
    each(
      () => cache.sortedSetFetchByRank(CACHE, key),
      () => cache.sortedSetFetchByScore(CACHE, key),
    ),
  ),
  behaviour('SortedSetPut', 'a score again moves the element', 'b c a', async ({ cache, key }) => {
    await cache.sortedSetPutElements(CACHE, key, { a: 1, b: 2, c: 3 });
    await cache.sortedSetPutElement(CACHE, key, 'a', 3.5);
    return names(await cache.sortedSetFetchByRank(CACHE, key));
  }),
  behaviour('SortedSetPut', 'an empty element is invalid', INVALID, async ({ cache, key }) =>
    seen(await cache.sortedSetPutElement(CACHE, key, '', 1)),
  ),
  refreshing('SortedSetPut', ({ cache, key }, ttl) => cache.sortedSetPutElement(CACHE, key, 'e', 1, { ttl })),
  refreshing('SortedSetIncrement', ({ cache, key }, ttl) =>
    cache.sortedSetIncrementScore(CACHE, key, 'e', 5, { ttl }),
  ),
  behaviour(
    'SortedSetGetScore',
    'misses without the set and without the element',
    ['Miss', 'Miss', ['Hit', 3], ['Hit', { one: 1 }]],
    async (trial) => {
      const { cache, key } = trial;
      const missing = await cache.sortedSetGetScore(CACHE, key, 'one');
      await fill(trial);
      return each(
        missing,
        () => cache.sortedSetGetScore(CACHE, key, 'none'),
        () => cache.sortedSetGetScore(CACHE, key, 'three'),
        () => cache.sortedSetGetScores(CACHE, key, ['one', 'none']),
      );
    },
  ),
  behaviour(
    'SortedSetGetRank',
    'from the lowest or from the highest',
    ['Miss', 'Miss', ['Hit', 0], ['Hit', 4], ['Hit', 1]],
    async (trial) => {
      const { cache, key } = trial;
      const missing = await cache.sortedSetGetRank(CACHE, key, 'one');
      await fill(trial);
      return each(
        missing,
        () => cache.sortedSetGetRank(CACHE, key, 'none'),
        () => cache.sortedSetGetRank(CACHE, key, 'one'),
        () => cache.sortedSetGetRank(CACHE, key, 'one', { order: Descending }),
        () => cache.sortedSetGetRank(CACHE, key, 'two', { order: Ascending }),
      );
    },
  ),
  behaviour('SortedSetLength', 'a miss, or how many', ['Miss', ['Hit', 5]], async (trial) => {
    const missing = await trial.cache.sortedSetLength(CACHE, trial.key);
    await fill(trial);
    return each(missing, () => trial.cache.sortedSetLength(CACHE, trial.key));
  }),
  behaviour(
    'SortedSetLengthByScore',
    'how many between scores, 0 and below 0 too',
    [['Hit', 3], ['Hit', 2], ['Hit', 2], INVALID],
    async ({ cache, key }) => {
      await cache.sortedSetPutElements(CACHE, key, { a: -5, b: 0, c: 5 });
      return each(
        () => cache.sortedSetLengthByScore(CACHE, key),
        () => cache.sortedSetLengthByScore(CACHE, key, { minScore: 0 }),
        () => cache.sortedSetLengthByScore(CACHE, key, { maxScore: 0 }),
        () => cache.sortedSetLengthByScore(CACHE, key, { minScore: 2, maxScore: 1 }),
      );
    },
  ),
  behaviour(
    'SortedSetIncrement',
    'counts from 0 and returns the score',
    [
      ['Success', 1],
      ['Success', 42.5],
      ['Success', -7.5],
    ],
    async ({ cache, key }) => [
      seen(await cache.sortedSetIncrementScore(CACHE, key, 'e')),
      seen(await cache.sortedSetIncrementScore(CACHE, key, 'e', 41.5)),
      seen(await cache.sortedSetIncrementScore(CACHE, key, 'e', -50)),
    ],
  ),
  behaviour(
    'SortedSetRemove',
    'removes elements; a set without any is a miss',
    ['Success', 'two five', 'Success', 'Miss', 'Success'],
    async (trial) => {
      const { cache, key } = trial;
      await fill(trial);
      return [
        seen(await cache.sortedSetRemoveElements(CACHE, key, ['one', 'three', 'four', 'none'])),
        names(await cache.sortedSetFetchByRank(CACHE, key)),
        seen(await cache.sortedSetRemoveElements(CACHE, key, ['two', 'five'])),
        seen(await cache.sortedSetFetchByRank(CACHE, key)),
        seen(await cache.sortedSetRemoveElement(CACHE, key, 'one')),
      ];
    },
  ),
  ...(
    [
      ['sums', undefined, { a: 1, b: 12, c: 30 }],
      ['minima', SortedSetAggregate.MIN, { a: 1, b: 2, c: 30 }],
      ['maxima', SortedSetAggregate.MAX, { a: 1, b: 10, c: 30 }],
    ] as const
  ).map(([says, aggregate, expected]) =>
    behaviour(
      'SortedSetUnionStore',
      `${says} of weighted scores; a source that is not there is empty`,
      [['Success', 3], expected],
      async ({ cache, key }) => {
        await cache.sortedSetPutElements(CACHE, `${key}x`, { a: 1, b: 2 });
        await cache.sortedSetPutElements(CACHE, `${key}y`, { b: 1, c: 3 });
        const stored = await cache.sortedSetUnionStore(
          CACHE,
          key,
          [
            { sortedSetName: `${key}x`, weight: 1 },
            { sortedSetName: `${key}y`, weight: 10 },
            { sortedSetName: `${key}z`, weight: 1 },
          ],
          aggregate === undefined ? {} : { aggregate },
        );
        const scores = await cache.sortedSetGetScores(CACHE, key, ['a', 'b', 'c']);
        return [seen(stored), 'valueRecord' in scores && scores.valueRecord()];
      },
    ),
  ),
  behaviour(
    'SortedSetUnionStore',
    'replaces the destination; an empty union leaves none',
    [['Success', 0], 'Miss'],
    async (trial) => {
      const { cache, key } = trial;
      await fill(trial);
      const stored = await cache.sortedSetUnionStore(CACHE, key, [{ sortedSetName: `${key}z`, weight: 1 }]);
      return each(stored, () => cache.sortedSetFetchByRank(CACHE, key));
    },
  ),
  behaviour(
    'SortedSetUnionStore',
    'a weight may be 0 or below, a source may be the only one',
    [
      { a: 0, b: 0 },
      { a: 1, b: 1, c: -2 },
      { a: 1, b: 3 },
    ],
    async ({ cache, key }) => {
      await cache.sortedSetPutElements(CACHE, `${key}x`, { a: 1, b: 3 });
      await cache.sortedSetPutElements(CACHE, `${key}y`, { b: 2, c: 2 });
      const stored = [];
      for (const weights of [[0], [1, -1], [1]]) {
        const sources = weights.map((weight, n) => ({ sortedSetName: key + (n === 0 ? 'x' : 'y'), weight }));
        await cache.sortedSetUnionStore(CACHE, key, sources);
        const scores = await cache.sortedSetGetScores(CACHE, key, ['a', 'b', 'c']);
        stored.push('valueRecord' in scores && scores.valueRecord());
      }
      return stored;
    },
  ),
  behaviour(
    'SortedSetUnionStore',
    'an empty name, no source and a weight that is not finite are invalid',
    [INVALID, INVALID, INVALID],
    ({ cache, key }) => {
      const union = (name: string, weights: number[]) => () =>
        cache.sortedSetUnionStore(
          CACHE,
          name,
          weights.map((weight) => ({ sortedSetName: key, weight })),
        );
      return each(union(' ', [1]), union(key, []), union(key, [Number.POSITIVE_INFINITY]));
    },
  ),
];
