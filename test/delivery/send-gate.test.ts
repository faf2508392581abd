import { beforeEach, describe, expect, it } from 'vitest';
import { SendGate } from '../../src/delivery/send-gate.js';
import { ChatError } from '../../src/shared/errors.js';
import { VirtualTime } from '../support/virtual-time.js';

const limit = new ChatError('rate-limited', 'unable to send the message; it is too much');

let time: VirtualTime;
let gate: SendGate;
let life: AbortController;

beforeEach(() => {
  time = new VirtualTime(1, 0);
  // Each backoff takes half of its bound.
  gate = new SendGate(time.withoutJitter());
  life = new AbortController();
});

/** Follows a call that waits until `until` at most: when it went through, or why it did not. */
function follow(until = 60_000): { end: string | undefined } {
  const call: { end: string | undefined } = { end: undefined };
  gate.pass(until, life.signal).then(
    () => {
      call.end = `${time.monotonic()} passed`;
    },
    ({ code }: ChatError) => {
      call.end = `${time.monotonic()} ${code}`;
    },
  );
  return call;
}

const later = (ms: number, act: () => void) => time.after(ms, act);

describe('G3: a call', () => {
  it.each<[when: string, act: () => void, end: string]>([
    ['passes at once where nothing is in the way', () => {}, '0 passed'],
    [
      'waits for the connection',
      () => {
        gate.pause();
        later(700, () => gate.resume());
      },
      '700 passed',
    ],
    ['gives up where the connection does not come back', () => gate.pause(), '60000 network'],
    ['waits after a limit: 100 ms and a backoff', () => gate.slowDown(0, limit), '350 passed'],
    [
      'waits longer after the second limit in a row',
      () => {
        gate.slowDown(0, limit);
        later(350, () => gate.slowDown(350, limit));
      },
      '950 passed',
    ],
    [
      'gives up where limits do not pass',
      () => {
        gate.slowDown(0, limit);
        for (let at = 0; at < 60_000; at += 50) later(at, () => gate.slowDown(at, limit));
      },
      '60000 rate-limited',
    ],
    [
      'waits for the connection and for the limit',
      () => {
        gate.slowDown(0, limit);
        gate.pause();
        later(100, () => gate.resume());
      },
      '350 passed',
    ],
    [
      'waits on when the connection is lost again',
      () => {
        gate.pause();
        later(100, () => {
          gate.resume();
          gate.pause();
        });
        later(300, () => gate.resume());
      },
      '300 passed',
    ],
    [
      'ends with the reason of its signal',
      () => {
        gate.pause();
        later(200, () => life.abort(new ChatError('closed', 'unable to go on; it is over')));
      },
      '200 closed',
    ],
  ])('%s', async (_, act, end) => {
    act();
    const call = follow();
    await time.advance(120_000);
    expect(call.end).toBe(end);
    expect(time.pending).toBe(0);
  });
});

it('a limit that a call met which began before the last one is no news', async () => {
  gate.slowDown(0, limit);
  gate.slowDown(0, limit);
  gate.slowDown(300, limit);
  const call = follow();
  await time.advance(1000);
  expect(call.end).toBe('350 passed');
});

it('the first limit after an acknowledgement counts as the first', async () => {
  gate.slowDown(0, limit);
  await time.advance(1000);
  gate.ease();
  gate.slowDown(1000, limit);
  const call = follow();
  await time.advance(1000);
  expect(call.end).toBe('1350 passed');
});

it('is paused while the connection is lost, and open when nothing is in the way', async () => {
  const state = () => [gate.isPaused, gate.isOpen];
  expect(state()).toEqual([false, true]);
  gate.pause();
  expect(state()).toEqual([true, false]);
  gate.resume();
  gate.slowDown(0, limit);
  expect(state()).toEqual([false, false]);
  await time.advance(350);
  expect(state()).toEqual([false, true]);
});
