import type { BenchBrowser } from './browser.js';
import type { Bench, Ear } from './page.js';
import { type Address, startPublisher } from './processes.js';
import { row, spread } from './report.js';

declare const bench: Bench;

const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 10_000);
const ROUNDS = 10;
const EARS: readonly Ear[] = ['bare', 'room', 'live'];

/**
 * CPU time of a page's main thread per received message, while another process publishes and stores. A room also reads
 * the list after every 250 messages, and so has most of them twice: the second row tells what it costs without that.
 * The ways to listen take turns, each in a page of its own, since a page that has run one has compiled what others need.
 */
export async function receiving(momento: Address, browser: BenchBrowser): Promise<void> {
  const publisher = await startPublisher(momento);
  const count = MESSAGES / ROUNDS;
  const open = async (ear: Ear) => {
    const page = await browser.open(ear);
    const devtools = await page.context().newCDPSession(page);
    // Time on the thread, not on the wall: what others do meanwhile does not count.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const mainThread = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    const round = async (room: string): Promise<number> => {
      await page.evaluate(({ ear, room, count }) => bench.listen(ear, room, count), { ear, room, count });
      const before = await mainThread();
      await publisher.publish({ room, count });
      await page.evaluate(() => bench.heard());
      const after = await mainThread();
      await page.evaluate(() => bench.quit());
      return ((after - before) * 1e6) / count;
    };
    return { page, round };
  };
  const pages = { bare: await open('bare'), room: await open('room'), live: await open('live') };
  const costs: Record<Ear, number[]> = { bare: [], room: [], live: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const ear of EARS) {
      const cost = await pages[ear].round(`receiving-${ear}-${round}`);
      // The first round is to warm up.
      if (round > 0) costs[ear].push(cost);
    }
  }
  for (const { page } of Object.values(pages)) await page.context().close();
  publisher.stop();

  const compare = (name: string, ear: Ear, budget?: string) => {
    const mean = (which: Ear) => costs[which].reduce((sum, cost) => sum + cost, 0) / ROUNDS;
    row(
      name,
      `${mean(ear).toFixed(0)} / ${mean('bare').toFixed(0)} µs = ${(mean(ear) / mean('bare')).toFixed(3)}`,
      spread(costs[ear].map((cost, round) => cost / (costs.bare[round] ?? Number.NaN))),
      budget,
    );
  };
  compare(`receiving ${MESSAGES} messages, main thread`, 'room', '≤ 1.10');
  compare('  without reading the list meanwhile', 'live');
}
