import { type BenchBrowser, watchPage } from './browser.js';
import type { Bench, Ear } from './page.js';
import { median, row, spread } from './report.js';

declare const bench: Bench;

const TIMES = 500;
const ROUNDS = 5;
const EARS: readonly Ear[] = ['bare', 'room', 'lite'];

/**
 * Five hundred sends at once, until the last is published and stored: milliseconds, and CPU time of the main thread. The bare
 * SDK makes its thousand calls at once; a room has three messages under way.
 */
export async function burst(browser: BenchBrowser): Promise<void> {
  const pages = new Map<Ear, Awaited<ReturnType<typeof open>>>();
  const open = async (ear: Ear) => {
    const page = await browser.open(ear);
    return { page, ...(await watchPage(page)), took: [] as number[], cost: [] as number[] };
  };
  for (const ear of EARS) pages.set(ear, await open(ear));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [ear, { page, mainThread, took, cost }] of pages) {
      const before = await mainThread();
      const ms = await page.evaluate(({ ear, room, times }) => bench.shout(ear, room, times), {
        ear,
        room: `burst-${ear}-${round}`,
        times: TIMES,
      });
      // The first round is to warm up.
      if (round === 0) continue;
      took.push(ms);
      cost.push(((await mainThread()) - before) * 1000);
    }
  }
  const bare = pages.get('bare');
  for (const ear of ['room', 'lite'] as const) {
    const ours = pages.get(ear);
    if (ours === undefined || bare === undefined) continue;
    const name = `${TIMES} sends at once${ear === 'lite' ? ' on lite' : ''}`;
    const compare = (name: string, one: readonly number[], other: readonly number[]) =>
      row(
        name,
        `${median(one).toFixed(0)} / ${median(other).toFixed(0)} ms`,
        spread(one.map((value, round) => value / (other[round] ?? Number.NaN))),
      );
    compare(name, ours.took, bare.took);
    compare('  main thread', ours.cost, bare.cost);
  }
  for (const { page } of pages.values()) await page.context().close();
}
