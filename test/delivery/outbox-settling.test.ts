import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxBench } from './outbox-bench.js';
import type { Answer, Step } from './service.js';

let bench: OutboxBench;
beforeEach(() => {
  bench = new OutboxBench();
});

describe('G2: the settle rule', () => {
  it.each<[when: string, { publish?: Answer[]; store: Answer[]; published: string[]; sentAt: number }]>([
    [
      'stored two seconds after it was published, a message is not published again',
      {
        store: [['ok', 2000]],
        published: ['0 publish'],
        sentAt: 2000,
      },
    ],
    [
      'stored later than that, it is',
      {
        store: [['ok', 2001]],
        published: ['0 publish', '2001 publish'],
        sentAt: 2001,
      },
    ],
    [
      'it counts from the attempt that was acknowledged, not from the first',
      {
        publish: [['network', 500]],
        store: [['ok', 2600]],
        published: ['0 publish', '625 publish'],
        sentAt: 2600,
      },
    ],
    [
      'it counts from when that attempt began, not from its acknowledgement',
      {
        publish: [['ok', 1000]],
        store: [['ok', 2500]],
        published: ['0 publish', '2500 publish'],
        sentAt: 2500,
      },
    ],
    [
      'stored long before it is published, it is published once',
      {
        publish: [['network', 3000]],
        store: ['ok'],
        published: ['0 publish', '3125 publish'],
        sentAt: 3125,
      },
    ],
  ])('%s', async (_, { publish = [], store, published, sentAt }) => {
    bench.service.answer('publish', ...publish);
    bench.service.answer('store', ...store);
    const a = bench.send('a');
    await bench.time.advance(60_000);
    expect(bench.calls('publish')).toEqual(published);
    expect(bench.calls('store')).toEqual(['0 store']);
    expect(a.outcome).toBe(`${sentAt} sent`);
  });

  it('holds for a retry: what was published long before is published again', async () => {
    bench.service.answer('store', 'permission-denied');
    bench.send('a');
    await bench.time.advance(2001);
    bench.follow(bench.outbox.retry('a'));
    await bench.time.advance(0);
    expect(bench.service.calls.slice(2)).toEqual(['2001 store a', '2001 publish a']);
  });
});

describe('G3: a payload that is seen', () => {
  it.each<Step>(['publish', 'store'])('needs no second call to %s it', async (step) => {
    bench.service.answer(step, ['timeout', 1500]);
    const a = bench.send('a');
    await bench.time.advance(1000);
    bench.outbox.saw(step, ['a']);
    await bench.time.advance(10_000);
    expect(bench.calls(step)).toEqual([`0 ${step}`]);
    expect(a.outcome).toBe('1500 sent');
  });

  it('is no acknowledgement where it is too old for the settle rule: each echo would have it made again', async () => {
    bench.service.answer('publish', ['timeout', 2500]);
    bench.send('a');
    await bench.time.advance(2001);
    bench.outbox.saw('publish', ['a']);
    await bench.time.advance(10_000);
    expect(bench.calls('publish')).toEqual(['0 publish', '2625 publish']);
  });

  it('that is another one acknowledges nothing', async () => {
    bench.service.answer('publish', 'timeout');
    bench.send('a');
    await bench.time.advance(0);
    bench.outbox.saw('publish', ['b']);
    await bench.time.advance(1000);
    expect(bench.calls('publish')).toEqual(['0 publish', '125 publish']);
  });

  it('before anything of it left acknowledges nothing: somebody else made it up', async () => {
    bench.gate.pause();
    bench.send('a');
    bench.outbox.saw('publish', ['a']);
    bench.gate.resume();
    await bench.time.advance(0);
    expect(bench.calls('a')).toEqual(['0 publish', '0 store']);
  });

  it.each<[when: string, { publish: Answer; store: Answer; saw: Step[]; complete: string[] }]>([
    ['as the last that was missing', { publish: 'ok', store: 'closed', saw: ['store'], complete: ['a'] }],
    ['but not stored yet', { publish: 'closed', store: 'closed', saw: ['publish'], complete: [] }],
    ['both ways', { publish: 'closed', store: 'closed', saw: ['publish', 'store'], complete: ['a'] }],
  ])(
    'after it was given up, %s, is told of where nothing is missing',
    async (_, { publish, store, saw, complete }) => {
      bench.service.answer('publish', publish);
      bench.service.answer('store', store);
      bench.send('a');
      await bench.time.advance(0);
      const results = saw.map((step) => bench.outbox.saw(step, ['a']));
      expect(results.at(-1)).toEqual(complete);
    },
  );

  it('after it was handed over to another page needs to be stored only', async () => {
    bench.service.answer('publish', 'closed');
    bench.service.answer('store', 'closed');
    bench.send('a');
    await bench.time.advance(0);
    bench.outbox.add('a', 'a').handedOver = true;
    expect(bench.outbox.saw('store', ['a'])).toEqual(['a']);
  });
});

describe('G2: a message that was given up is settled', () => {
  it.each<[when: string, { storedAfterMs: number; settled: boolean }]>([
    ['when it is found stored within the window', { storedAfterMs: 2000, settled: true }],
    ['not when it is found stored later', { storedAfterMs: 2001, settled: false }],
  ])('%s', async (_, { storedAfterMs, settled }) => {
    bench.service.answer('store', 'closed');
    bench.send('a');
    await bench.time.advance(storedAfterMs);
    bench.outbox.saw('store', ['a']);
    expect(bench.outbox.settled('a')).toBe(settled);
    expect(bench.outbox.settled('a')).toBe(false);
  });

  it('not while it is under way', async () => {
    bench.service.answer('publish', 'never');
    bench.send('a');
    await bench.time.advance(0);
    bench.outbox.saw('publish', ['a']);
    expect(bench.outbox.settled('a')).toBe(false);
    expect(bench.outbox.settled('unknown')).toBe(false);
  });
});
