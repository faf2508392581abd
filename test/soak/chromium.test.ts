import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import type { App } from '../browser/resilience-app.js';
import { type Served, servePage } from '../browser/resilience-page.js';
import { diaryOf, enter, expectSame, last, offlineScene, post } from '../browser/resilience-scenes.js';

declare const app: App;

let momento: LocalMomento;
let browser: Browser;
const pages: Served[] = [];

beforeAll(async () => {
  [momento, browser] = await Promise.all([startLocalMomento({ caches: ['chat'] }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  for (const page of pages) await page.close();
  await momento?.close();
});

async function serve(options?: { lifeSeconds: number }): Promise<Served> {
  const served = await servePage(momento, options);
  pages.push(served);
  return served;
}

it.concurrent.each([30, 90])(
  'G1, G2, G3: offline for %i s, a page misses nothing and sends what was typed meanwhile',
  async (seconds) => {
    const { recoveredIn, statuses } = await offlineScene(browser, (await serve()).url, seconds);
    console.log(
      `offline for ${seconds} s: all caught up ${recoveredIn.toFixed(1)} s later; ${statuses.join(', ')}`,
    );
    // So long an absence is told.
    expect(statuses).toContain('reconnecting');
    expect(statuses).not.toContain('failed');
  },
);

it.concurrent('G2: a page that was frozen for 60 s has all of it when it thaws', async () => {
  const { url } = await serve();
  const [ada, bob] = await Promise.all([
    enter(browser, url, 'frozen', 'Ada'),
    enter(browser, url, 'frozen', 'Bob'),
  ]);
  await post(bob, ['before']);
  await expectSame([ada, bob], ['before']);
  const devtools = await ada.context.newCDPSession(ada.page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  const said = ['before'];
  for (let number = 1; number <= 12; number += 1) {
    said.push(`unheard ${number}`);
    await post(bob, [`unheard ${number}`]);
    await last(5);
  }
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  const thawed = Date.now();
  await expectSame([ada, bob], said);
  console.log(`frozen for 60 s: all caught up ${((Date.now() - thawed) / 1000).toFixed(1)} s later`);
  await Promise.all([ada.context.close(), bob.context.close()]);
});

it('G2: on 50 kB/s with 400 ms, a page catches up on 800 missed messages of 1 kB', async () => {
  const { url } = await serve();
  const [ada, bob] = await Promise.all([
    enter(browser, url, 'slow', 'Ada'),
    enter(browser, url, 'slow', 'Bob'),
  ]);
  await ada.context.setOffline(true);
  const said = Array.from({ length: 800 }, (_, number) => `${number} `.padEnd(1000, 'x'));
  await post(bob, said);
  // So many take their time to go out.
  await expectSame([bob], said, { timeout: 300_000, interval: 500 });
  const devtools = await ada.context.newCDPSession(ada.page);
  const slow = { latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
  await ada.context.setOffline(false);
  await devtools.send('Network.emulateNetworkConditions', { offline: false, ...slow });
  const back = Date.now();
  await ada.page.waitForFunction(
    () => app.room?.status() === 'joined' && app.room.shown().length === 800,
    null,
    {
      timeout: 180_000,
      polling: 250,
    },
  );
  console.log(`800 missed messages at 50 kB/s: caught up ${((Date.now() - back) / 1000).toFixed(1)} s later`);
  await expectSame([ada], said);
  await Promise.all([ada.context.close(), bob.context.close()]);
});

it.concurrent('G4: tokens of 20 s over two minutes of chat are renewed unseen', async () => {
  const served = await serve({ lifeSeconds: 20 });
  const [ada, bob] = await Promise.all([
    enter(browser, served.url, 'tokens', 'Ada'),
    enter(browser, served.url, 'tokens', 'Bob'),
  ]);
  const said: string[] = [];
  const until = Date.now() + 120_000;
  for (let number = 1; Date.now() < until; number += 1) {
    for (const guest of [ada, bob]) {
      said.push(`${guest.name} ${number}`);
      await post(guest, [`${guest.name} ${number}`]);
    }
    await last(0.25);
  }
  await expectSame([ada, bob], said);
  const diaries = await Promise.all([diaryOf(ada), diaryOf(bob)]);
  console.log(
    `two minutes: ${said.length} messages, ${served.tokens()} tokens`,
    JSON.stringify(diaries.map((diary) => diary?.statuses)),
  );
  expect(served.tokens()).toBeGreaterThanOrEqual(2 * 6);
  for (const diary of diaries) expect(diary?.statuses).toEqual(['joining', 'joined']);
  await Promise.all([ada.context.close(), bob.context.close()]);
});

it('G5: a thousand times joining and leaving leave no more on the heap than a hundred', async () => {
  const { url } = await serve();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'app' in globalThis);
  const heaps: string[] = [];
  const used: number[] = [];
  for (let cycles = 0; cycles <= 1000; cycles += 100) {
    if (cycles > 0) await page.evaluate(joinAndLeave, 100);
    used.push(await heapOf(page));
    heaps.push(`${cycles}: ${((used.at(-1) ?? 0) / 2 ** 20).toFixed(2)} MiB`);
  }
  console.log(`heap after so many joins: ${heaps.join(', ')}`);
  const growth = (used.at(-1) ?? 0) - (used[1] ?? 0);
  expect(growth / 900, 'bytes per join').toBeLessThan(1000);
  await context.close();
});

async function joinAndLeave(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const room = app.openRoom('again', 'Ada');
    await room.join();
    await room.leave();
  }
}

async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  // Twice: what finalizers let go of is collected by the second.
  for (let times = 0; times < 2; times += 1) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}
