/**
 * The cost of a long list for the element: 5,000 messages beside 50, in Chromium, taking turns in one run. Main-thread
 * time is what the thread worked, whatever else the machine did meanwhile; frame times are of the wall clock, and
 * suffer from it.
 *
 * Run: npx tsx bench/element-scroll.ts
 */
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.js';
import { buildPage, serveBuiltPage } from '../test/support/built-page.js';
import { watchPage } from './chat-room/browser.js';
import type { StartElement } from './chat-room/element-page.js';
import { median, percentile, row, spread } from './chat-room/report.js';

declare const startElement: StartElement;
declare const list: Awaited<ReturnType<StartElement>>;

const FEW = 50;
const MANY = 5000;
const ROUNDS = 5;
const FRAMES = 200;
const ADDED = 20;

const files = await buildPage(fileURLToPath(new URL('./chat-room/element-page.ts', import.meta.url)));
const browser = await launchChromium();
const served = await serveBuiltPage(files, () => false);

async function open(count: number) {
  const page: Page = await (await browser.newContext({ viewport: { width: 900, height: 700 } })).newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(served.url);
  const watch = await watchPage(page);
  const before = { heap: await watch.heap(), time: await watch.mainThread() };
  await page.evaluate(async (many) => {
    Object.assign(globalThis, { list: await startElement(many) });
  }, count);
  const filled = (await watch.mainThread()) - before.time;
  const heap = (await watch.heap()) - before.heap;
  /** Milliseconds of the main thread for each of so many. */
  const per = async (times: number, work: () => Promise<unknown>) => {
    const start = await watch.mainThread();
    await work();
    return (((await watch.mainThread()) - start) * 1000) / times;
  };
  return {
    filled: filled * 1000,
    heap,
    async round() {
      await page.bringToFront();
      const added = await per(ADDED, () => page.evaluate((times) => list.add(times), ADDED));
      let frames: number[] = [];
      const scrolled = await per(FRAMES, async () => {
        frames = await page.evaluate((count) => list.scroll(count), FRAMES);
      });
      return { added, scrolled, frames };
    },
  };
}

const few = await open(FEW);
const many = await open(MANY);
const rounds: { few: Awaited<ReturnType<typeof few.round>>; many: Awaited<ReturnType<typeof few.round>> }[] =
  [];
for (let round = 0; round < ROUNDS; round += 1)
  rounds.push({ many: await many.round(), few: await few.round() });

console.log(
  `load of the machine: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}`,
);
row('', `${MANY} / ${FEW} messages`, 'ratio');
for (const [name, pick] of [
  ['main thread per frame of scrolling, ms', (one: (typeof rounds)[0]['few']) => one.scrolled],
  ['frame time while scrolling, median, ms', (one: (typeof rounds)[0]['few']) => median(one.frames)],
  ['frame time while scrolling, 95 %, ms', (one: (typeof rounds)[0]['few']) => percentile(one.frames, 0.95)],
  ['main thread per message added and drawn, ms', (one: (typeof rounds)[0]['few']) => one.added],
] as const) {
  const values = { many: rounds.map((one) => pick(one.many)), few: rounds.map((one) => pick(one.few)) };
  row(
    name,
    `${median(values.many).toFixed(2)} / ${median(values.few).toFixed(2)}`,
    spread(values.many.map((value, at) => value / (values.few[at] ?? Number.NaN))),
  );
}
const kib = (bytes: number) => bytes / 1024;
row(
  'heap, KiB',
  `${kib(many.heap).toFixed(0)} / ${kib(few.heap).toFixed(0)}`,
  (many.heap / few.heap).toFixed(1),
);
row('  of it per message more, KiB', kib((many.heap - few.heap) / (MANY - FEW)).toFixed(2), '');
row(
  'main thread to fill it, ms',
  `${many.filled.toFixed(0)} / ${few.filled.toFixed(0)}`,
  (many.filled / few.filled).toFixed(1),
);
await browser.close();
await served.close();
process.exit();
