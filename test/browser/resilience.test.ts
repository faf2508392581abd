import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from './chromium.js';
import { type Served, servePage } from './resilience-page.js';
import { offlineScene } from './resilience-scenes.js';

let momento: LocalMomento;
let served: Served;
let browser: Browser;

beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  [served, browser] = await Promise.all([servePage(momento), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await momento?.close();
});

describe.concurrent('a page that goes offline', () => {
  test.each([1, 30])(
    'G1, G2, G3: for %i s misses nothing and sends what was typed meanwhile',
    {
      timeout: 120_000,
    },
    async (seconds) => {
      const { statuses } = await offlineScene(browser, served.url, seconds);
      // A second may pass unnoticed; half a minute is told, once at most for each time that it was lost.
      if (seconds > 10) expect(statuses).toContain('reconnecting');
      expect(statuses).not.toContain('failed');
      expect(statuses.at(-1)).toBe('joined');
    },
  );
});
