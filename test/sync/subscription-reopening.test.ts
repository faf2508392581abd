import { beforeEach, describe, expect, it } from 'vitest';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { SubscriptionBench } from './subscription-bench.js';
import { failure } from './topic-model.js';

let bench: SubscriptionBench;
beforeEach(() => {
  bench = new SubscriptionBench();
});

describe('G4: a token that was renewed', () => {
  it('has a new stream before the old one ends, whose items count and whose doubts do not', async () => {
    await bench.goLive();
    bench.item(1, 1);
    bench.topic.opens(['live', 300]);
    bench.topic.renew();
    await bench.time.advance(200);
    bench.item(1, 2);
    await bench.time.advance(200);
    bench.item(1, 4);
    bench.topic.stream(1).discontinuity();
    bench.topic.stream(1).closed(failure('unauthenticated'));
    bench.item(2, 4);
    await bench.time.advance(5000);
    expect(bench.log).toEqual([
      '0 item 1:1',
      '0 open with token 2',
      '200 item 1:2',
      '300 live',
      '400 item 1:4',
      '400 close 1',
      '400 item 2:4',
    ]);
    expect(bench.subscription.live).toBe(true);
  });

  it('while a stream is being opened has another one opened after that', async () => {
    bench.topic.opens(['live', 300]);
    await bench.start();
    bench.topic.renew();
    bench.topic.renew();
    await bench.time.advance(5000);
    expect(bench.log).toEqual(['0 open', '300 live', '300 open with token 3', '300 live', '2300 close 1']);
  });

  it('leaves the old stream alone when the new one ends in the moment in which it went live', async () => {
    await bench.goLive();
    bench.topic.opens('stillborn');
    bench.topic.renew();
    await bench.time.advance(200);
    bench.item(1, 1);
    await bench.time.advance(5000);
    expect(bench.log).toEqual([
      '0 open with token 2',
      '0 trouble: network',
      '200 item 1:1',
      '250 open with token 2',
      '250 live',
      '2250 close 1',
    ]);
  });

  it('is no reason to take a silent stream for a live one while its successor cannot be had', async () => {
    await bench.goLive();
    await bench.beat(1, 3, 5000);
    bench.topic.opens(['network', 20_000]);
    bench.topic.renew();
    await bench.time.advance(16_000);
    expect(bench.log).toEqual(['10000 open with token 2']);
    await bench.time.advance(4000);
    expect(bench.log.slice(1)).toEqual(['30000 trouble: network', '30000 close 1', '30000 lost: silence']);
    await bench.time.advance(1000);
    expect(bench.log.slice(-2)).toEqual(['30250 open with token 2', '30250 live']);
  });

  it('in vain is told of', async () => {
    await bench.goLive();
    bench.topic.tell(failure('token-unavailable'));
    expect(bench.log).toEqual(['0 renewal failed: token-unavailable']);
  });

  it('in a session that was closed ends the subscription', async () => {
    await bench.goLive();
    bench.topic.tell(failure('closed'));
    expect(bench.log).toEqual(['0 close 1', '0 failed: closed']);
  });
});

describe('a word of the browser', () => {
  it('is a doubt about a stream that is live', async () => {
    await bench.goLive();
    bench.hints.give('online');
    bench.hints.give('visible');
    expect(bench.log).toEqual(['0 doubt: online', '0 doubt: visible']);
  });

  it('has a stream replaced that has been silent for too long', async () => {
    const clock = bench.time.unsteady();
    bench.subscribe({ scheduler: clock });
    await bench.goLive();
    // The device slept: its timers have not run yet, and only the wall clock went on.
    clock.jump(40_000);
    bench.hints.give('resumed');
    await bench.time.advance(0);
    expect(bench.log).toEqual(['0 open', '0 live']);
  });

  it.each<[who: string, tell: () => void]>([
    ['it', () => bench.hints.give('online')],
    ['another room that got through', () => bench.topic.tell('reached')],
    ['the room', () => bench.subscription.retryNow()],
  ])('or of %s has the next attempt made at once', async (_, tell) => {
    await bench.goLive();
    bench.topic.opens('network', 'network', 'network', 'network');
    bench.topic.stream(1).closed(failure('network'), 'interrupted');
    await bench.time.advance(800);
    bench.log.length = 0;
    tell();
    await bench.time.advance(0);
    expect(bench.log).toEqual(['800 open', '800 trouble: network']);
  });

  it('counts for an attempt under way, which may be doomed', async () => {
    await bench.goLive();
    bench.topic.opens(['network', 400]);
    bench.topic.stream(1).closed(failure('network'), 'interrupted');
    await bench.time.advance(100);
    bench.hints.give('online');
    await bench.time.advance(300);
    expect(bench.log.slice(-2)).toEqual(['400 open', '400 live']);
  });
});

