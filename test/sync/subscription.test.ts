import { beforeEach, describe, expect, it } from 'vitest';
import type { Scheduler } from '../../src/shared/clock.js';
import type { ChatErrorCode } from '../../src/shared/errors.js';
import { Subscription } from '../../src/sync/subscription.js';
import type { Uncertainty } from '../../src/transport/transport.js';
import { Hints } from '../support/hints.js';
import { VirtualTime } from '../support/virtual-time.js';
import { failure, type Opening, TopicModel } from './topic-model.js';

let time: VirtualTime;
let topic: TopicModel;
let hints: Hints;
let subscription: Subscription;
/** What happened, with the time: streams that are opened and closed, and what the room is told of. */
let log: string[];

beforeEach(() => {
  time = new VirtualTime(1, 0);
  hints = new Hints();
  log = [];
  topic = new TopicModel(time, note);
  subscription = subscribe();
});

function note(what: string): void {
  // Told of each stream that goes live; one test is about that.
  if (what !== 'reached') log.push(`${time.monotonic()} ${what}`);
}

function subscribe({
  scheduler = time.withoutJitter(),
  ...options
}: {
  scheduler?: Scheduler;
  patienceMs?: number;
} = {}): Subscription {
  return new Subscription({
    connection: topic,
    topic: { cache: 'chat', topic: 'r-chat' },
    environment: {
      scheduler,
      connectivity: hints,
      connect: () => topic.transport(),
      connectClients: () => topic.transport(),
    },
    events: {
      item: ({ value }) => note(`item ${value}`),
      live: () => note('live'),
      doubt: (reason) => note(`doubt: ${reason}`),
      lost: (reason) => note(`lost: ${reason}`),
      trouble: ({ code }) => note(`trouble: ${code}`),
      renewalFailed: ({ code }) => note(`renewal failed: ${code}`),
      failed: ({ code }) => note(`failed: ${code}`),
    },
    ...options,
  });
}

/** Starts it; the log holds how that ended. */
async function start(): Promise<void> {
  subscription.start().then(
    () => {},
    ({ code }) => note(`start: ${code}`),
  );
  await time.advance(0);
}

/** Starts it on a stream that goes live, and forgets that. */
async function goLive(): Promise<void> {
  await start();
  expect(log).toEqual(['0 open', '0 live']);
  log.length = 0;
}

/** Lets stream `number` show `count` heartbeats. */
async function beat(number: number, count: number, everyMs: number): Promise<void> {
  for (let beats = 0; beats < count; beats += 1) {
    topic.stream(number).heartbeat();
    if (beats < count - 1) await time.advance(everyMs);
  }
}

