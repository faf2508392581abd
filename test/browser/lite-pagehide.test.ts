import type * as lite from 'momento-chat/lite';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { listFetch } from '../../src/transport/operations/lists.js';
import { rootToken } from '../support/chat.js';
import { pageBesideMomento } from './page-beside-momento.js';

declare const ChatRoom: typeof lite.ChatRoom;
declare const room: lite.ChatRoom;

const WAIT = { timeout: 10_000, interval: 50 };

const here = pageBesideMomento('./lite-page.ts');

/** A page that has joined the room, which it keeps as `room`, and what Momento gets of it. */
async function enter(name: string) {
  const context = await here.browser.newContext();
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await context.close();
  });
  const page = await context.newPage();
  await page.goto(here.served.url);
  await page.evaluate(
    async ({ name, token }) => {
      const room = new ChatRoom({ room: name, user: { name: 'Ada' }, token: async () => token });
      await room.join();
      Object.assign(globalThis, { room });
    },
    { name, token: await rootToken(here.momento)() },
  );
  const transport = fetchTransport({ token: here.momento.apiKey, endpoint: here.momento.url });
  const published: unknown[] = [];
  const sink = {
    item: ({ value }: { value: unknown }) => void published.push(value),
    heartbeat() {},
    discontinuity() {},
    uncertain() {},
    closed() {},
  };
  await transport.subscribe({ cache: 'chat', topic: `${name}-chat` }, sink, { signal: stop.signal });
  const stored = () => transport.call(listFetch, { cache: 'chat', list: name });
  return { page, published, stored };
}

type Departure = (page: Page, away: string) => Promise<void>;
const DEPARTURES: readonly [how: string, depart: Departure][] = [
  [
    'sent just before the page goes elsewhere',
    async (page, away) => {
      await page.evaluate((away) => {
        void room.send('bye').catch(() => {});
        location.assign(away);
      }, away);
      await gone(page, away);
    },
  ],
  [
    'sent as the page goes elsewhere',
    async (page, away) => {
      await page.evaluate((away) => {
        addEventListener('pagehide', () => void room.send('bye').catch(() => {}));
        location.assign(away);
      }, away);
      await gone(page, away);
    },
  ],
  [
    'sent as the page is closed',
    async (page) => {
      await page.evaluate(() => addEventListener('pagehide', () => void room.send('bye').catch(() => {})));
      await page.close();
    },
  ],
];

/** Chromium may never close a window that is on its way to another page. */
function gone(page: Page, away: string): Promise<void> {
  return page.waitForURL(away, { waitUntil: 'commit' });
}

test.each(DEPARTURES)('G3: a message %s is published and stored, each once', async (how, depart) => {
  const { page, published, stored } = await enter(how);
  await depart(page, `${here.served.url}elsewhere`);
  await vi.waitFor(async () => {
    expect(await stored()).toHaveLength(1);
    expect(published).toHaveLength(1);
  }, WAIT);
  expect(await stored()).toEqual(published);
});
