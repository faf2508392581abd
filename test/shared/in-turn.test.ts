import { expect, it } from 'vitest';
import { inTurn, inTurnOfKey } from '../../src/shared/in-turn.js';
import { remember } from '../../src/shared/remember.js';

it('acts run one after the other, also after one that failed', async () => {
  const turn = inTurn();
  const done: string[] = [];
  const slow = turn(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push('slow');
    throw new Error('no');
  });
  const quick = turn(async () => {
    done.push('quick');
    return 7;
  });
  await expect(slow).rejects.toThrow('no');
  expect([await quick, done]).toEqual([7, ['slow', 'quick']]);
});

it('acts of one key run one after the other, also after one that failed; those of other keys wait for none', async () => {
  const turn = inTurnOfKey();
  const done: string[] = [];
  let fail = (_: Error) => {};
  const slow = turn(
    'a',
    () =>
      new Promise((_, reject) => {
        fail = reject;
      }),
  );
  const next = turn('a', async () => done.push('next'));
  const other = await turn('b', async () => done.push('other'));
  expect([other, done]).toEqual([1, ['other']]);
  fail(new Error('no'));
  await expect(slow).rejects.toThrow('no');
  expect([await next, done]).toEqual([2, ['other', 'next']]);
});

it('a map that forgets drops the entry that was set longest ago', () => {
  const map = new Map<string, number>();
  for (const key of ['a', 'b', 'a', 'c']) remember(map, key, map.size, 2);
  expect([...map.keys()]).toEqual(['a', 'c']);
});
