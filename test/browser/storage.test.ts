import { fileURLToPath } from 'node:url';
import { ChatRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { listFetch } from '../../src/transport/operations/lists.js';
import { buildPage, type ServedPage, serveBuiltPage } from '../support/built-page.js';
import { rootToken } from '../support/chat.js';
import { tokenMint } from '../support/tokens.js';
import { launchChromium } from './chromium.js';
import type { StorageApp } from './storage-app.js';

declare const app: StorageApp;
/** Closes every connection to a database that the page has used. */
declare const closeDatabases: () => void;

const WAIT = { timeout: 45_000, interval: 50 };

let momento: LocalMomento;
let served: ServedPage;
let browser: Browser;
let context: BrowserContext;
let room: string;
let rooms = 0;

beforeAll(async () => {
  let files: ReadonlyMap<string, string>;
  [momento, browser, files] = await Promise.all([
    startLocalMomento({ caches: ['chat'] }),
    launchChromium(),
    buildPage(fileURLToPath(new URL('./storage-app.ts', import.meta.url))),
  ]);
  const mint = tokenMint(momento);
  served = await serveBuiltPage(files, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/token') return false;
    const asked = {
      rooms: searchParams.getAll('room'),
      reason: 'join',
      signal: AbortSignal.timeout(10_000),
    } as const;
    mint.source(asked).then(
      (token) => response.setHeader('content-type', 'application/json').end(JSON.stringify(token)),
      () => response.writeHead(503).end(),
    );
    return true;
  });
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await momento?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  rooms += 1;
  room = `storage-${rooms}`;
});
afterEach(async () => {
  momento.faults.reset();
  await context.close();
});

/** Opens the page in a tab, or anew, and begins to join. */
async function open(page?: Page, user = 'ada'): Promise<Page> {
  const tab = page ?? (await context.newPage());
  await (page === undefined ? tab.goto(served.url) : tab.reload());
  await tab.waitForFunction(() => 'app' in globalThis);
  await tab.evaluate(
    ([room, user]) => {
      app.open = app.openRoom(room, user);
      void app.open.join();
    },
    [room, user] as const,
  );
  return tab;
}
const joined = (tab: Page) =>
  expect.poll(() => tab.evaluate(() => app.open?.room.status), WAIT).toBe('joined');
const shown = (tab: Page) => tab.evaluate(() => app.open?.shown());
const errors = (tab: Page) => tab.evaluate(() => app.open?.errors);
const entries = (tab: Page) => tab.evaluate(() => app.entries());
const post = (tab: Page, text: string) => tab.evaluate((text) => app.open?.post(text) ?? '', text);
/** Nobody reaches Momento, and the tab knows. */
async function goOffline(tab: Page): Promise<() => void> {
  const restore = momento.faults.goOffline();
  await expect.poll(() => tab.evaluate(() => app.open?.room.status), WAIT).toBe('reconnecting');
  return restore;
}
const stored = async () => {
  const transport = fetchTransport({ token: momento.apiKey, endpoint: momento.url });
  return (await transport.call(listFetch, { cache: 'chat', list: room })) ?? [];
};
/** Somebody else in the room, outside of the browser: texts as they came and changed, and what is shown. */
async function openBob() {
  const bob = new ChatRoom({ room, user: { id: 'bob', name: 'Bob' }, token: rootToken(momento) });
  onTestFinished(() => bob.leave());
  const ids: string[] = [];
  const texts = new Set<string>();
  bob.on('message', ({ id, text }) => {
    ids.push(id);
    texts.add(text);
  });
  bob.on('update', ({ text }) => texts.add(text));
  await bob.join();
  return {
    ids,
    texts,
    shown: () =>
      bob.messages.map(({ text, reactions }) => [text, ...reactions.map(({ emoji }) => emoji)].join(' ')),
  };
}
/** The tabs that published anything; those that only join do not. */
function publishers(): Set<Page> {
  const pages = new Set<Page>();
  context.on('request', (request: Request) => {
    if (request.url().endsWith('/Publish')) pages.add(request.frame().page());
  });
  return pages;
}

