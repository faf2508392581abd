import { fileURLToPath } from 'node:url';
import { ChatRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildPage, serveBuiltPage } from '../support/built-page.js';
import { joined, launchChromium, Visitors } from './chromium.js';
import { row } from './element-driver.js';
import { type App, serveApp } from './element-page.js';

let momento: LocalMomento;
let browser: Browser;

beforeAll(async () => {
  [momento, browser] = await Promise.all([startLocalMomento({ caches: ['chat'] }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await momento?.close();
});

/** Changes an element's style, and lets the browser tell its observers of it. */
function style(page: Page, selector: string, change: Record<string, string>): Promise<void> {
  return page.locator(selector).evaluate(async (element, change) => {
    Object.assign((element as HTMLElement).style, change);
    for (let frame = 0; frame < 2; frame += 1)
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }, change);
}

const DRAWER = { position: 'fixed', top: '0', right: '0', width: '400px', height: '500px' };

describe('what comes into the element while it is not on the screen is unread until it is', () => {
  let app: App;
  let visitors: Visitors;
  beforeAll(async () => {
    app = await serveApp(momento);
    visitors = await Visitors.at(app.url, browser);
  });
  afterEach(() => visitors.leave());
  afterAll(() => app?.close());

  /** The count on the page's badge. */
  const badge = (page: Page) =>
    page.evaluate(() => (window as unknown as { unread: number | undefined }).unread);

  test.each([
    [
      'far down the page',
      { height: '500px', marginTop: '200vh' },
      (page: Page) => page.locator('momento-chat').evaluate((chat) => chat.scrollIntoView()),
    ],
    [
      'with its first messages above the fold and its last below it',
      { height: '150vh' },
      (page: Page) => page.evaluate(() => window.scrollTo(0, document.body.scrollHeight)),
    ],
    [
      'in a drawer that is shut',
      { ...DRAWER, transform: 'translateX(100%)' },
      (page: Page) => style(page, 'momento-chat', { transform: 'none' }),
    ],
  ] as const)('%s', async (where, away, show) => {
    const room = where.replaceAll(' ', '-');
    const ada = await visitors.open({ room, 'user-name': 'Ada', 'user-id': 'ada', rooms: 'off' });
    await joined(ada);
    await ada.evaluate(() =>
      document.addEventListener('momento-chat:unread', (event) => {
        Object.assign(window, { unread: (event as CustomEvent<{ count: number }>).detail.count });
      }),
    );
    await style(ada, 'momento-chat', away);
    const grace = new ChatRoom({ room, user: { id: 'grace', name: 'Grace' }, token: `${app.url}token` });
    onTestFinished(() => grace.leave());
    await grace.join();
    grace.on('read', () => {});
    await grace.send('First');
    await row(ada, 'First').waitFor({ state: 'attached' });
    const { id } = await grace.send('Second');
    await row(ada, 'Second').waitFor({ state: 'attached' });
    await expect.poll(() => badge(ada)).toBe(2);
    await row(ada, 'First').locator('.unread').waitFor({ state: 'attached' });
    expect(grace.read.receipts.size).toBe(0);
    await show(ada);
    await expect.poll(() => badge(ada)).toBe(0);
    await expect.poll(() => grace.read.receipts.get('ada')).toBe(id);
    expect(visitors.complaints).toEqual([]);
  });
});

describe('the end of a list that a binding looks at', () => {
  /** A page with an empty element in a drawer, which counts how often it was marked as read. */
  async function drawerPage(end: Record<string, string> = {}): Promise<Page> {
    const marker = fileURLToPath(new URL('../../src/ui/read-marker.ts', import.meta.url));
    const site = await serveBuiltPage(await buildPage(marker), () => false);
    onTestFinished(() => site.close());
    const visitors = await Visitors.at(site.url, browser);
    onTestFinished(() => visitors.close());
    const page = await visitors.open();
    await page.setContent('<div id="drawer"><p>Hello</p><div id="end"></div></div>');
    await style(page, '#drawer', { ...DRAWER, transform: 'translateX(100%)' });
    await style(page, '#end', end);
    // A text, lest the compiler of the tests takes the import for its own.
    await page.evaluate(`import('/app.js').then(({ ReadMarker }) => {
      window.marks = 0;
      const view = { subscribe: () => () => {} };
      const read = { mark: async () => { window.marks += 1; } };
      const room = { messages: [{}], read };
      new ReadMarker({ room, messages: view, connection: view }, () => undefined).observe(window.end);
    })`);
    return page;
  }
  const marks = (page: Page) => page.evaluate(() => (window as unknown as { marks: number }).marks);

  test('is not seen in a drawer that is shut at the edge of the window, and is once that opens', async () => {
    const page = await drawerPage();
    await style(page, '#drawer', {});
    expect(await marks(page)).toBe(0);
    await style(page, '#drawer', { transform: 'none' });
    await expect.poll(() => marks(page)).toBe(1);
  });

  test('is seen without a width of its own, at the edge of the window as elsewhere', async () => {
    const page = await drawerPage({ width: '0' });
    await style(page, '#drawer', { transform: 'none', right: 'auto', left: '0' });
    await expect.poll(() => marks(page)).toBe(1);
  });
});
