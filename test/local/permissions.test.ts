import { describe, expect, it } from 'vitest';
import {
  allowsItem,
  allowsTopic,
  type NameSelector,
  type Permission,
  type Principal,
} from '../../src/local/engine/permissions.js';

const READ = { read: true, write: false };
const WRITE = { read: false, write: true };

const having = (...permissions: Permission[]): Principal => ({
  superUser: false,
  root: false,
  tokenId: '',
  permissions,
  disposable: true,
});
const items = (names: NameSelector, role = READ, caches: NameSelector = { name: 'chat' }): Permission => ({
  on: 'items',
  role,
  caches,
  names,
});

describe('which items a permission covers', () => {
  it.each([
    ['all', 'all' as const, ['', 'a', 'ab', 'b'], []],
    ['one', { name: 'a' }, ['a'], ['', 'ab', 'A', 'b']],
    ['a prefix', { prefix: 'a:' }, ['a:', 'a:events'], ['a', 'ab', 'b:a:']],
  ] as const)('%s', (_, selector, covered, others) => {
    const principal = having(items(selector));
    for (const key of covered) expect(allowsItem(principal, 'chat', key, 'read')).toBe(true);
    for (const key of others) expect(allowsItem(principal, 'chat', key, 'read')).toBe(false);
  });

  it('ends at its cache, unless it is for all of them', () => {
    expect(allowsItem(having(items('all')), 'chat2', 'a', 'read')).toBe(false);
    expect(allowsItem(having(items('all', READ, 'all')), 'chat2', 'a', 'read')).toBe(true);
  });

  it('are not topics, and topics are not items', () => {
    expect(allowsTopic(having(items('all', READ, 'all')), 'chat', 'a', 'read')).toBe(false);
    expect(allowsItem(having({ ...items('all'), on: 'topics' }), 'chat', 'a', 'read')).toBe(false);
  });
});

describe('what a role lets one do', () => {
  it.each([
    ['read only', READ, true, false],
    ['write only', WRITE, false, true],
    ['read and write', { read: true, write: true }, true, true],
    ['nothing', { read: false, write: false }, false, false],
  ] as const)('%s', (_, role, reads, writes) => {
    const principal = having(items('all', role));
    expect(allowsItem(principal, 'chat', 'a', 'read')).toBe(reads);
    expect(allowsItem(principal, 'chat', 'a', 'write')).toBe(writes);
  });

  it('is what its statements let one do together', () => {
    const principal = having(items({ name: 'a' }, READ), items({ prefix: 'a' }, WRITE));
    expect(allowsItem(principal, 'chat', 'a', 'read')).toBe(true);
    expect(allowsItem(principal, 'chat', 'ab', 'write')).toBe(true);
    expect(allowsItem(principal, 'chat', 'ab', 'read')).toBe(false);
  });
});

it('a super user may do everything', () => {
  const root: Principal = { ...having(), superUser: true };
  expect(allowsItem(root, 'any', 'any', 'read')).toBe(true);
  expect(allowsItem(root, 'any', 'any', 'write')).toBe(true);
  expect(allowsTopic(root, 'any', 'any', 'write')).toBe(true);
});