test('G1, G3: what was sent, edited, reacted to and deleted offline is one message after reloads, in two tabs', async () => {
  const bob = await openBob();
  const first = await open();
  await joined(first);
  const restore = await goOffline(first);
  const id = await post(first, 'helo');
  const gone = await post(first, 'secret');
  await first.evaluate(
    async ([id, gone]) => {
      await app.open?.room.edit(id, 'hello');
      app.open?.room.react(id, '👍').catch(() => {});
      await app.open?.room.delete(gone);
    },
    [id, gone] as const,
  );
  // The code for reactions is loaded at the first reaction.
  await expect.poll(() => shown(first), WAIT).toEqual(['hello sending 👍']);
  // It shows before it is written down, as what is typed does.
  await expect.poll(() => entries(first), WAIT).toBe(2);
  await open(first);
  await expect.poll(() => shown(first), WAIT).toEqual(['hello sending 👍']);
  const second = await open();
  await expect.poll(() => second.evaluate(() => app.open?.room.status), WAIT).toBe('joining');
  expect(await shown(second)).toEqual([]);
  restore();
  await open(first);
  for (const tab of [first, second]) await expect.poll(() => shown(tab), WAIT).toEqual(['hello sent 👍']);
  await expect.poll(bob.shown, WAIT).toEqual(['hello 👍']);
  await expect.poll(() => entries(first), WAIT).toBe(0);
  expect(bob.ids).toEqual([id]);
  expect(bob.texts).toEqual(new Set(['hello']));
  const list = await stored();
  expect(new Set(list.map((payload) => JSON.parse(payload).id))).toEqual(new Set([id]));
  expect(list.join()).not.toMatch(/helo"|secret/);
  // Whatever comes later finds nothing to send.
  await open(first);
  await joined(first);
  await expect.poll(() => shown(first), WAIT).toEqual(['hello sent 👍']);
  expect(await stored()).toEqual(list);
});

test('one of two new tabs sends what a closed one left', async () => {
  const bob = await openBob();
  const first = await open();
  await joined(first);
  const restore = await goOffline(first);
  for (const text of ['one', 'two', 'three']) await post(first, text);
  await expect.poll(() => entries(first), WAIT).toBe(3);
  await first.close();
  const pages = publishers();
  const tabs = [await open(), await open()];
  restore();
  for (const tab of tabs) {
    await joined(tab);
    await expect.poll(() => shown(tab), WAIT).toEqual(['one sent', 'two sent', 'three sent']);
  }
  await expect.poll(bob.shown, WAIT).toEqual(['one', 'two', 'three']);
  expect(pages.size).toBe(1);
  expect(await stored()).toHaveLength(3);
});

test('a tab that is open already sends what one leaves that is closed later, and nothing before', async () => {
  const heir = await open();
  await joined(heir);
  const tab = await open();
  await joined(tab);
  // Only this tab cannot send.
  await tab.route(`${momento.url}/**`, (route) => route.abort());
  await post(tab, 'hello');
  await expect.poll(() => entries(heir), WAIT).toBe(1);
  expect(await shown(heir)).toEqual([]);
  await tab.close();
  await expect.poll(() => shown(heir), WAIT).toEqual(['hello sent']);
  await expect.poll(() => entries(heir), WAIT).toBe(0);
});

test('another user of the same browser neither sees nor sends it; a wipe removes it', async () => {
  const first = await open();
  await joined(first);
  const restore = await goOffline(first);
  await post(first, 'hello');
  await first.evaluate(() => app.open?.room.saveDraft('half a'));
  await expect.poll(() => entries(first), WAIT).toBe(2);
  await first.close();
  restore();
  const eve = await open(undefined, 'eve');
  await joined(eve);
  // A page that goes away sends its last words, which may come this late; then they are somebody else's.
  expect(await eve.evaluate(() => app.open?.room.messages.filter(({ own }) => own))).toEqual([]);
  expect(await eve.evaluate(() => app.open?.room.loadDraft())).toBe('');
  expect(await entries(eve)).toBe(2);
  await eve.evaluate(() => app.storage.clear('ada'));
  expect(await entries(eve)).toBe(0);
});

test('drafts and hidden users survive a reload', async () => {
  const first = await open();
  await joined(first);
  await first.evaluate(async () => {
    app.open?.room.hide('bob');
    await app.open?.room.saveDraft('half a sen');
  });
  await expect.poll(() => entries(first), WAIT).toBe(2);
  await open(first);
  await joined(first);
  expect(await first.evaluate(() => app.open?.room.loadDraft())).toBe('half a sen');
  expect(await first.evaluate(() => [...(app.open?.room.hidden ?? [])])).toEqual(['bob']);
});

test('G3: what is typed is kept after the browser has closed the database without a word', async () => {
  await context.addInitScript(() => {
    const { transaction } = IDBDatabase.prototype;
    const used = new Set<IDBDatabase>();
    IDBDatabase.prototype.transaction = function (...call) {
      used.add(this);
      return transaction.apply(this, call);
    };
    Object.assign(globalThis, { closeDatabases: () => used.forEach((database) => void database.close()) });
  });
  const tab = await open();
  await joined(tab);
  const restore = await goOffline(tab);
  await post(tab, 'one');
  await expect.poll(() => entries(tab), WAIT).toBe(1);
  await tab.evaluate(() => closeDatabases());
  for (const text of ['two', 'three']) await post(tab, text);
  await expect.poll(() => entries(tab), WAIT).toBe(3);
  expect(await errors(tab)).not.toContain('storage-unavailable');
  restore();
  await open(tab);
  await expect.poll(() => shown(tab), WAIT).toEqual(['one sent', 'two sent', 'three sent']);
});

test('where there are no Web Locks it is sent after a reload all the same', async () => {
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
  });
  const first = await open();
  await joined(first);
  const restore = await goOffline(first);
  const id = await post(first, 'old');
  await first.evaluate((id) => void app.open?.room.edit(id, 'new').catch(() => {}), id);
  await expect.poll(() => entries(first), WAIT).toBe(2);
  await open(first);
  const second = await open();
  restore();
  for (const tab of [first, second]) await expect.poll(() => shown(tab), WAIT).toEqual(['new sent']);
  await expect.poll(() => entries(first), WAIT).toBe(0);
  expect(new Set((await stored()).map((payload) => JSON.parse(payload).id))).toEqual(new Set([id]));
});

test.each([
  ['is missing', () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined })],
  [
    'is refused',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('it is denied', 'SecurityError');
      };
    },
  ],
  [
    'is full',
    () => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('it is full', 'QuotaExceededError');
      };
    },
  ],
  [
    'was made by a later version',
    () => {
      const { open } = IDBFactory.prototype;
      IDBFactory.prototype.open = function (name) {
        open.call(this, name, 7);
        return open.call(this, name, 1);
      };
    },
  ],
])('a database that %s stops no message, and is told of once', async (_, breakIt) => {
  await context.addInitScript(breakIt);
  const tab = await open();
  await joined(tab);
  for (const text of ['one', 'two']) await post(tab, text);
  await expect.poll(() => shown(tab), WAIT).toEqual(['one sent', 'two sent']);
  await expect.poll(() => errors(tab), WAIT).toEqual(['storage-unavailable']);
});
