import { beforeEach, describe, expect, it } from 'vitest';
import type { CaughtUp } from '../../src/messages/caught-up.js';
import type { Message } from '../../src/messages/message.js';
import { ChatError, type ChatErrorCode } from '../../src/shared/errors.js';
import { Recovery } from '../../src/sync/recovery.js';
import { VirtualTime } from '../support/virtual-time.js';

/** How a reading ends: with so many messages that were missed, with an error, or never. */
type Outcome = number | 'never' | ChatErrorCode;

let time: VirtualTime;
let recovery: Recovery;
let life: AbortController;
/** How the next readings end, and after how many milliseconds; those beyond find nothing missing, at once. */
let outcomes: (Outcome | readonly [Outcome, afterMs: number])[];
/** How many answers are on their way. */
let answering: number;
/** When readings began, and whether the stream was doubted. */
let readings: string[];
/** The trouble that the room is told of. */
let told: string[];

beforeEach(() => {
  time = new VirtualTime(1, 0);
  life = new AbortController();
  outcomes = [];
  answering = 0;
  readings = [];
  told = [];
  recovery = new Recovery({
    read,
    scheduler: time.withoutJitter(),
    signal: life.signal,
    onTrouble: ({ code }) => told.push(`${time.monotonic()} ${code}`),
  });
});

async function read({ doubted }: { doubted: boolean }): Promise<CaughtUp> {
  readings.push(`${time.monotonic()}${doubted ? '' : ' calm'}`);
  const next = outcomes.shift() ?? 0;
  const [outcome, afterMs] = typeof next === 'object' ? next : [next, 0];
  if (afterMs > 0) {
    answering += 1;
    await new Promise<void>((resolve) => void time.after(afterMs, resolve));
    answering -= 1;
  }
  if (outcome === 'never') return new Promise<never>(() => {});
  if (typeof outcome === 'number') return { filled: Array(outcome).fill({} as Message), complete: true };
  throw new ChatError(outcome, `unable to read the history; ${outcome}`);
}

/** Follows a run: when it ended, and how. */
function follow(running: Promise<CaughtUp>): { end: string | undefined } {
  const run: { end: string | undefined } = { end: undefined };
  running.then(
    ({ filled }) => {
      run.end = `${time.monotonic()} filled ${filled.length}`;
    },
    ({ code }) => {
      run.end = `${time.monotonic()} ${code}`;
    },
  );
  return run;
}

describe('G2: a doubt', () => {
  it.each<
    [when: string, how: { outcomes: typeof outcomes; readings: string[]; told: string[]; end: string }]
  >([
    [
      'has the list read now, and once more after the settle window',
      { outcomes: [], readings: ['0', '2000'], told: [], end: '0 filled 0' },
    ],
    [
      'ends with what the first reading found',
      { outcomes: [2, 1], readings: ['0', '2000'], told: [], end: '0 filled 2' },
    ],
    [
      'is borne with growing pauses while the list cannot be read',
      {
        outcomes: ['network', 'timeout', 1],
        readings: ['0', '250', '750', '2000'],
        told: ['0 network', '250 timeout'],
        end: '750 filled 1',
      },
    ],
    [
      'ends with the error where trying again cannot help, and is read once more all the same',
      {
        outcomes: ['permission-denied'],
        readings: ['0', '2000'],
        told: [],
        end: '0 permission-denied',
      },
    ],
    [
      'tells of the second reading that cannot be had, which nobody waits for',
      {
        outcomes: [0, 'permission-denied'],
        readings: ['0', '2000'],
        told: ['2000 permission-denied'],
        end: '0 filled 0',
      },
    ],
    [
      'has the second reading follow the first, however long that takes',
      { outcomes: [[1, 5000]], readings: ['0', '5000'], told: [], end: '5000 filled 1' },
    ],
  ])('%s', async (_, { outcomes: given, readings: expected, told: news, end }) => {
    outcomes.push(...given);
    const run = follow(recovery.run());
    await time.advance(60_000);
    expect({ readings, told, end: run.end }).toEqual({ readings: expected, told: news, end });
    expect(time.pending).toBe(0);
  });

  it('while the settle window is open begins it anew', async () => {
    follow(recovery.run());
    await time.advance(1500);
    follow(recovery.run());
    await time.advance(60_000);
    expect(readings).toEqual(['0', '1500', '3500']);
  });

  it('during a reading has another one follow, which serves all the doubts that come meanwhile', async () => {
    outcomes.push([0, 1000], 3);
    const runs = [follow(recovery.run())];
    await time.advance(400);
    runs.push(follow(recovery.run()), follow(recovery.run()));
    await time.advance(60_000);
    expect(readings).toEqual(['0', '1000', '2400']);
    expect(runs.map(({ end }) => end)).toEqual(['1000 filled 0', '1000 filled 3', '1000 filled 3']);
  });

  it('after a reading that failed has one of its own', async () => {
    outcomes.push(['permission-denied', 100], 1);
    const runs = [follow(recovery.run())];
    await time.advance(0);
    runs.push(follow(recovery.run()));
    await time.advance(60_000);
    expect(runs.map(({ end }) => end)).toEqual(['100 permission-denied', '100 filled 1']);
  });

  it('that is to be borne for so long only ends with the error then', async () => {
    outcomes.push('network', 'network', 'network', 'network');
    const run = follow(recovery.run(800));
    await time.advance(1000);
    expect(readings).toEqual(['0', '250', '750']);
    expect(run.end).toBe('750 network');
  });
});

