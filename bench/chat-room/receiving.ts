import { type BenchBrowser, watchPage } from './browser.js';
import type { Bench, Ear } from './page.js';
import { type Address, startPublisher } from './processes.js';
import { row, spread } from './report.js';

declare const bench: Bench;

const FLOOD = { messages: Number(process.env.BENCH_MESSAGES ?? 10_000), perSecond: 1000, rounds: 10 };
/** A room reads the list twice in a round of so many. */
const STREAM = { messages: 3000, perSecond: 80, rounds: 6 };
const TEXT_BYTES = 200;
const EARS: readonly Ear[] = ['bare', 'room', 'lite'];

type Traffic = typeof FLOOD;

/**
 * CPU time of a page's main thread per received message, while another process publishes and stores. In a flood a room
 * does not read the list; in a busy one it does after every 250 messages, and so has each of them twice.
 * The ways to listen take turns, each in a page of its own, since a page that has run one has compiled what others need.
 */
export async function receiving(momento: Address, browser: BenchBrowser): Promise<void> {
  const publisher = await startPublisher(momento);
  const compare = async (traffic: Traffic, budget?: string) => {
    const costs = await measure(traffic, publisher, browser);
    const { bare } = costs;
    const tell = (name: string, ours: readonly number[], budget?: string) => {
      const ratios = ours.map((cost, round) => cost / (bare[round] ?? Number.NaN));
      const value = `${mean(ours).toFixed(0)} / ${mean(bare).toFixed(0)} µs`;
      row(name, `${value} = ${(mean(ours) / mean(bare)).toFixed(3)}`, spread(ratios), budget);
    };
    tell(`receiving ${traffic.messages} at ${traffic.perSecond}/s, main thread`, costs.room, budget);
    tell('  on lite', costs.lite);
  };
  if (process.env.BENCH_FLOOD !== '0') await compare(FLOOD, '≤ 1.10');
  await compare(STREAM);
  publisher.stop();
}

/** Microseconds per message, round by round. */
async function measure(
  { messages, perSecond, rounds }: Traffic,
  publisher: Awaited<ReturnType<typeof startPublisher>>,
  browser: BenchBrowser,
): Promise<Record<Ear, number[]>> {
  const count = messages / rounds;
  const open = async (ear: Ear) => {
    const page = await browser.open(ear);
    const { mainThread } = await watchPage(page);
    const round = async (room: string): Promise<number> => {
      await page.evaluate(({ ear, room }) => bench.listen(ear, room), { ear, room });
      const before = await mainThread();
      await publisher.publish({ room, count, perSecond, bytes: TEXT_BYTES, stored: true });
      await page.evaluate((count) => bench.heard(count), count);
      const after = await mainThread();
      await page.evaluate(() => bench.quit());
      return ((after - before) * 1e6) / count;
    };
    return { page, round };
  };
  const pages = { bare: await open('bare'), room: await open('room'), lite: await open('lite') };
  const costs: Record<Ear, number[]> = { bare: [], room: [], lite: [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const ear of EARS) {
      const cost = await pages[ear].round(`receiving-${perSecond}-${ear}-${round}`);
      // The first round is to warm up.
      if (round > 0) costs[ear].push(cost);
    }
  }
  for (const { page } of Object.values(pages)) await page.context().close();
  return costs;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
