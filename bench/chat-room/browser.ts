import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchChromium } from '../../test/browser/chromium.js';
import { buildPage, serveBuiltPage } from '../../test/support/built-page.js';
import type { StartBench } from './page.js';
import type { Address } from './processes.js';

declare const startBench: StartBench;

/**
 * Opens pages of the bench in Chromium. Each is in a profile of its own, and so has its own renderer process and its
 * own connections, as two people's browsers have; what they share is Chromium's network process.
 */
export async function openBrowser(momento: Address) {
  const [files, browser] = await Promise.all([
    buildPage(fileURLToPath(new URL('./page.ts', import.meta.url))),
    launchChromium(),
  ]);
  const served = await serveBuiltPage(files, (_, response) => {
    // Only an isolated page gets a clock of 5 µs; others get one of 100 µs.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    return false;
  });

  return {
    async open(name: string): Promise<Page> {
      const page = await (await browser.newContext()).newPage();
      page.on('pageerror', (error) => console.error(error));
      await page.goto(served.url);
      await page.evaluate(
        async ({ url, apiKey, name }) => {
          if (!crossOriginIsolated) throw new Error('the page has only a coarse clock');
          Object.assign(globalThis, { bench: await startBench(url, apiKey, name) });
        },
        { url: momento.url, apiKey: momento.apiKey, name },
      );
      return page;
    },
    async close(): Promise<void> {
      await browser.close();
      await served.close();
    },
  };
}

/** Looks at a page from outside. */
export async function watchPage(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  // Time on the thread, not on the wall: what others do meanwhile does not count.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return {
    /** Seconds that the main thread has worked. */
    async mainThread(): Promise<number> {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    },
    /** Bytes of the JavaScript heap, after a collection. */
    async heap(): Promise<number> {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    },
  };
}

export type BenchBrowser = Awaited<ReturnType<typeof openBrowser>>;