const item = (number: number, sequence: number, page?: number) =>
  topic
    .stream(number)
    .item({ value: `${number}:${sequence}`, sequence, ...(page !== undefined && { page }) });

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
    topic.opens(...openings);
    await start();
    await time.advance(1000);
    expect(log).toEqual(expected);
    expect(subscription.live).toBe(expected.at(-1)?.endsWith('live'));
  });

  it('that cannot be had within 15 s fails with the last error', async () => {
    topic.opens(...Array<Opening>(9).fill('network'));
    await start();
    await time.advance(60_000);
    expect(log.filter((line) => line.endsWith('open'))).toEqual(
      [0, 250, 750, 1750, 3750, 7750].map((at) => `${at} open`),
    );
    expect(log.at(-1)).toBe('7750 start: network');
  });

  it('is tried for without end where the room does not wait for it', async () => {
    subscription = subscribe({ patienceMs: Number.POSITIVE_INFINITY });
    topic.opens(...Array<Opening>(9).fill('network'));
    await start();
    await time.advance(600_000);
    expect(log.filter((line) => line.endsWith('trouble: network'))).toHaveLength(9);
    expect(subscription.live).toBe(true);
  });

  it('tells other rooms of the session that the service answers', async () => {
    const reached: string[] = [];
    topic = new TopicModel(time, (what) => reached.push(what));
    subscription = subscribe();
    await start();
    expect(reached).toContain('reached');
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
      'G4: because its token was refused is opened with another one, and not with that',
      ['unauthenticated'],
      [],
      [
        '0 close 1',
        '0 lost: ended',
        '0 trouble: unauthenticated',
        '0 rejected',
        '0 open with token 2',
        '0 live',
      ],
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
    await goLive();
    topic.opens(...openings);
    topic.stream(1).closed(failure(code), how);
    await time.advance(1000);
    expect(log).toEqual(expected);
  });

  it('G4: is not taken for refused once more when its successor cannot be had', async () => {
    await goLive();
    topic.opens('network');
    topic.stream(1).closed(failure('unauthenticated'));
    await time.advance(1000);
    expect(log.slice(3)).toEqual([
      '0 rejected',
      '0 open with token 2',
      '0 trouble: network',
      '250 open with token 2',
      '250 live',
    ]);
  });

  it('G4: and gets no other token ends the subscription', async () => {
    await goLive();
    topic.renews = false;
    topic.stream(1).closed(failure('unauthenticated'));
    await time.advance(1000);
    expect(log.slice(-2)).toEqual(['0 rejected', '0 failed: unauthenticated']);
    expect([topic.listeners, time.pending]).toEqual([0, 0]);
  });

  it('waits for its successor without end', async () => {
    await goLive();
    topic.opens(...Array<Opening>(30).fill('network'));
    topic.stream(1).closed(failure('network'));
    await time.advance(300_000);
    // Where there is no stream, its silence says nothing.
    expect(log.filter((line) => line.includes('doubt'))).toEqual([]);
    await time.advance(300_000);
    expect(subscription.live).toBe(true);
    const openedAt = log.filter((line) => line.endsWith('open')).map((line) => Number.parseInt(line, 10));
    expect(Math.max(...openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0)))).toBe(15_000);
  });
});

describe('G2: what a stream may have missed', () => {
  it.each<[how: string, act: () => void, told: string[]]>([
    ['nothing, where the numbers follow one another', () => [4, 5, 6].forEach((n) => void item(1, n)), []],
    ['a number was left out', () => [4, 6].forEach((n) => void item(1, n)), ['doubt: sequence']],
    ['a number came again', () => [4, 4].forEach((n) => void item(1, n)), ['doubt: sequence']],
    ['Momento says so', () => topic.stream(1).discontinuity(), ['doubt: discontinuity']],
    [
      'Momento says so, and numbers begin anew, which says nothing more',
      () => {
        item(1, 4);
        topic.stream(1).discontinuity();
        item(1, 1);
      },
      ['doubt: discontinuity'],
    ],
    ...(['heartbeat', 'first-item', 'restart'] satisfies Uncertainty[]).map(
      (reason): [string, () => void, string[]] => [
        `the transport is not sure: ${reason}`,
        () => topic.stream(1).uncertain(reason),
        [`doubt: ${reason}`],
      ],
    ),
    ['it was restored, as good as a new one', () => topic.stream(1).uncertain('restored'), ['live']],
  ])('%s', async (_, act, told) => {
    await goLive();
    act();
    expect(log.filter((line) => !line.includes(' item '))).toEqual(told.map((what) => `0 ${what}`));
  });
});

