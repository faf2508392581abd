import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '../../src/delivery/outbox.js';
import { SEND_DEFAULTS, type SendPolicy } from '../../src/delivery/send-policy.js';
import type { AllGiven } from '../../src/shared/all-given.js';
import { VirtualTime } from '../support/virtual-time.js';
import { type Answer, Service, type Step } from './service.js';

let time: VirtualTime;
let service: Service;
let outbox: Outbox;
/** What the room is told of. */
let told: string[];

beforeEach(() => {
  time = new VirtualTime(1, 0);
  service = new Service(time);
  told = [];
  open();
});

function open(policy: Partial<AllGiven<SendPolicy>> = {}): void {
  outbox = new Outbox({
    scheduler: time.withoutJitter(),
    transport: service,
    policy: { ...SEND_DEFAULTS, ...policy },
    onTrouble: () => told.push(`${time.monotonic()} trouble`),
    onRetry: () => told.push(`${time.monotonic()} again`),
  });
}

/** Follows a sending: `outcome` is `sent` or the error's code, with the time, as soon as there is one. */
function follow(sending: Promise<void>): { outcome: string | undefined } {
  const message: { outcome: string | undefined } = { outcome: undefined };
  const end = (how: string) => {
    message.outcome = `${time.monotonic()} ${how}`;
  };
  sending.then(
    () => end('sent'),
    ({ code }) => end(code),
  );
  return message;
}

const send = (id: string) => follow(outbox.send(id, id));
/** The calls of one message, or of one kind. */
const calls = (...words: string[]) =>
  service.calls
    .filter((call) => words.every((word) => call.split(' ').includes(word)))
    .map((call) => call.split(' ').slice(0, 2).join(' '));

it('G3: publishes and stores at once: both calls have left before `send` returns', () => {
  send('a');
  expect(service.calls).toEqual(['0 publish a', '0 store a']);
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
    service.answer('publish', ...publish);
    service.answer('store', ...store);
    const a = send('a');
    await time.advance(60_000);
    expect(calls('a')).toEqual(expected);
    expect(a.outcome).toBe(outcome);
  });

  it('that failed is tried again with the same bytes, and what was acknowledged is not done twice', async () => {
    service.answer('store', 'permission-denied');
    send('a');
    await time.advance(1000);
    const again = follow(outbox.retry('a'));
    await time.advance(0);
    expect(again.outcome).toBe('1000 sent');
    expect(service.calls).toEqual(['0 publish a', '0 store a', '1000 store a']);
  });

  it('that is unknown cannot be tried again', async () => {
    await expect(outbox.retry('a')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('that was discarded cannot be tried again either', async () => {
    service.answer('store', 'permission-denied');
    send('a');
    await time.advance(0);
    outbox.discard('a');
    await expect(outbox.retry('a')).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('tells of a service that cannot be reached, and of each call that is made again', async () => {
    service.answer('publish', 'network', 'timeout');
    send('a');
    await time.advance(10_000);
    expect(told).toEqual(['0 trouble', '125 again', '375 again']);
  });
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
    service.answer('publish', ...publish);
    service.answer('store', ...store);
    const a = send('a');
    await time.advance(60_000);
    expect(calls('publish')).toEqual(published);
    expect(calls('store')).toEqual(['0 store']);
    expect(a.outcome).toBe(`${sentAt} sent`);
  });

  it('holds for a retry: what was published long before is published again', async () => {
    service.answer('store', 'permission-denied');
    send('a');
    await time.advance(2001);
    follow(outbox.retry('a'));
    await time.advance(0);
    expect(service.calls.slice(2)).toEqual(['2001 store a', '2001 publish a']);
  });
});

describe('many messages', () => {
  it('leave three at a time, in their order', async () => {
    service.answer('store', ['ok', 300], ['ok', 100], ['ok', 200]);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) send(id);
    await time.advance(1000);
    expect(calls('publish')).toEqual(['0', '0', '0', '100', '100', '100'].map((at) => `${at} publish`));
    expect(service.calls.filter((call) => call.includes('publish')).map((call) => call.at(-1))).toEqual([
      ...'abcdef',
    ]);
  });

  it('are refused when too many wait', async () => {
    open({ maxPending: 5 });
    service.answer('store', ...Array<Answer>(5).fill(['ok', 100]));
    for (const id of ['a', 'b', 'c', 'd']) send(id);
    expect(() => outbox.assertRoom()).not.toThrow();
    send('e');
    expect(() => outbox.assertRoom()).toThrow(expect.objectContaining({ code: 'rate-limited' }));
    await time.advance(100);
    expect(() => outbox.assertRoom()).not.toThrow();
  });

  it('all wait when one meets a limit, and those that were under way by then make it no longer', async () => {
    service.answer('publish', 'rate-limited', ['rate-limited', 100]);
    const [a, b] = [send('a'), send('b')];
    await time.advance(200);
    const c = send('c');
    await time.advance(10_000);
    expect(calls('c')).toEqual(['350 publish', '350 store']);
    expect([a, b, c].map(({ outcome }) => outcome)).toEqual(['350 sent', '350 sent', '350 sent']);
  });
});

