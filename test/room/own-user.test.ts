import { expect, it } from 'vitest';
import { ownUser } from '../../src/room/own-user.js';

it.each<[given: string | undefined, ofToken: string | undefined, author: object]>([
  ['ada', undefined, { id: 'ada', name: 'Ada' }],
  ['ada', 'other', { id: 'ada', name: 'Ada' }],
  [undefined, 'ada', { id: 'ada', name: 'Ada' }],
  [undefined, undefined, { name: 'Ada' }],
])('a user with the id %s, and %s in the token, is the author %j', (id, ofToken, author) => {
  const user = id === undefined ? { name: 'Ada' } : { id, name: 'Ada' };
  expect(ownUser(user, () => ofToken).author()).toEqual(author);
});

it.each<[claims: string | undefined, vouched: string | undefined, own: boolean]>([
  ['ada', undefined, true],
  ['ada', 'ada', true],
  ['ada', 'eve', false],
  ['eve', 'ada', false],
  ['eve', undefined, false],
  [undefined, undefined, false],
  [undefined, 'ada', false],
])('a sender who claims to be %s, of whom Momento says %s: own is %s', (claims, vouched, own) => {
  const sender = claims === undefined ? { name: 'x' } : { id: claims, name: 'x' };
  for (const { isOwn } of [
    ownUser({ id: 'ada', name: 'Ada' }, () => undefined),
    ownUser({ name: 'Ada' }, () => 'ada'),
  ])
    expect(isOwn(sender, vouched)).toBe(own);
});

it('nobody is a user without an id, and one whose id comes with a token is one from then on', () => {
  let id: string | undefined;
  const { isOwn, author } = ownUser({ name: 'Ada' }, () => id);
  expect(isOwn({ name: 'Ada' }, undefined)).toBe(false);
  id = 'ada';
  expect(isOwn({ id: 'ada', name: 'Ada' }, undefined)).toBe(true);
  expect(author()).toEqual({ id: 'ada', name: 'Ada' });
});