describe('G2: a stream that falls silent', () => {
  it('is replaced after three heartbeats that did not come, and closed when its successor has been live for 2 s', async () => {
    await goLive();
    await beat(1, 3, 5000);
    await time.advance(60_000);
    expect(log).toEqual(['25000 open', '25000 live', '27000 close 1', '55000 doubt: silence']);
  });

  it('is borne for ten seconds, however often its heart beats', async () => {
    await goLive();
    await beat(1, 21, 500);
    await time.advance(9900);
    expect(log).toEqual([]);
    await time.advance(1100);
    // It is looked at once a second.
    expect(log).toEqual(['20500 open', '20500 live']);
  });

  it('and never had a heartbeat may have nothing to say: it is doubted every 30 s', async () => {
    await goLive();
    await time.advance(65_000);
    expect(log).toEqual(['30000 doubt: silence', '60000 doubt: silence']);
  });

  it('is left alone for as long as anything comes', async () => {
    await goLive();
    await beat(1, 2, 5000);
    for (let sequence = 1; sequence < 10; sequence += 1) {
      item(1, sequence);
      await time.advance(9000);
    }
    expect(log.filter((line) => !line.includes(' item '))).toEqual([]);
  });

  it('is lost as soon as its successor cannot be had', async () => {
    await goLive();
    topic.opens('network', 'network');
    await beat(1, 2, 5000);
    await time.advance(30_000);
    expect(log.map((line) => line.slice(line.indexOf(' ') + 1)).slice(0, 7)).toEqual([
      'open',
      'trouble: network',
      'close 1',
      'lost: silence',
      'open',
      'trouble: network',
      'open',
    ]);
    expect(log.filter((line) => line.endsWith('lost: silence'))).toHaveLength(1);
  });
});

describe('G4: a token that was renewed', () => {
  it('has a new stream before the old one ends, whose items count and whose doubts do not', async () => {
    await goLive();
    item(1, 1);
    topic.opens(['live', 300]);
    topic.renew();
    await time.advance(200);
    item(1, 2);
    await time.advance(200);
    item(1, 4);
    topic.stream(1).discontinuity();
    topic.stream(1).closed(failure('unauthenticated'));
    item(2, 4);
    await time.advance(5000);
    expect(log).toEqual([
      '0 item 1:1',
      '0 open with token 2',
      '200 item 1:2',
      '300 live',
      '400 item 1:4',
      '400 close 1',
      '400 item 2:4',
    ]);
    expect(subscription.live).toBe(true);
  });

  it('while a stream is being opened has another one opened after that', async () => {
    topic.opens(['live', 300]);
    await start();
    topic.renew();
    topic.renew();
    await time.advance(5000);
    expect(log).toEqual(['0 open', '300 live', '300 open with token 3', '300 live', '2300 close 1']);
  });

  it('leaves the old stream alone when the new one ends in the moment in which it went live', async () => {
    await goLive();
    topic.opens('stillborn');
    topic.renew();
    await time.advance(200);
    item(1, 1);
    await time.advance(5000);
    expect(log).toEqual([
      '0 open with token 2',
      '0 trouble: network',
      '200 item 1:1',
      '250 open with token 2',
      '250 live',
      '2250 close 1',
    ]);
  });

  it('in vain is told of', async () => {
    await goLive();
    topic.tell(failure('token-unavailable'));
    expect(log).toEqual(['0 renewal failed: token-unavailable']);
  });

  it('in a session that was closed ends the subscription', async () => {
    await goLive();
    topic.tell(failure('closed'));
    expect(log).toEqual(['0 close 1', '0 failed: closed']);
  });
});

describe('the next stream begins', () => {
  it.each<[where: string, act: () => void, opened: string]>([
    ['after the last item, where the transport tells its place', () => item(1, 7, 2), 'open after 2/7'],
    ['anywhere, where it does not', () => item(1, 7), 'open'],
    [
      'after the last item of the new page',
      () => {
        item(1, 7, 2);
        item(1, 1, 3);
      },
      'open after 3/1',
    ],
    [
      'after the last item, though an older one came behind it',
      () => {
        item(1, 7, 2);
        item(1, 6, 2);
      },
      'open after 2/7',
    ],
  ])('%s', async (_, act, opened) => {
    await goLive();
    act();
    topic.stream(1).closed(failure('network'), 'interrupted');
    await time.advance(0);
    expect(log).toContain(`0 ${opened}`);
  });

  it('and what it leaves out after that place is noticed', async () => {
    await goLive();
    item(1, 7, 2);
    topic.stream(1).closed(failure('network'), 'interrupted');
    await time.advance(0);
    item(2, 9, 2);
    expect(log.at(-1)).toBe('0 doubt: sequence');
  });
});