describe('while the connection is lost', () => {
  it('nothing leaves, and all leaves when it is back', async () => {
    outbox.pause();
    const a = send('a');
    await time.advance(60_000);
    expect(service.calls).toEqual([]);
    outbox.resume();
    await time.advance(0);
    expect(a.outcome).toBe('60000 sent');
  });

  it('a message fails with `network` when patience is over', async () => {
    outbox.pause();
    const a = send('a');
    await time.advance(400_000);
    expect([a.outcome, service.calls]).toEqual(['300000 network', []]);
  });

  it('attempts that were under way do not count', async () => {
    open({ maxAttempts: 1 });
    service.answer('store', ['network', 500]);
    const a = send('a');
    outbox.pause();
    await time.advance(10_000);
    outbox.resume();
    await time.advance(0);
    expect(a.outcome).toBe('10000 sent');
  });

  it('a limit that does not pass in time is `rate-limited`', async () => {
    open({ timeoutMs: 500 });
    service.answer('publish', 'rate-limited', 'rate-limited');
    const a = send('a');
    await time.advance(10_000);
    expect(a.outcome).toBe('500 rate-limited');
  });
});

describe('G5: closing', () => {
  it('ends every message at once, and resolves when no call is under way', async () => {
    service.answer('store', ...Array<Answer>(3).fill(['ok', 800]));
    const messages = ['a', 'b', 'c', 'd'].map(send);
    let over = false;
    void outbox.close('the room was left').then(() => {
      over = true;
    });
    await time.advance(0);
    expect(messages.map(({ outcome }) => outcome)).toEqual(Array(4).fill('0 closed'));
    expect(over).toBe(false);
    await time.advance(800);
    expect(over).toBe(true);
    expect(service.calls).toHaveLength(6);
  });

  it.each<[what: string, hinder: () => void]>([
    ['for the connection', () => outbox.pause()],
    ['for a limit to pass', () => service.answer('publish', 'rate-limited')],
    ['for its next attempt', () => service.answer('publish', 'server')],
  ])('ends one that waits %s', async (_, hinder) => {
    hinder();
    const a = send('a');
    await time.advance(50);
    void outbox.close('the room was left');
    await time.advance(0);
    expect(a.outcome).toBe('50 closed');
    expect(time.pending).toBe(0);
  });

  it('leaves the messages to be tried again after the next join', async () => {
    service.answer('store', 'never', 'ok');
    send('a');
    await time.advance(100);
    void outbox.close('the room was left');
    await time.advance(0);
    const again = follow(outbox.retry('a'));
    await time.advance(0);
    expect(again.outcome).toBe('100 sent');
  });

  it('gives the place of one that waited for its turn to others', async () => {
    service.answer('store', 'never', 'never', 'never');
    for (const id of ['a', 'b', 'c', 'd']) send(id);
    void outbox.close('the room was left');
    await time.advance(0);
    for (const id of ['e', 'f', 'g']) send(id);
    expect(calls('g')).toEqual(['0 publish', '0 store']);
  });
});

