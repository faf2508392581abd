import { type Behaviour, behaviour, CACHE, each, seen, type Trial } from './behaviour.js';

type Attempt = (trial: Trial, value: string, compared: string) => Promise<object>;

/** A conditional set, tried where nothing is, where the value compared with is, and where another is. */
function condition(
  says: string,
  stored: [nothing: boolean, same: boolean, other: boolean],
  set: Attempt,
): Behaviour {
  const kinds = stored.map((does) => (does ? 'Stored' : 'NotStored'));
  return behaviour('SetIf', says, kinds, async (trial) => {
    const { cache, key } = trial;
    await cache.set(CACHE, `${key}-same`, 'x');
    await cache.set(CACHE, `${key}-other`, 'y');
    const at = (end: string) => set({ ...trial, key: key + end }, 'new', 'x');
    return each(
      () => at(''),
      () => at('-same'),
      () => at('-other'),
    );
  });
}

export const conditionalSetBehaviours = [
  condition('setIfAbsent: only where nothing is', [true, false, false], ({ cache, key }, value) =>
    cache.setIfAbsent(CACHE, key, value),
  ),
  condition('setIfNotExists is setIfAbsent', [true, false, false], ({ cache, key }, value) =>
    cache.setIfNotExists(CACHE, key, value),
  ),
  condition('setIfPresent: only where something is', [false, true, true], ({ cache, key }, value) =>
    cache.setIfPresent(CACHE, key, value),
  ),
  condition('setIfEqual: only where that is', [false, true, false], ({ cache, key }, value, compared) =>
    cache.setIfEqual(CACHE, key, value, compared),
  ),
  condition('setIfNotEqual: but where that is', [true, false, true], ({ cache, key }, value, compared) =>
    cache.setIfNotEqual(CACHE, key, value, compared),
  ),
  condition(
    'setIfPresentAndNotEqual: only where something else is',
    [false, false, true],
    ({ cache, key }, value, compared) => cache.setIfPresentAndNotEqual(CACHE, key, value, compared),
  ),
  condition(
    'setIfAbsentOrEqual: where nothing or that is',
    [true, true, false],
    ({ cache, key }, value, compared) => cache.setIfAbsentOrEqual(CACHE, key, value, compared),
  ),
  behaviour(
    'SetIf',
    'what was not stored leaves value and TTL',
    ['NotStored', ['Hit', 'v'], ['Hit', 10_000]],
    async (trial) => {
      const { cache, key } = trial;
      await cache.set(CACHE, key, 'v', { ttl: 10 });
      return each(
        () => cache.setIfAbsent(CACHE, key, 'w', { ttl: 50 }),
        () => cache.get(CACHE, key),
        () => cache.itemGetTtl(CACHE, key),
      );
    },
  ),
  behaviour(
    'SetIf',
    'what was stored has the new TTL',
    ['Stored', ['Hit', 1_000_000]],
    async ({ cache, key }) => {
      await cache.set(CACHE, key, 'v', { ttl: 10 });
      return each(
        () => cache.setIfPresent(CACHE, key, 'w', { ttl: 1000 }),
        () => cache.itemGetTtl(CACHE, key),
      );
    },
  ),
  behaviour('SetIf', 'a TTL below 0 is invalid', 'INVALID_ARGUMENT_ERROR', async ({ cache, key }) =>
    seen(await cache.setIfAbsent(CACHE, key, 'v', { ttl: -1 })),
  ),
  behaviour('GetWithHash', 'a miss where nothing is', 'Miss', async ({ cache, key }) =>
    seen(await cache.getWithHash(CACHE, key)),
  ),
  behaviour(
    'GetWithHash',
    'the value and the hash that setting it gave',
    ['v', true],
    async ({ cache, key }) => {
      const set = await cache.setWithHash(CACHE, key, 'v');
      const got = await cache.getWithHash(CACHE, key);
      if (!('hashString' in set && 'hashString' in got)) return [seen(set), seen(got)];
      return [got.valueString(), got.hashString() === set.hashString()];
    },
  ),
  behaviour(
    'SetIfHash',
    'equal values have equal hashes, others have others',
    [true, false],
    async ({ cache, key }) => {
      const hashes = [];
      for (const [end, value] of [
        ['a', 'v'],
        ['b', 'v'],
        ['c', 'w'],
      ] as const) {
        const set = await cache.setWithHash(CACHE, key + end, value);
        hashes.push('hashString' in set ? set.hashString() : seen(set));
      }
      return [hashes[0] === hashes[1], hashes[0] === hashes[2]];
    },
  ),
  ...(
    [
      ['setIfPresentAndHashEqual', 'only where the value of that hash is', [false, true, false]],
      ['setIfPresentAndHashNotEqual', 'only where a value of another hash is', [false, false, true]],
      ['setIfAbsentOrHashEqual', 'where nothing or the value of that hash is', [true, true, false]],
      ['setIfAbsentOrHashNotEqual', 'but where the value of that hash is', [true, false, true]],
    ] as const
  ).map(([method, where, stored]) =>
    behaviour(
      'SetIfHash',
      `${method}: ${where}`,
      stored.map((does) => (does ? 'Stored' : 'NotStored')),
      async ({ cache, key }) => {
        const set = await cache.setWithHash(CACHE, `${key}-same`, 'x');
        await cache.set(CACHE, `${key}-other`, 'y');
        const hash = 'hashUint8Array' in set ? set.hashUint8Array() : new Uint8Array();
        const at = (end: string) => cache[method](CACHE, key + end, 'new', hash);
        return each(
          () => at(''),
          () => at('-same'),
          () => at('-other'),
        );
      },
    ),
  ),
  behaviour(
    'SetIfHash',
    'what was stored has the hash that it is then read with, and the new TTL',
    ['Stored', true, ['Hit', 1_000_000]],
    async ({ cache, key }) => {
      const before = await cache.setWithHash(CACHE, key, 'v', { ttl: 10 });
      if (!('hashUint8Array' in before)) return seen(before);
      const hash = before.hashUint8Array();
      const set = await cache.setIfPresentAndHashEqual(CACHE, key, 'w', hash, { ttl: 1000 });
      const got = await cache.getWithHash(CACHE, key);
      const same = 'hashString' in set && 'hashString' in got && set.hashString() === got.hashString();
      return [seen(set), same, seen(await cache.itemGetTtl(CACHE, key))];
    },
  ),
  behaviour('SetIfHash', 'a TTL below 0 is invalid', 'INVALID_ARGUMENT_ERROR', async ({ cache, key }) =>
    seen(await cache.setIfAbsentOrHashEqual(CACHE, key, 'v', new Uint8Array([1]), { ttl: -1 })),
  ),
];
