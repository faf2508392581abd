import { expect, it } from 'vitest';
import { ChatError } from '../../src/shared/errors.js';
import { Troubles } from '../../src/sync/troubles.js';

const error = (text: string) => new ChatError('network', text);

function setUp() {
  const told: string[] = [];
  return { told, troubles: new Troubles(({ message }) => told.push(message)) };
}

it('tells of each kind once, and of the next one once it is over', () => {
  const { told, troubles } = setUp();
  for (const text of ['a', 'b', 'a', 'b']) troubles.tell(error(text));
  expect(told).toEqual(['a', 'b']);
  troubles.over();
  troubles.tell(error('a'));
  expect(told).toEqual(['a', 'b', 'a']);
});

it('tells of a new kind after any number of others, and forgets the oldest', () => {
  const { told, troubles } = setUp();
  for (let number = 0; number < 100; number += 1) troubles.tell(error(`${number}`));
  expect(told).toHaveLength(100);
  troubles.tell(error('99'));
  troubles.tell(error('0'));
  expect(told.slice(100)).toEqual(['0']);
});
