import { fileURLToPath } from 'node:url';
import { ChatRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { buildPage, type ServedPage, serveBuiltPage } from '../support/built-page.js';
import { rootToken, textsOf } from '../support/chat.js';
import { launchChromium } from './chromium.js';
import type { Order } from './lite-worker.js';

declare const worker: { postMessage(order: Order, transfer: Transferable[]): void };
declare const news: string[];

const WAIT = { timeout: 20_000, interval: 50 };

let momento: LocalMomento;
let served: ServedPage;
let browser: Browser;

beforeAll(async () => {
  const script = fileURLToPath(new URL('./lite-worker.ts', import.meta.url));
  const build = (name: string, oneFile: boolean) => buildPage({ [name]: script }, { oneFile });
  let files: ReadonlyMap<string, string>[];
  [momento, browser, ...files] = await Promise.all([
    startLocalMomento({ caches: ['chat'] }),
    launchChromium(),
    build('worker', false),
    build('service-worker', true),
  ]);
  served = await serveBuiltPage(new Map(files.flatMap((some) => [...some])), () => false);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await momento?.close();
});

/** Each begins a worker and keeps it as `worker`. */
const PLACES: readonly [place: string, begin: (page: Page) => Promise<void>][] = [
  [
    'a web worker',
    (page) =>
      page.evaluate(() => {
        Object.assign(globalThis, { worker: new Worker('/worker.js', { type: 'module' }) });
      }),
  ],
  [
    'a service worker',
    (page) =>
      page.evaluate(async () => {
        await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
        const { active } = await navigator.serviceWorker.ready;
        Object.assign(globalThis, { worker: active });
      }),
  ],
];

test.each(PLACES)('lite joins, sends, receives and leaves in %s', async (place, begin) => {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(served.url);
  await begin(page);
  await page.evaluate(() => Object.assign(globalThis, { news: [] }));
  /** Tells the worker; resolves with how that ended. */
  const order = (order: Order) =>
    page.evaluate(
      (order) =>
        new Promise<string>((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => (/^done|Error/.test(data) ? resolve(data) : news.push(data));
          worker.postMessage(order, [port2]);
        }),
      order,
    );

  const token = await rootToken(momento)();
  expect(await order({ join: { room: place, token } })).toBe('done; joined');
  const bob = new ChatRoom({ room: place, user: { name: 'Bob' }, token: async () => token });
  onTestFinished(() => bob.leave());
  await bob.join();
  expect(await order({ send: 'hello' })).toBe('done; joined');
  await vi.waitFor(() => expect(textsOf(bob)).toEqual(['hello']), WAIT);
  await bob.send('hello yourself');
  await expect.poll(() => page.evaluate(() => news), WAIT).toEqual(['Worker: hello', 'Bob: hello yourself']);
  expect(await order({ leave: true })).toBe('done; left');
  // Nothing comes any more.
  await bob.send('anybody there?');
  expect(await order({ send: 'x' })).toContain('the room is left');
  expect(await page.evaluate(() => news.length)).toBe(2);
});
