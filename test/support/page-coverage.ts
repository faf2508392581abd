import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** The folder for what pages ran, while `npm run coverage` runs; else undefined. */
const folder = process.env.PAGE_COVERAGE;

/** Whether pages are built so that their scripts can be told from one another: with names and source maps. */
export const readable = folder !== undefined;

/** Writes down what the pages of this browser run, while `npm run coverage` runs. */
export function coverPages(browser: Browser): Browser {
  if (folder === undefined) return browser;
  mkdirSync(folder, { recursive: true });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (...options) => coverContext(await newContext(...options), folder);
  const close = browser.close.bind(browser);
  browser.close = async (...options) => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await close(...options);
  };
  return browser;
}

function coverContext(context: BrowserContext, folder: string): BrowserContext {
  const pages = new Set<Page>();
  const newPage = context.newPage.bind(context);
  context.newPage = async () => {
    const page = await newPage();
    // A page that is closed by its context tells nothing any more, so that is done page by page.
    const close = page.close.bind(page);
    page.close = async (options) => {
      if (pages.delete(page)) await write(page, folder);
      await close(options);
    };
    await page.coverage.startJSCoverage({ resetOnNavigation: false });
    pages.add(page);
    return page;
  };
  const close = context.close.bind(context);
  context.close = async (options) => {
    await Promise.all([...pages].map((page) => page.close()));
    await close(options);
  };
  return context;
}

/** A page that crashed, as some tests want it, is left out. */
async function write(page: Page, folder: string): Promise<void> {
  const scripts = await page.coverage.stopJSCoverage().catch(() => []);
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(scripts));
}
