import { type BenchBrowser, watchPage } from './browser.js';
import type { Bench, Ear } from './page.js';
import { type Address, startPublisher } from './processes.js';
import { row } from './report.js';

declare const bench: Bench;

const QUARTERS = 4;
const QUARTER = Number(process.env.BENCH_STREAM ?? 20_000) / QUARTERS;
const JOB = { count: QUARTER, perSecond: 500, bytes: 1000, stored: false };
const EARS: readonly Ear[] = ['bare', 'room', 'lite'];
const NAMES = { bare: 'bare SDK', room: 'ChatRoom on the SDK', lite: 'ChatRoom on lite' };

/**
 * One stream that brings many messages of 1 KB: CPU time of the main thread per message, quarter by quarter, and the heap
 * after the first quarter and after the last. The streams take turns quarter by quarter. `bare` parses what it gets.
 */
export async function stream(momento: Address, browser: BenchBrowser): Promise<void> {
  const publisher = await startPublisher(momento);
  const open = async (ear: Ear) => {
    const page = await browser.open(ear);
    await page.evaluate(({ ear, room }) => bench.listen(ear, room), { ear, room: `stream-${ear}` });
    return { ear, page, ...(await watchPage(page)), costs: [] as number[], heaps: [] as number[] };
  };
  const listeners = [];
  for (const ear of EARS) listeners.push(await open(ear));
  for (let quarter = 1; quarter <= QUARTERS; quarter += 1) {
    for (const { ear, page, mainThread, heap, costs, heaps } of listeners) {
      const before = await mainThread();
      await publisher.publish({ ...JOB, room: `stream-${ear}` });
      await page.evaluate((count) => bench.heard(count), quarter * QUARTER);
      costs.push(((await mainThread()) - before) * (1e6 / QUARTER));
      heaps.push(await heap());
    }
  }
  row(`one stream, ${QUARTERS * QUARTER} messages of 1 KB, main thread`, '', '');
  const bare = mean(listeners[0]?.costs ?? []);
  for (const { ear, costs, heaps } of listeners) {
    const quarters = `${costs.map((cost) => cost.toFixed(0)).join(' ')} µs`;
    row(
      `  ${NAMES[ear]}, by quarter`,
      quarters,
      (mean(costs) / bare).toFixed(3),
      ear === 'lite' ? '≤ 0.3' : '',
    );
    row('    last quarter / first', '', ratio(costs), ear === 'bare' ? '' : '≤ 1.2');
    row('    heap after first and last', heaps.filter(isOuter).map(mib).join(' '), ratio(heaps));
  }
  for (const { page } of listeners) await page.context().close();
  publisher.stop();
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const ratio = (values: readonly number[]) => ((values.at(-1) ?? Number.NaN) / (values[0] ?? 1)).toFixed(3);
const isOuter = (_: number, index: number) => index === 0 || index === QUARTERS - 1;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
