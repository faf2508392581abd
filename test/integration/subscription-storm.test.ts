import { expect, it } from 'vitest';
import type { Transport } from '../../src/transport/transport.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

const CLIENTS = 1000;
const OUTAGE_MS = 30_000;
/** The backoff of a subscription: base and bound in ms. */
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
const SEED = Number(process.env.STORM_SEED ?? 7);

interface Attempt {
  began: number;
  ended: number;
  ok: boolean;
}

it(`a thousand rooms that lose the service together come back spread out, none faster than the backoff (seed ${SEED})`, {
  timeout: 120_000,
}, async () => {
  // No heartbeats: a thousand timers for nothing.
  const world = inProcessWorld({ seed: SEED, heartbeatMs: 3_600_000 });
  const now = () => world.time.monotonic();
  const attempts: Attempt[][] = [];
  const rooms = Array.from({ length: CLIENTS }, () => {
    const mine: Attempt[] = [];
    attempts.push(mine);
    const wrap = (transport: Transport): Transport => ({
      call: (...args) => transport.call(...args),
      subscribe(...args) {
        const began = now();
        const opening = transport.subscribe(...args);
        const note = (ok: boolean) => () => void mine.push({ began, ended: now(), ok });
        opening.then(note(true), note(false));
        return opening;
      },
    });
    // One stream a room: attempts are counted.
    return world.member('someone', { wrap });
  });
  await world.join(...rooms);
  await world.run(3000);
  for (const mine of attempts) mine.length = 0;

  // Everybody is told at the same moment, which is the worst that can be.
  const lostAt = now();
  for (const { link } of world.clients) {
    link.weather = { ...FAIR, refuse: 1 };
    link.cut('told');
  }
  await world.run(OUTAGE_MS);
  const backAt = now();
  world.clearUp();
  expect(rooms.every(({ status }) => status === 'reconnecting')).toBe(true);
  await world.run(BACKOFF.maxMs + 5000);
  expect(rooms.every(({ status }) => status === 'joined')).toBe(true);

  const waits: number[][] = [];
  for (const mine of attempts) {
    for (const [index, { began }] of mine.entries()) {
      const before = mine[index - 1];
      if (before === undefined) continue;
      expect(began, 'one attempt at a time').toBeGreaterThanOrEqual(before.ended);
      const bound = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** (index - 1));
      expect(began - before.ended, `wait ${index}`).toBeLessThanOrEqual(bound);
      waits[index - 1] ??= [];
      waits[index - 1]?.push((began - before.ended) / bound);
    }
  }
  // Full jitter: uniform below the bound, so half of it on average. Later waits are cut off by the outage's end.
  for (const shares of waits.slice(0, 4)) {
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  }

  const during = attempts.map((mine) => mine.filter(({ ok }) => !ok).length);
  const reconnected = attempts.map((mine) => (mine.at(-1)?.ended ?? 0) - backAt);
  const perSecond = countBy(
    attempts.flat().map(({ began }) => began - lostAt),
    1000,
  );
  console.log(
    [
      `${CLIENTS} rooms, outage of ${OUTAGE_MS / 1000} s, seed ${SEED}`,
      `failed attempts per room: mean ${(sumOf(during) / CLIENTS).toFixed(1)}, most ${Math.max(...during)}`,
      'attempts in each second of the outage:',
      perSecond.slice(0, OUTAGE_MS / 1000).join(' '),
      'reconnections in each two seconds after it:',
      ...countBy(reconnected, 2000).map(
        (count, index) => `${String(2 * index).padStart(2)} s ${'#'.repeat(Math.ceil(count / 5))} ${count}`,
      ),
    ].join('\n'),
  );
  // No stampede: the service is met by no more than an eighth of the rooms in any second once it is back.
  expect(Math.max(...countBy(reconnected, 1000))).toBeLessThan(CLIENTS / 8);
  expect(sumOf(during) / CLIENTS).toBeLessThan(10);

  await world.end();
});

function countBy(times: readonly number[], width: number): number[] {
  const counts: number[] = [];
  for (const at of times) {
    const slot = Math.floor(at / width);
    while (counts.length <= slot) counts.push(0);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