describe('a doubt that is to be borne for so long only', () => {
  const down = (count: number) => outcomes.push(...Array<Outcome>(count).fill('network'));

  it('ends then though it shares the reading after the settle window, which goes on', async () => {
    outcomes.push([0, 2500]);
    follow(recovery.run());
    await time.advance(2100);
    down(20);
    const run = follow(recovery.run(5000));
    await time.advance(60_000);
    expect(run.end).toBe('6250 network');
    expect(readings.length).toBeGreaterThan(5);
  });

  it('ends then though it waits for a reading that is tried for ever', async () => {
    down(20);
    follow(recovery.run());
    await time.advance(1000);
    const run = follow(recovery.run(5000));
    await time.advance(60_000);
    expect(run.end).toBe('3750 network');
  });

  it('does not end the reading for who bears it longer', async () => {
    outcomes.push([0, 100]);
    follow(recovery.run());
    await time.advance(0);
    down(4);
    const runs = [follow(recovery.run(800)), follow(recovery.run())];
    await time.advance(60_000);
    expect(runs.map(({ end }) => end)).toEqual(['350 network', '3850 filled 0']);
  });
});

describe('an audit', () => {
  it('reads once, without a doubt', async () => {
    outcomes.push(1);
    const audit = follow(recovery.audit());
    await time.advance(60_000);
    expect([readings, audit.end]).toEqual([['0 calm'], '0 filled 1']);
  });

  it('that waits while a doubt comes is a doubted one', async () => {
    outcomes.push([0, 1000]);
    follow(recovery.audit());
    await time.advance(0);
    follow(recovery.audit());
    follow(recovery.run());
    await time.advance(60_000);
    expect(readings).toEqual(['0 calm', '1000', '2000']);
  });

  it('after a doubt is calm again', async () => {
    follow(recovery.run());
    await time.advance(60_000);
    follow(recovery.audit());
    await time.advance(0);
    expect(readings).toEqual(['0', '2000', '60000 calm']);
  });
});

describe('a service that answers again', () => {
  it('has a reading that waits for its next attempt made at once', async () => {
    outcomes.push('network', 'network', 'network', 'network');
    follow(recovery.run());
    await time.advance(800);
    recovery.retryNow();
    await time.advance(0);
    expect(readings).toEqual(['0', '250', '750', '800']);
  });

  it('counts for an attempt under way, which may be doomed, and for that one only', async () => {
    outcomes.push(['network', 100], 'network');
    follow(recovery.run());
    await time.advance(50);
    recovery.retryNow();
    await time.advance(1000);
    expect(readings.slice(0, 3)).toEqual(['0', '100', '600']);
  });

  it('is no reason to hurry for a reading that begins later', async () => {
    recovery.retryNow();
    outcomes.push('network');
    follow(recovery.run());
    await time.advance(1000);
    expect(readings).toEqual(['0', '250']);
  });
});

describe('G5: when it is stopped', () => {
  it.each<[doing: string, given: typeof outcomes, afterMs: number]>([
    ['during a reading', [[1, 500]], 200],
    ['while it waits for the next attempt', ['network', 'network'], 100],
    ['before the settle window is over', [], 1000],
    ['during the reading after it', [0, ['network', 500]], 2200],
  ])('%s, nothing is read or told any more, and no timer is left', async (_, given, afterMs) => {
    outcomes.push(...given);
    follow(recovery.run());
    await time.advance(afterMs);
    const before = { readings: [...readings], told: [...told] };
    life.abort();
    await time.advance(0);
    expect(time.pending).toBe(answering);
    await time.advance(60_000);
    expect({ readings, told }).toEqual(before);
  });

  it('a reading that goes on rejects with `closed`', async () => {
    outcomes.push(['network', 500]);
    const run = follow(recovery.run());
    await time.advance(100);
    life.abort();
    await time.advance(1000);
    expect(run.end).toBe('500 closed');
  });

  it('a later doubt rejects with `closed`, and begins no settle window', async () => {
    life.abort();
    const run = follow(recovery.run());
    await time.advance(0);
    expect([run.end, readings, time.pending]).toEqual(['0 closed', [], 0]);
  });
});
