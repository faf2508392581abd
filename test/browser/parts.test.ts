import { ChatRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { tokenMint } from '../support/tokens.js';
import { launchChromium } from './chromium.js';
import type { Library, Part, PartsApp } from './parts-app.js';
import { buildParts } from './parts-page.js';
import { type Served, servePage } from './resilience-page.js';

declare const app: PartsApp;

const WAIT = { timeout: 45_000, interval: 50 };
const LIBRARIES: readonly Library[] = ['momento-chat', 'momento-chat/lite'];

/** Each part, the name of its chunk, and what comes of its use. */
const PARTS: Readonly<Record<Part, readonly [chunk: string, outcome: string]>> = {
  reactions: ['reaction-writer', 'done'],
  revisions: ['revision-writer', 'changed'],
  pins: ['pins', 'done'],
  threads: ['threads', 'sent'],
  files: ['files', 'sent'],
  search: ['message-search', 'first'],
  presence: ['presence', 'done'],
  read: ['read', 'done'],
  typing: ['typing', 'done'],
  signals: ['signals', 'done'],
  directory: ['open-directory', 'done'],
  storage: ['room-storage', 'half a sentence'],
  log: ['room-log', 'true'],
};
const USED = Object.keys(PARTS) as Part[];
const OUTCOMES = Object.fromEntries(USED.map((part) => [part, PARTS[part][1]]));

let momento: LocalMomento;
let served: Served;
let browser: Browser;
let rooms = 0;
let room: string;

beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  [served, browser] = await Promise.all([servePage(momento, { build: buildParts }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await momento?.close();
});

/** A page with a room of this library that is not joined yet. `intercept` sees each request for a chunk. */
async function openPage(
  library: Library,
  intercept?: (route: Route, chunk: string, path: string) => void,
): Promise<Page> {
  rooms += 1;
  room = `parts-${rooms}`;
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  if (intercept !== undefined)
    await page.route(/\/assets\/[^/]+\.js$/, (route) => {
      const path = new URL(route.request().url()).pathname;
      intercept(route, /([^/]+)-[^/]{8}\.js$/.exec(path)?.[1] ?? path, path);
    });
  await page.goto(served.url);
  await page.waitForFunction(() => 'app' in globalThis);
  await page.evaluate(
    ([library, room]) => {
      app.ada = app.open(library, room);
    },
    [library, room] as const,
  );
  return page;
}

/** Takes the page off the network or back onto it; resolves when it knows. */
async function setOffline(page: Page, offline: boolean): Promise<void> {
  await page.context().setOffline(offline);
  await page.waitForFunction((offline) => navigator.onLine !== offline, offline);
}

const join = (page: Page) => page.evaluate(() => app.ada?.join());
const say = async (page: Page, text: string) => {
  const id = await page.evaluate((text) => app.ada?.say(text), text);
  if (id === undefined) throw new Error('The page holds no room');
  return id;
};
const use = (page: Page, part: Part, id: string) =>
  page.evaluate(([part, id]) => app.ada?.use(part, id), [part, id] as const);

/** Somebody else in the room, who sees what the page does. */
async function observer(): Promise<ChatRoom> {
  const bob = new ChatRoom({ room, user: { id: 'bob', name: 'Bob' }, token: tokenMint(momento).source });
  onTestFinished(() => bob.leave());
  await bob.join();
  // Typing is not sent to a room in which nobody else is present.
  await bob.presence.enter();
  return bob;
}

describe.each(LIBRARIES)('%s', (library) => {
  test('a page in which the first request for each part fails joins, and uses them all', async () => {
    const wanted = new Set(USED.map((part) => PARTS[part][0]));
    wanted.add(library === 'momento-chat' ? 'web-runtime' : 'lite-runtime');
    const failed = new Set<string>();
    const page = await openPage(library, (route, chunk) => {
      if (!wanted.has(chunk) || failed.has(chunk)) return void route.continue();
      failed.add(chunk);
      void route.abort('internetdisconnected');
    });
    expect(await join(page)).toBe('joined');
    const outcomes: Record<string, string | undefined> = {};
    for (const part of USED) outcomes[part] = await use(page, part, await say(page, 'first'));
    expect(outcomes).toEqual(OUTCOMES);
    expect(failed).toEqual(wanted);
    expect(await page.evaluate(() => app.ada?.errors)).toEqual([]);
  });

  test('G3: parts that are first needed without a network do their work once it is back, for everybody', async () => {
    const page = await openPage(library);
    expect(await join(page)).toBe('joined');
    const id = await say(page, 'first');
    const bob = await observer();
    const typed: string[] = [];
    bob.on('pins', () => {});
    bob.on('typing', (users) => typed.push(...users.map(({ name }) => name)));
    await setOffline(page, true);
    const waiting: Part[] = ['reactions', 'pins', 'threads', 'files', 'presence', 'read', 'search', 'typing'];
    const outcomes = Promise.all(waiting.map((part) => use(page, part, id)));
    await vi.waitFor(
      async () => expect(await page.evaluate(() => app.ada?.room.status)).toBe('reconnecting'),
      WAIT,
    );
    await setOffline(page, false);
    expect(await outcomes).toEqual(waiting.map((part) => OUTCOMES[part]));
    await vi.waitFor(() => {
      const message = bob.messages.find((one) => one.id === id);
      expect(message?.reactions.map(({ emoji }) => emoji)).toEqual(['👍']);
      expect(message?.thread?.replyCount).toBe(1);
      expect(bob.pinned.map((pin) => pin.id)).toEqual([id]);
      expect(bob.presence.members.map(({ user }) => user.name)).toContain('Ada');
      expect(bob.messages.filter(({ files = [] }) => files.length > 0)).toHaveLength(1);
    }, WAIT);
    // A keystroke is of the moment: that of the time without a network tells nobody, the next one does.
    await vi.waitFor(async () => {
      await use(page, 'typing', id);
      expect(typed).toContain('Ada');
    }, WAIT);
  });

  test('a directory that is first opened without a network says so, and opens once it is back', async () => {
    const page = await openPage(library);
    expect(await join(page)).toBe('joined');
    await setOffline(page, true);
    expect(await use(page, 'directory', '')).toContain(
      'unable to open the directory; a part of the library cannot be loaded',
    );
    await setOffline(page, false);
    expect(await use(page, 'directory', '')).toBe('done');
  });

  test('a first join without a network rejects as one that may be tried again, and a later one joins', async () => {
    const page = await openPage(library);
    await setOffline(page, true);
    expect(await join(page)).toBe('network true');
    await setOffline(page, false);
    expect(await join(page)).toBe('joined');
  });
});

test('momento-chat joins though the first request for the SDK fails', async () => {
  let failed = 0;
  const page = await openPage('momento-chat', (route, _chunk, path) => {
    if (failed > 0 || !served.files.get(path)?.includes('fromDisposableToken')) return void route.continue();
    failed += 1;
    void route.abort('internetdisconnected');
  });
  expect(await join(page)).toBe('joined');
  expect(failed).toBe(1);
});
