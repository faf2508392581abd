import { beforeEach, expect, it } from 'vitest';
import { Turns } from '../../src/delivery/turns.js';
import { settle } from '../support/virtual-time.js';

let turns: Turns;
/** The tasks that began and ended, in their order. */
let log: string[];
let ends: Map<string, () => void>;

beforeEach(() => {
  turns = new Turns(2);
  log = [];
  ends = new Map();
});

function take(name: string, signal = new AbortController().signal): void {
  const work = () =>
    new Promise<void>((resolve) => {
      log.push(`${name} begins`);
      ends.set(name, resolve);
    });
  turns.take(work, signal).then(
    () => log.push(`${name} ends`),
    (problem) => log.push(`${name} rejects with ${problem}`),
  );
}

const end = async (name: string) => {
  ends.get(name)?.();
  await settle();
};

it('begins the work before it returns, where there is a turn', () => {
  take('a');
  take('b');
  take('c');
  expect(log).toEqual(['a begins', 'b begins']);
  expect(turns.size).toBe(3);
});

it('hands turns on in the order in which they were asked for', async () => {
  for (const name of ['a', 'b', 'c', 'd']) take(name);
  const begun = () => log.filter((line) => line.endsWith('begins')).map(([name]) => name);
  await end('b');
  expect(begun()).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(begun()).toEqual(['a', 'b', 'c', 'd']);
  await end('c');
  await end('d');
  expect(turns.size).toBe(0);
});

it('hands on the turn of work that fails', async () => {
  const failing = turns.take(() => Promise.reject('no'), new AbortController().signal);
  await expect(failing).rejects.toBe('no');
  take('a');
  take('b');
  expect(log).toEqual(['a begins', 'b begins']);
});

it('drops what is given up while it waits, with the reason of its signal', async () => {
  const life = new AbortController();
  take('a');
  take('b');
  take('c', life.signal);
  take('d');
  life.abort('left');
  await settle();
  expect(log).toEqual(['a begins', 'b begins', 'c rejects with left']);
  expect(turns.size).toBe(3);
  await end('a');
  expect(log).toContain('d begins');
});
