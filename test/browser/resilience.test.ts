import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

// Longer absences are in the soak.
test('G1, G2, G3: a page that is offline for a second misses nothing and sends what was typed meanwhile', async () => {
  const { statuses } = await offlineScene(browser, served.url, 1);
  expect(statuses).not.toContain('failed');
  expect(statuses.at(-1)).toBe('joined');
});