it('a service that answered before is no reason to hurry', async () => {
  await bench.goLive();
  bench.subscription.retryNow();
  bench.topic.opens('network');
  bench.topic.stream(1).closed(failure('network'), 'interrupted');
  await bench.time.advance(1000);
  expect(bench.log.slice(-2)).toEqual(['250 open', '250 live']);
});

describe('somebody else finds', () => {
  it('that the service cannot be reached: the stream is lost, and replaced', async () => {
    await bench.goLive();
    bench.subscription.markLost('unreachable');
    expect(bench.subscription.live).toBe(false);
    bench.subscription.markLost('unreachable');
    await bench.time.advance(0);
    expect(bench.log).toEqual(['0 close 1', '0 lost: unreachable', '0 open', '0 live']);
  });

  it('that the stream is probably dead: it is replaced before it is closed', async () => {
    await bench.goLive();
    bench.subscription.reopen();
    bench.subscription.reopen();
    await bench.time.advance(5000);
    expect(bench.log).toEqual(['0 open', '0 live', '2000 close 1']);
  });
});

describe('streams that are lost as soon as they are live', () => {
  const loseNext = async () => {
    await bench.time.advance(60_000, () => bench.subscription.live);
    bench.topic.streams.at(-1)?.closed(failure('server'));
  };
  const opened = () =>
    bench.log.filter((line) => line.endsWith('open')).map((line) => Number.parseInt(line, 10));

  it('are replaced with growing pauses, which nothing that others reach cuts short', async () => {
    await bench.goLive();
    for (let lost = 0; lost < 7; lost += 1) {
      await loseNext();
      bench.topic.tell('reached');
      bench.subscription.retryNow();
    }
    await bench.time.advance(60_000);
    const pauses = opened().map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(pauses).toEqual([0, 500, 1000, 2000, 4000, 4000, 4000]);
  });

  it('are replaced at once when the browser is online again', async () => {
    await bench.goLive();
    for (let lost = 0; lost < 5; lost += 1) await loseNext();
    bench.log.length = 0;
    await bench.time.advance(0);
    expect(opened()).toEqual([]);
    bench.hints.give('online');
    await bench.time.advance(0);
    expect(opened()).toHaveLength(1);
  });

  it('are forgotten once one has lived, whose successor is opened at once', async () => {
    await bench.goLive();
    for (let lost = 0; lost < 4; lost += 1) await loseNext();
    await bench.time.advance(60_000);
    bench.log.length = 0;
    await loseNext();
    await bench.time.advance(0);
    expect(bench.log.slice(-2)).toEqual(['61500 open', '61500 live']);
  });

  it('are replaced no faster when it is the list that cannot be reached', async () => {
    const world = inProcessWorld();
    const room = world.member('Ada');
    await world.joined(room);
    const { link } = world.clientOf(room);
    link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'request-lost', learnsAfterMs: 20 } : undefined);
    const { Subscribe: before = 0 } = link.calls;
    world.hint('online');
    await world.run(60_000);
    expect(link.calls.Subscribe).toBeLessThan(before + 40);
    link.fates = undefined;
    await world.run(20_000);
    expect(room.status).toBe('joined');
    await world.end();
  });
});
