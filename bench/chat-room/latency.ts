import type { Page } from 'playwright-core';
import type { BenchBrowser } from './browser.js';
import type { Bench, Way } from './page.js';
import { median, percentile, row, spread } from './report.js';

declare const bench: Bench;

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 10);
/** Turns of a round in each direction. */
const TURNS = Number(process.env.BENCH_TURNS ?? 40);
const WARM_UP_TURNS = 50;
/** No round begins after so many milliseconds. */
const PATIENCE_MS = 70_000;
/** Each way comes after each other one equally often. */
const ORDERS: readonly (readonly Way[])[] = [
  ['room', 'bare', 'storing'],
  ['bare', 'room', 'storing'],
];

type Delays = Record<Way, number[]>;

/**
 * From `send()` or `publish` in one page to `message` or `onItem` in another; the server is in a process of its own.
 *
 * The ways to send take turns message by message, so that whatever else the machine does hits all of them. Both pages
 * send, one after the other: a difference of their clocks adds to one direction what it takes from the other.
 *
 * The budget compares with a bare `publish` of text and name, which stores nothing; a ChatRoom's message is longer, and
 * pushed onto the list as well, and on a machine with few cores the two calls compete. The second comparison is with
 * the bare SDK doing both with as many bytes: it tells what the library itself adds.
 * The last, of every other bare `publish` with those in between, tells how much of a ratio is chance.
 */
export async function latency(browser: BenchBrowser): Promise<void> {
  const [a, b] = await Promise.all([browser.open('a'), browser.open('b')]);
  for (const page of [a, b]) await page.evaluate(() => bench.enter());
  const started = performance.now();
  const rounds: { there: Delays; back: Delays; both: Delays }[] = [];
  for (let round = 0; round <= ROUNDS && performance.now() - started < PATIENCE_MS; round += 1) {
    const turns = round === 0 ? WARM_UP_TURNS : TURNS;
    const order = ORDERS[round % ORDERS.length] ?? [];
    const there = await delays(a, b, `${round}a`, turns, order);
    const back = await delays(b, a, `${round}b`, turns, order);
    if (round > 0) rounds.push({ there, back, both: merged([there, back]) });
  }
  for (const page of [a, b]) await page.context().close();
  report(rounds.map(({ both }) => both));
  const middle = (direction: 'there' | 'back') => median(rounds.flatMap((round) => round[direction].bare));
  const apart = ((middle('there') - middle('back')) / 2) * 1000;
  row('  difference of the two clocks', `${apart.toFixed(0)} µs`, '');
}

function report(rounds: readonly Delays[]): void {
  const all = merged(rounds);
  row(`latency: ${all.bare.length} messages each way`, `in ${rounds.length} rounds`, '');
  const compare = (name: string, ours: Way, theirs: Way, budgets?: Record<'p50' | 'p99', string>) => {
    for (const [percent, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const [one, other] = [percentile(all[ours], share), percentile(all[theirs], share)];
      const ratios = rounds.map((round) => percentile(round[ours], share) / percentile(round[theirs], share));
      const value = `${one.toFixed(2)} / ${other.toFixed(2)} ms = ${(one / other).toFixed(3)}`;
      row(`${name}, ${percent}`, value, spread(ratios), budgets?.[percent]);
    }
  };
  compare('send to message', 'room', 'bare', { p50: '≤ 1.05', p99: '≤ 1.15' });
  compare('  against publish and push', 'room', 'storing');
  compare('  publish and push against publish', 'storing', 'bare');
  for (const [percent, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const ratio = (values: readonly number[]) =>
      percentile(everyOther(values, 0), share) / percentile(everyOther(values, 1), share);
    const ratios = rounds.map((round) => ratio(round.bare));
    row(`  publish against itself, ${percent}`, `${ratio(all.bare).toFixed(3)}`, spread(ratios));
  }
}

async function delays(sender: Page, receiver: Page, block: string, turns: number, order: readonly Way[]) {
  const begun = await sender.evaluate(({ block, turns, order }) => bench.talk(block, turns, order), {
    block,
    turns,
    order,
  });
  const arrivals = new Map(await receiver.evaluate((count) => bench.takeArrivals(count), begun.length));
  // Drops the messages that came back to the sender itself.
  await sender.evaluate(() => bench.takeArrivals(0));
  const result: Delays = { room: [], bare: [], storing: [] };
  for (const [way, label, at] of begun) {
    const arrived = arrivals.get(label);
    if (arrived === undefined) throw new Error(`${label} did not arrive`);
    result[way].push(arrived - at);
  }
  return result;
}

function merged(parts: readonly Delays[]): Delays {
  const all = (way: Way) => parts.flatMap((part) => part[way]);
  return { room: all('room'), bare: all('bare'), storing: all('storing') };
}

function everyOther(values: readonly number[], first: 0 | 1): number[] {
  return values.filter((_, index) => index % 2 === first);
}
