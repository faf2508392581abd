import { type BenchBrowser, watchPage } from './browser.js';
import type { Bench, Ear } from './page.js';
import { type Address, startPublisher } from './processes.js';
import { row, spread } from './report.js';

declare const bench: Bench;

const EARS: readonly Ear[] = ['bare', 'room', 'lite'];

interface Traffic {
  messages: number;
  perSecond: number;
  /** Bytes of a text. */
  bytes: number;
  rounds: number;
  /** All rounds are of one stream, as the budget has it; otherwise each has a room of its own, that joins anew. */
  oneStream: boolean;
  budget?: string;
}

/** A room reads the list twice in a round of 500 messages. */
const TRAFFIC: readonly Traffic[] = [
  { messages: 10_000, perSecond: 1000, bytes: 1000, rounds: 10, oneStream: true, budget: '≤ 1.10' },
  { messages: 3000, perSecond: 80, bytes: 1000, rounds: 6, oneStream: true, budget: '≤ 1.15' },
  { messages: 10_000, perSecond: 1000, bytes: 200, rounds: 10, oneStream: false },
  { messages: 3000, perSecond: 80, bytes: 200, rounds: 6, oneStream: false },
];

/**
 * CPU time of a page's main thread per received message, while another process publishes and stores. In a flood a room
 * does not read the list; in a busy one it does after every 250 messages, and so has each of them twice.
 * The ways to listen take turns, each in a page of its own, since a page that has run one has compiled what others need.
 */
export async function receiving(momento: Address, browser: BenchBrowser): Promise<void> {
  const publisher = await startPublisher(momento);
  for (const traffic of TRAFFIC) {
    const { messages, perSecond, bytes, oneStream, budget } = traffic;
    const costs = await measure(traffic, publisher, browser);
    const { bare } = costs;
    const tell = (name: string, ours: readonly number[], budget?: string) => {
      const ratios = ours.map((cost, round) => cost / (bare[round] ?? Number.NaN));
      const value = `${mean(ours).toFixed(0)} / ${mean(bare).toFixed(0)} µs`;
      row(name, `${value} = ${(mean(ours) / mean(bare)).toFixed(3)}`, spread(ratios), budget);
    };
    const streams = oneStream ? 'one stream' : 'short streams';
    tell(`${messages} of ${bytes} B at ${perSecond}/s, ${streams}`, costs.room, budget);
    tell('  on lite', costs.lite);
  }
  publisher.stop();
}

/** Microseconds per message, round by round. */
async function measure(
  { messages, perSecond, bytes, rounds, oneStream }: Traffic,
  publisher: Awaited<ReturnType<typeof startPublisher>>,
  browser: BenchBrowser,
): Promise<Record<Ear, number[]>> {
  const count = messages / rounds;
  const open = async (ear: Ear) => {
    const page = await browser.open(ear);
    const { mainThread } = await watchPage(page);
    const round = async (index: number): Promise<number> => {
      const room = `receiving-${perSecond}-${bytes}-${ear}-${oneStream ? 0 : index}`;
      const begins = index === 0 || !oneStream;
      if (begins) await page.evaluate(({ ear, room }) => bench.listen(ear, room), { ear, room });
      const before = await mainThread();
      await publisher.publish({ room, count, perSecond, bytes, stored: true });
      await page.evaluate((total) => bench.heard(total), begins ? count : count * (index + 1));
      const after = await mainThread();
      if (!oneStream) await page.evaluate(() => bench.quit());
      return ((after - before) * 1e6) / count;
    };
    return { page, round };
  };
  const pages = { bare: await open('bare'), room: await open('room'), lite: await open('lite') };
  const costs: Record<Ear, number[]> = { bare: [], room: [], lite: [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const ear of EARS) {
      const cost = await pages[ear].round(round);
      // The first round is to warm up.
      if (round > 0) costs[ear].push(cost);
    }
  }
  for (const { page } of Object.values(pages)) await page.context().close();
  return costs;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