describe('G3: a payload that is seen', () => {
  it.each<Step>(['publish', 'store'])('needs no second call to %s it', async (step) => {
    service.answer(step, ['timeout', 1500]);
    const a = send('a');
    await time.advance(1000);
    outbox.saw(step, ['a']);
    await time.advance(10_000);
    expect(calls(step)).toEqual([`0 ${step}`]);
    expect(a.outcome).toBe('1500 sent');
  });

  it('is no acknowledgement where it is too old for the settle rule: each echo would have it made again', async () => {
    service.answer('publish', ['timeout', 2500]);
    send('a');
    await time.advance(2001);
    outbox.saw('publish', ['a']);
    await time.advance(10_000);
    expect(calls('publish')).toEqual(['0 publish', '2625 publish']);
  });

  it('that is another one acknowledges nothing', async () => {
    service.answer('publish', 'timeout');
    send('a');
    await time.advance(0);
    outbox.saw('publish', ['b']);
    await time.advance(1000);
    expect(calls('publish')).toEqual(['0 publish', '125 publish']);
  });

  it('before anything of it left acknowledges nothing: somebody else made it up', async () => {
    outbox.pause();
    send('a');
    outbox.saw('publish', ['a']);
    outbox.resume();
    await time.advance(0);
    expect(calls('a')).toEqual(['0 publish', '0 store']);
  });

  it.each<[when: string, { publish: Answer; store: Answer; saw: Step[]; complete: string[] }]>([
    ['as the last that was missing', { publish: 'ok', store: 'closed', saw: ['store'], complete: ['a'] }],
    ['but not stored yet', { publish: 'closed', store: 'closed', saw: ['publish'], complete: [] }],
    ['both ways', { publish: 'closed', store: 'closed', saw: ['publish', 'store'], complete: ['a'] }],
  ])(
    'after it was given up, %s, is told of where nothing is missing',
    async (_, { publish, store, saw, complete }) => {
      service.answer('publish', publish);
      service.answer('store', store);
      send('a');
      await time.advance(0);
      const results = saw.map((step) => outbox.saw(step, ['a']));
      expect(results.at(-1)).toEqual(complete);
    },
  );

  it('after it was handed over to another page needs to be stored only', async () => {
    service.answer('publish', 'closed');
    service.answer('store', 'closed');
    send('a');
    await time.advance(0);
    outbox.add('a', 'a').handedOver = true;
    expect(outbox.saw('store', ['a'])).toEqual(['a']);
  });
});

describe('G2: a message that was given up is settled', () => {
  it.each<[when: string, { storedAfterMs: number; settled: boolean }]>([
    ['when it is found stored within the window', { storedAfterMs: 2000, settled: true }],
    ['not when it is found stored later', { storedAfterMs: 2001, settled: false }],
  ])('%s', async (_, { storedAfterMs, settled }) => {
    service.answer('store', 'closed');
    send('a');
    await time.advance(storedAfterMs);
    outbox.saw('store', ['a']);
    expect(outbox.settled('a')).toBe(settled);
    expect(outbox.settled('a')).toBe(false);
  });

  it('not while it is under way', async () => {
    service.answer('publish', 'never');
    send('a');
    await time.advance(0);
    outbox.saw('publish', ['a']);
    expect(outbox.settled('a')).toBe(false);
    expect(outbox.settled('unknown')).toBe(false);
  });
});

describe('a message that something is to be ready for', () => {
  it('waits, before each attempt, and for whatever it is by then', async () => {
    const [first, second] = [500, 900].map(
      (ms) => new Promise<void>((resolve) => void time.after(ms, resolve)),
    );
    const message = outbox.add('a', 'a');
    message.ready = first;
    const a = follow(outbox.retry('a'));
    await time.advance(100);
    message.ready = second;
    await time.advance(5000);
    expect(calls('a')).toEqual(['900 publish', '900 store']);
    expect(a.outcome).toBe('900 sent');
  });

  it('can be changed for as long as nothing of it can have left', async () => {
    outbox.pause();
    send('a');
    expect(outbox.unsent('a')).toMatchObject({ payload: 'a' });
    outbox.resume();
    await time.advance(0);
    service.answer('publish', 'never');
    send('b');
    expect(outbox.unsent('b')).toBeUndefined();
    expect(outbox.unsent('unknown')).toBeUndefined();
  });
});
