import { expect, it } from 'vitest';
import { withDefaults } from '../../src/room/defaults.js';
import { type ChatRoomOptions, checkOptions } from '../../src/room/options.js';

const resolved = (options: Partial<ChatRoomOptions>) =>
  withDefaults(checkOptions({ room: 'lobby', user: { name: 'Ada' }, token: '/token', ...options }));
/** The types of TypeScript know the new names only. */
const old = (retry: object) => retry;

it('a room has the default of each number that is not given, or given as undefined', () => {
  expect(resolved({ history: { pageSize: 20, maxStored: undefined } })).toMatchObject({
    history: { pageSize: 20, maxStored: 1000, ttlSeconds: 86_400, maxInMemory: 500 },
    retry: { maxAttempts: 6, timeoutMs: 300_000, maxPending: 1000 },
  });
});

it('the old names of `retry` are understood, and a new name counts more', () => {
  const retry = old({ attempts: 2, patienceMs: 5000, maxWaiting: 3, maxPending: 4 });
  expect(resolved({ retry }).retry).toEqual({ maxAttempts: 2, timeoutMs: 5000, maxPending: 4 });
});

it('what an app does to its options later on changes nothing', () => {
  const [history, user] = [{ pageSize: 20 }, { name: 'Ada' }];
  const checked = checkOptions({ room: 'lobby', user, token: '/token', history });
  history.pageSize = 0;
  user.name = '';
  expect(withDefaults(checked)).toMatchObject({ history: { pageSize: 20 }, user: { name: 'Ada' } });
});
