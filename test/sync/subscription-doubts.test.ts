import { beforeEach, describe, expect, it } from 'vitest';
import type { Uncertainty } from '../../src/transport/transport.js';
import { SubscriptionBench } from './subscription-bench.js';
import { failure } from './topic-model.js';

let bench: SubscriptionBench;
beforeEach(() => {
  bench = new SubscriptionBench();
});

describe('G2: what a stream may have missed', () => {
  it.each<[how: string, act: () => void, told: string[]]>([
    [
      'nothing, where the numbers follow one another',
      () => [4, 5, 6].forEach((n) => void bench.item(1, n)),
      [],
    ],
    ['a number was left out', () => [4, 6].forEach((n) => void bench.item(1, n)), ['doubt: sequence']],
    ['a number came again', () => [4, 4].forEach((n) => void bench.item(1, n)), ['doubt: sequence']],
    ['Momento says so', () => bench.topic.stream(1).discontinuity(), ['doubt: discontinuity']],
    [
      'Momento says so, and numbers begin anew, which says nothing more',
      () => {
        bench.item(1, 4);
        bench.topic.stream(1).discontinuity();
        bench.item(1, 1);
      },
      ['doubt: discontinuity'],
    ],
    ...(['heartbeat', 'first-item', 'restart'] satisfies Uncertainty[]).map(
      (reason): [string, () => void, string[]] => [
        `the transport is not sure: ${reason}`,
        () => bench.topic.stream(1).uncertain(reason),
        [`doubt: ${reason}`],
      ],
    ),
    ['it was restored, as good as a new one', () => bench.topic.stream(1).uncertain('restored'), ['live']],
  ])('%s', async (_, act, told) => {
    await bench.goLive();
    act();
    expect(bench.log.filter((line) => !line.includes(' item '))).toEqual(told.map((what) => `0 ${what}`));
  });
});

describe('G2: a stream that falls silent', () => {
  it('is replaced after three heartbeats that did not come, and closed when its successor has been live for 2 s', async () => {
    await bench.goLive();
    await bench.beat(1, 3, 5000);
    await bench.time.advance(60_000);
    expect(bench.log).toEqual(['25000 open', '25000 live', '27000 close 1', '55000 doubt: silence']);
  });

  it('is borne for ten seconds, however often its heart beats', async () => {
    await bench.goLive();
    await bench.beat(1, 21, 500);
    await bench.time.advance(9900);
    expect(bench.log).toEqual([]);
    await bench.time.advance(1100);
    // It is looked at once a second.
    expect(bench.log).toEqual(['20500 open', '20500 live']);
  });

  it('and never had a heartbeat may have nothing to say: it is doubted every 30 s', async () => {
    await bench.goLive();
    await bench.time.advance(65_000);
    expect(bench.log).toEqual(['30000 doubt: silence', '60000 doubt: silence']);
  });

  it('is left alone for as long as anything comes', async () => {
    await bench.goLive();
    await bench.beat(1, 2, 5000);
    for (let sequence = 1; sequence < 10; sequence += 1) {
      bench.item(1, sequence);
      await bench.time.advance(9000);
    }
    expect(bench.log.filter((line) => !line.includes(' item '))).toEqual([]);
  });

  it('is lost as soon as its successor cannot be had', async () => {
    await bench.goLive();
    bench.topic.opens('network', 'network');
    await bench.beat(1, 2, 5000);
    await bench.time.advance(30_000);
    expect(bench.log.map((line) => line.slice(line.indexOf(' ') + 1)).slice(0, 7)).toEqual([
      'open',
      'trouble: network',
      'close 1',
      'lost: silence',
      'open',
      'trouble: network',
      'open',
    ]);
    expect(bench.log.filter((line) => line.endsWith('lost: silence'))).toHaveLength(1);
  });
});

describe('the next stream begins', () => {
  it.each<[where: string, act: () => void, opened: string]>([
    ['after the last item, where the transport tells its place', () => bench.item(1, 7, 2), 'open after 2/7'],
    ['anywhere, where it does not', () => bench.item(1, 7), 'open'],
    [
      'after the last item of the new page',
      () => {
        bench.item(1, 7, 2);
        bench.item(1, 1, 3);
      },
      'open after 3/1',
    ],
    [
      'after the last item, though an older one came behind it',
      () => {
        bench.item(1, 7, 2);
        bench.item(1, 6, 2);
      },
      'open after 2/7',
    ],
  ])('%s', async (_, act, opened) => {
    await bench.goLive();
    act();
    bench.topic.stream(1).closed(failure('network'), 'interrupted');
    await bench.time.advance(0);
    expect(bench.log).toContain(`0 ${opened}`);
  });

  it('and what it leaves out after that place is noticed', async () => {
    await bench.goLive();
    bench.item(1, 7, 2);
    bench.topic.stream(1).closed(failure('network'), 'interrupted');
    await bench.time.advance(0);
    bench.item(2, 9, 2);
    // Before the item: where it stands is not known yet.
    expect(bench.log.slice(-2)).toEqual(['0 doubt: sequence', '0 item 2:9']);
  });
});
