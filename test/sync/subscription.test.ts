import { beforeEach, describe, expect, it } from 'vitest';
import type { ChatErrorCode } from '../../src/shared/errors.js';
import { SubscriptionBench } from './subscription-bench.js';
import { failure, type Opening } from './topic-model.js';

let bench: SubscriptionBench;
beforeEach(() => {
  bench = new SubscriptionBench();
});

describe('the first stream', () => {
  it.each<[how: string, openings: Opening[], log: string[]]>([
    ['is live as soon as it can be', [['live', 40]], ['0 open', '40 live']],
    [
      'is tried for again with growing pauses',
      ['network', 'server', 'live'],
      ['0 open', '0 trouble: network', '250 open', '250 trouble: server', '750 open', '750 live'],
    ],
    [
      'fails at once where trying again cannot help',
      ['permission-denied'],
      ['0 open', '0 start: permission-denied'],
    ],
    [
      'G4: is opened with another token at once where Momento refuses the first',
      ['unauthenticated'],
      ['0 open', '0 rejected', '0 open with token 2', '0 live'],
    ],
    [
      'G4: fails where Momento refuses the second as well',
      ['unauthenticated', 'unauthenticated'],
      ['0 open', '0 rejected', '0 open with token 2', '0 start: unauthenticated'],
    ],
    [
      'that ends in the moment in which it went live is none',
      ['stillborn'],
      ['0 open', '0 trouble: network', '250 open', '250 live'],
    ],
  ])('%s', async (_, openings, expected) => {
    bench.topic.opens(...openings);
    await bench.start();
    await bench.time.advance(1000);
    expect(bench.log).toEqual(expected);
    expect(bench.subscription.live).toBe(expected.at(-1)?.endsWith('live'));
  });

  it('that ends right after it went live is replaced', async () => {
    void bench.subscription.start();
    while (!bench.log.includes('0 live')) await Promise.resolve();
    bench.topic.stream(1).closed(failure('network'), 'interrupted');
    await bench.time.advance(1000);
    expect(bench.log).toEqual(['0 open', '0 live', '0 close 1', '0 lost: interrupted', '0 open', '0 live']);
  });

  it('that cannot be had within 15 s fails with the last error', async () => {
    bench.topic.opens(...Array<Opening>(9).fill('network'));
    await bench.start();
    await bench.time.advance(60_000);
    expect(bench.log.filter((line) => line.endsWith('open'))).toEqual(
      [0, 250, 750, 1750, 3750, 7750].map((at) => `${at} open`),
    );
    expect(bench.log.at(-1)).toBe('7750 start: network');
  });

  it('is tried for without end where the room does not wait for it', async () => {
    bench.subscribe({ patienceMs: Number.POSITIVE_INFINITY });
    bench.topic.opens(...Array<Opening>(9).fill('network'));
    await bench.start();
    await bench.time.advance(600_000);
    expect(bench.log.filter((line) => line.endsWith('trouble: network'))).toHaveLength(9);
    expect(bench.subscription.live).toBe(true);
  });

  it('tells other rooms of the session that the service answers', async () => {
    await bench.start();
    expect(bench.reached).toBeGreaterThan(0);
  });
});

