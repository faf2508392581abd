import { fileURLToPath } from 'node:url';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { buildPage, type ServedPage, serveBuiltPage } from '../support/built-page.js';
import { launchChromium } from './chromium.js';

/** A local Momento, a page built from one of the files here, and Chromium to open it: for all tests of a file. */
export interface PageBesideMomento {
  momento: LocalMomento;
  served: ServedPage;
  browser: Browser;
}

/** Call it at the top of a file. The object is filled before the first test, and all of it closed after the last. */
export function pageBesideMomento(page: string): PageBesideMomento {
  const all: Partial<PageBesideMomento> = {};
  beforeAll(async () => {
    const [momento, browser, files] = await Promise.all([
      startLocalMomento({ caches: ['chat'] }),
      launchChromium(),
      buildPage(fileURLToPath(new URL(page, import.meta.url))),
    ]);
    Object.assign(all, { momento, browser });
    all.served = await serveBuiltPage(files, () => false);
  });
  afterAll(async () => {
    await all.browser?.close();
    await all.served?.close();
    await all.momento?.close();
  });
  return all as PageBesideMomento;
}
