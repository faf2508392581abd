import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxBench } from './outbox-bench.js';
import type { Answer } from './service.js';

let bench: OutboxBench;
beforeEach(() => {
  bench = new OutboxBench();
});

it('G3: publishes and stores at once: both calls have left before `send` returns', () => {
  bench.send('a');
  expect(bench.service.calls).toEqual(['0 publish a', '0 store a']);
});

describe('G3: one message', () => {
  it.each<[when: string, { publish?: Answer[]; store?: Answer[]; calls: string[]; outcome: string }]>([
    [
      'is sent when both are acknowledged, the slower one too',
      {
        store: [['ok', 700]],
        calls: ['0 publish', '0 store'],
        outcome: '700 sent',
      },
    ],
    [
      'is published again after an error, and not stored again',
      {
        publish: ['network'],
        calls: ['0 publish', '0 store', '125 publish'],
        outcome: '125 sent',
      },
    ],
    [
      'is stored again after errors, with growing pauses, and not published again',
      {
        store: ['timeout', 'server', 'network'],
        calls: ['0 publish', '0 store', '125 store', '375 store', '875 store'],
        outcome: '875 sent',
      },
    ],
    [
      'fails with the error at once where trying again cannot help',
      {
        publish: ['permission-denied'],
        calls: ['0 publish', '0 store'],
        outcome: '0 permission-denied',
      },
    ],
    [
      'fails only when the other call has ended as well',
      {
        publish: ['permission-denied'],
        store: [['ok', 900]],
        calls: ['0 publish', '0 store'],
        outcome: '900 permission-denied',
      },
    ],
    [
      'fails after six attempts of one call',
      {
        store: Array<Answer>(9).fill('server'),
        calls: ['0 publish', '0 store', '125 store', '375 store', '875 store', '1875 store', '3875 store'],
        outcome: '3875 server',
      },
    ],
    [
      'fails with `server` and is tried again when the error is of no known kind',
      {
        publish: ['unknown'],
        calls: ['0 publish', '0 store', '125 publish'],
        outcome: '125 sent',
      },
    ],
    [
      'is tried again after each limit for as long as patience lasts, and no attempt counts',
      {
        publish: Array<Answer>(7).fill('rate-limited'),
        calls: ['0', '350', '700', '1300', '2400', '4500', '8600', '12700']
          .map((at) => `${at} publish`)
          .toSpliced(1, 0, '0 store'),
        outcome: '12700 sent',
      },
    ],
  ])('%s', async (_, { publish = [], store = [], calls: expected, outcome }) => {
    bench.service.answer('publish', ...publish);
    bench.service.answer('store', ...store);
    const a = bench.send('a');
    await bench.time.advance(60_000);
    expect(bench.calls('a')).toEqual(expected);
    expect(a.outcome).toBe(outcome);
  });

  it('that failed is tried again with the same bytes, and what was acknowledged is not done twice', async () => {
    bench.service.answer('store', 'permission-denied');
    bench.send('a');
    await bench.time.advance(1000);
    const again = bench.follow(bench.outbox.retry('a'));
    await bench.time.advance(0);
    expect(again.outcome).toBe('1000 sent');
    expect(bench.service.calls).toEqual(['0 publish a', '0 store a', '1000 store a']);
  });

  it('that is unknown cannot be tried again', async () => {
    await expect(bench.outbox.retry('a')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('that was discarded cannot be tried again either', async () => {
    bench.service.answer('store', 'permission-denied');
    bench.send('a');
    await bench.time.advance(0);
    bench.outbox.discard('a');
    await expect(bench.outbox.retry('a')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('tells of a service that cannot be reached, and of each call that is made again', async () => {
    bench.service.answer('publish', 'network', 'timeout');
    bench.send('a');
    await bench.time.advance(10_000);
    expect(bench.told).toEqual(['0 trouble', '125 again', '375 again']);
  });
});

describe('many messages', () => {
  it('leave three at a time, in their order', async () => {
    bench.service.answer('store', ['ok', 300], ['ok', 100], ['ok', 200]);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) bench.send(id);
    await bench.time.advance(1000);
    expect(bench.calls('publish')).toEqual(['0', '0', '0', '100', '100', '100'].map((at) => `${at} publish`));
    expect(bench.service.calls.filter((call) => call.includes('publish')).map((call) => call.at(-1))).toEqual(
      [...'abcdef'],
    );
  });

  it('are refused when too many wait', async () => {
    bench.open({ maxPending: 5 });
    bench.service.answer('store', ...Array<Answer>(5).fill(['ok', 100]));
    for (const id of ['a', 'b', 'c', 'd']) bench.send(id);
    expect(() => bench.outbox.assertRoom()).not.toThrow();
    bench.send('e');
    expect(() => bench.outbox.assertRoom()).toThrow(expect.objectContaining({ code: 'rate-limited' }));
    await bench.time.advance(100);
    expect(() => bench.outbox.assertRoom()).not.toThrow();
  });

  it('all wait when one meets a limit, and those that were under way by then make it no longer', async () => {
    bench.service.answer('publish', 'rate-limited', ['rate-limited', 100]);
    const [a, b] = [bench.send('a'), bench.send('b')];
    await bench.time.advance(200);
    const c = bench.send('c');
    await bench.time.advance(10_000);
    expect(bench.calls('c')).toEqual(['350 publish', '350 store']);
    expect([a, b, c].map(({ outcome }) => outcome)).toEqual(['350 sent', '350 sent', '350 sent']);
  });
});

describe('a message that something is to be ready for', () => {
  it('waits, before each attempt, and for whatever it is by then', async () => {
    const [first, second] = [500, 900].map(
      (ms) => new Promise<void>((resolve) => void bench.time.after(ms, resolve)),
    );
    const message = bench.outbox.add('a', 'a');
    message.ready = first;
    const a = bench.follow(bench.outbox.retry('a'));
    await bench.time.advance(100);
    message.ready = second;
    await bench.time.advance(5000);
    expect(bench.calls('a')).toEqual(['900 publish', '900 store']);
    expect(a.outcome).toBe('900 sent');
  });

  it('can be changed for as long as nothing of it can have left', async () => {
    bench.gate.pause();
    bench.send('a');
    expect(bench.outbox.unsent('a')).toMatchObject({ payload: 'a' });
    bench.gate.resume();
    await bench.time.advance(0);
    bench.service.answer('publish', 'never');
    bench.send('b');
    expect(bench.outbox.unsent('b')).toBeUndefined();
    expect(bench.outbox.unsent('unknown')).toBeUndefined();
  });
});