describe('G2: a stream that ends', () => {
  const cut: [ChatErrorCode, 'interrupted'] = ['network', 'interrupted'];
  it.each<[how: string, end: [ChatErrorCode, 'interrupted'?], openings: Opening[], log: string[]]>([
    [
      'with its connection is replaced, and is no error',
      cut,
      [],
      ['0 close 1', '0 lost: interrupted', '0 open', '0 live'],
    ],
    [
      'with an error is replaced, and the error is told of',
      ['server'],
      [],
      ['0 close 1', '0 lost: ended', '0 trouble: server', '0 open', '0 live'],
    ],
    [
      'G4: because its token was refused is opened with another one, and nobody is troubled',
      ['unauthenticated'],
      [],
      ['0 close 1', '0 lost: ended', '0 rejected', '0 open with token 2', '0 live'],
    ],
    [
      'for good ends the subscription',
      ['permission-denied'],
      [],
      ['0 close 1', '0 lost: ended', '0 failed: permission-denied'],
    ],
    [
      'is lost once, however long its successor cannot be had',
      cut,
      ['network', 'timeout'],
      [
        '0 close 1',
        '0 lost: interrupted',
        '0 open',
        '0 trouble: network',
        '250 open',
        '250 trouble: timeout',
        '750 open',
        '750 live',
      ],
    ],
    [
      'ends the subscription where its successor is refused for good',
      cut,
      ['permission-denied'],
      ['0 close 1', '0 lost: interrupted', '0 open', '0 failed: permission-denied'],
    ],
  ])('%s', async (_, [code, how], openings, expected) => {
    await bench.goLive();
    bench.topic.opens(...openings);
    bench.topic.stream(1).closed(failure(code), how);
    await bench.time.advance(1000);
    expect(bench.log).toEqual(expected);
  });

  it('G4: is not taken for refused once more when its successor cannot be had', async () => {
    await bench.goLive();
    bench.topic.opens('network');
    bench.topic.stream(1).closed(failure('unauthenticated'));
    await bench.time.advance(1000);
    expect(bench.log.slice(2)).toEqual([
      '0 rejected',
      '0 open with token 2',
      '0 trouble: network',
      '250 open with token 2',
      '250 live',
    ]);
  });

  it('G4: and gets no other token ends the subscription', async () => {
    await bench.goLive();
    bench.topic.renews = false;
    bench.topic.stream(1).closed(failure('unauthenticated'));
    await bench.time.advance(1000);
    expect(bench.log.slice(-2)).toEqual(['0 rejected', '0 failed: unauthenticated']);
    expect([bench.topic.listeners, bench.time.pending]).toEqual([0, 0]);
  });

  it('waits for its successor without end', async () => {
    await bench.goLive();
    bench.topic.opens(...Array<Opening>(30).fill('network'));
    bench.topic.stream(1).closed(failure('network'));
    await bench.time.advance(300_000);
    // Where there is no stream, its silence says nothing.
    expect(bench.log.filter((line) => line.includes('doubt'))).toEqual([]);
    await bench.time.advance(300_000);
    expect(bench.subscription.live).toBe(true);
    const openedAt = bench.log
      .filter((line) => line.endsWith('open'))
      .map((line) => Number.parseInt(line, 10));
    expect(Math.max(...openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0)))).toBe(15_000);
  });
});

describe('G5: when it is stopped', () => {
  it.each<[when: string, begin: () => Promise<void>, closed: string[]]>([
    ['while it is live', () => bench.goLive(), ['close 1']],
    [
      'while an old stream is open beside the new one',
      async () => {
        await bench.goLive();
        bench.topic.renew();
        await bench.time.advance(0);
      },
      ['close 1', 'close 2'],
    ],
    [
      'while it waits for its next attempt',
      async () => {
        bench.topic.opens('network', 'network');
        await bench.start();
      },
      ['start: closed'],
    ],
    [
      'while it waits for the successor of a stream',
      async () => {
        await bench.goLive();
        bench.topic.opens('network', 'network');
        bench.topic.stream(1).closed(failure('network'), 'interrupted');
        await bench.time.advance(0);
      },
      [],
    ],
    [
      'while a stream is being opened that never opens',
      async () => {
        bench.topic.opens('never');
        await bench.start();
      },
      ['start: closed'],
    ],
  ])('%s, all streams close, nobody listens, and no timer is left', async (_, begin, closed) => {
    await begin();
    bench.log.length = 0;
    bench.subscription.stop();
    await bench.time.advance(0);
    expect(bench.log).toEqual(closed.map((what) => `0 ${what}`));
    expect([bench.topic.listeners, bench.time.pending, bench.subscription.live]).toEqual([0, 0, false]);
    bench.hints.give('online');
    for (const number of bench.topic.streams.keys()) bench.item(number + 1, 9);
    await bench.time.advance(60_000);
    expect(bench.log).toHaveLength(closed.length);
  });

  it('a stream that opens after that is closed, and nobody is told', async () => {
    bench.topic.opens(['live', 500]);
    await bench.start();
    bench.subscription.stop();
    bench.log.length = 0;
    await bench.time.advance(1000);
    expect(bench.log.filter((line) => line.endsWith('live'))).toEqual([]);
    expect(bench.subscription.live).toBe(false);
  });
});