describe('a word of the browser', () => {
  it('is a doubt about a stream that is live', async () => {
    await goLive();
    hints.give('online');
    hints.give('visible');
    expect(log).toEqual(['0 doubt: online', '0 doubt: visible']);
  });

  it('has a stream replaced that has been silent for too long', async () => {
    const clock = time.unsteady();
    subscription = subscribe({ scheduler: clock });
    await goLive();
    // The device slept: its timers have not run yet, and only the wall clock went on.
    clock.jump(40_000);
    hints.give('resumed');
    await time.advance(0);
    expect(log).toEqual(['0 open', '0 live']);
  });

  it.each<[who: string, tell: () => void]>([
    ['it', () => hints.give('online')],
    ['another room that got through', () => topic.tell('reached')],
    ['the room', () => subscription.retryNow()],
  ])('or of %s has the next attempt made at once', async (_, tell) => {
    await goLive();
    topic.opens('network', 'network', 'network', 'network');
    topic.stream(1).closed(failure('network'), 'interrupted');
    await time.advance(800);
    log.length = 0;
    tell();
    await time.advance(0);
    expect(log).toEqual(['800 open', '800 trouble: network']);
  });

  it('counts for an attempt under way, which may be doomed', async () => {
    await goLive();
    topic.opens(['network', 400]);
    topic.stream(1).closed(failure('network'), 'interrupted');
    await time.advance(100);
    hints.give('online');
    await time.advance(300);
    expect(log.slice(-2)).toEqual(['400 open', '400 live']);
  });
});

it('a service that answered before is no reason to hurry', async () => {
  await goLive();
  subscription.retryNow();
  topic.opens('network');
  topic.stream(1).closed(failure('network'), 'interrupted');
  await time.advance(1000);
  expect(log.slice(-2)).toEqual(['250 open', '250 live']);
});

describe('somebody else finds', () => {
  it('that the service cannot be reached: the stream is lost, and replaced', async () => {
    await goLive();
    subscription.markLost('unreachable');
    expect(subscription.live).toBe(false);
    subscription.markLost('unreachable');
    await time.advance(0);
    expect(log).toEqual(['0 close 1', '0 lost: unreachable', '0 open', '0 live']);
  });

  it('that the stream is probably dead: it is replaced before it is closed', async () => {
    await goLive();
    subscription.reopen();
    subscription.reopen();
    await time.advance(5000);
    expect(log).toEqual(['0 open', '0 live', '2000 close 1']);
  });
});

describe('G5: when it is stopped', () => {
  it.each<[when: string, begin: () => Promise<void>, closed: string[]]>([
    ['while it is live', goLive, ['close 1']],
    [
      'while an old stream is open beside the new one',
      async () => {
        await goLive();
        topic.renew();
        await time.advance(0);
      },
      ['close 2', 'close 1'],
    ],
    [
      'while it waits for its next attempt',
      async () => {
        topic.opens('network', 'network');
        await start();
      },
      ['start: closed'],
    ],
    [
      'while it waits for the successor of a stream',
      async () => {
        await goLive();
        topic.opens('network', 'network');
        topic.stream(1).closed(failure('network'), 'interrupted');
        await time.advance(0);
      },
      [],
    ],
    [
      'while a stream is being opened that never opens',
      async () => {
        topic.opens('never');
        await start();
      },
      [],
    ],
  ])('%s, all streams close, nobody listens, and no timer is left', async (_, begin, closed) => {
    await begin();
    log.length = 0;
    subscription.stop();
    await time.advance(0);
    expect(log).toEqual(closed.map((what) => `0 ${what}`));
    expect([topic.listeners, time.pending, subscription.live]).toEqual([0, 0, false]);
    hints.give('online');
    for (const number of topic.streams.keys()) item(number + 1, 9);
    await time.advance(60_000);
    expect(log).toHaveLength(closed.length);
  });

  it('a stream that opens after that is closed, and nobody is told', async () => {
    topic.opens(['live', 500]);
    await start();
    subscription.stop();
    log.length = 0;
    await time.advance(1000);
    expect(log.filter((line) => line.endsWith('live'))).toEqual([]);
    expect(subscription.live).toBe(false);
  });
});
