import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { joined, launchChromium, say, sees, Visitors } from './chromium.js';
import { forgetRooms } from './demo-visit.js';
import { box, choose, cutParts, openMenu, row, sentRow } from './element-driver.js';
import { type App, findings, serveApp } from './element-page.js';

let momento: LocalMomento;
let browser: Browser;
let visitors: Visitors;
let app: App;
let rooms = 0;
let room: string;

beforeAll(async () => {
  [momento, browser] = await Promise.all([startLocalMomento({ caches: ['chat'] }), launchChromium()]);
  app = await serveApp(momento);
  visitors = await Visitors.at(app.url, browser);
});

afterAll(async () => {
  await browser?.close();
  app?.close();
  await momento?.close();
});

beforeEach(() => {
  room = `element-${++rooms}`;
});

afterEach(async () => {
  await visitors.leave();
  await forgetRooms(momento);
});

/** A page of an app, with these attributes on its element. */
function appPage(attributes: Record<string, string>): Promise<Page> {
  return visitors.open({ room, 'user-name': 'Ada', 'user-id': 'ada', ...attributes });
}

const GRACE = { 'user-name': 'Grace', 'user-id': 'grace', token: '/token-of-another-tab' };

describe('the element on a page of an app', () => {
  test('a first reaction on a lost network shows at once, and is there for others when it is back', async () => {
    const ada = await appPage({});
    await joined(ada);
    const grace = await appPage(GRACE);
    await joined(grace);
    await say(grace, 'Hello Ada');
    await sees(ada, 'Hello Ada');
    const loaded = () =>
      ada.evaluate(() =>
        performance.getEntriesByType('resource').some(({ name }) => name.includes('reaction-writer')),
      );
    await expect.poll(loaded).toBe(true);
    await ada.context().setOffline(true);
    await openMenu(ada, 'Hello Ada');
    await ada.getByRole('menuitemcheckbox', { name: '👍' }).click();
    await row(ada, 'Hello Ada').getByRole('button', { name: '👍 1, yours too' }).waitFor();
    await ada.context().setOffline(false);
    await row(grace, 'Hello Ada').getByRole('button', { name: '👍 1' }).waitFor();
  });

  test("one script tag under `default-src 'self'`: two windows talk, edit and react", async () => {
    const ada = await appPage({});
    await joined(ada);
    const grace = await appPage({ ...GRACE, theme: 'dark' });
    await joined(grace);
    await say(ada, 'Hello Grace');
    await sees(grace, 'Hello Grace');
    await openMenu(grace, 'Hello Grace');
    await grace.getByRole('menuitemcheckbox', { name: '👍' }).click();
    await row(ada, 'Hello Grace').getByRole('button', { name: '👍 1' }).click();
    await row(grace, 'Hello Grace').getByRole('button', { name: '👍 2, yours too' }).waitFor();
    await choose(ada, 'Hello Grace', 'Edit');
    await ada.keyboard.type(' Hopper');
    await ada.keyboard.press('Enter');
    await sees(grace, 'Hello Grace Hopper');
    await row(grace, 'Hello Grace Hopper').getByText('edited').waitFor();
    expect(visitors.complaints).toEqual([]);
    expect([await findings(ada), await findings(grace)]).toEqual([[], []]);
  });

  test('speaks German, tells the page what happens, and takes texts, avatars and colors of its own', async () => {
    const page = await appPage({ lang: 'de-DE' });
    await page.evaluate(() => {
      const chat = document.querySelector('momento-chat');
      if (chat === null) throw new Error('There is no chat');
      const heard: string[] = [];
      Object.assign(window, { heard });
      for (const event of ['message', 'status'])
        document.addEventListener(`momento-chat:${event}`, ({ type }) => heard.push(type));
      chat.texts = { placeholder: 'Sag etwas' };
      chat.renderAvatar = ({ name }) =>
        Object.assign(document.createElement('b'), { textContent: `*${name}` });
      chat.style.setProperty('--momento-chat-own', 'rgb(1, 2, 3)');
    });
    await joined(page);
    expect(await page.getByRole('status').textContent()).toBe('Verbunden als Ada');
    const input = page.getByPlaceholder('Sag etwas');
    await input.fill('Hallo');
    await input.press('Enter');
    await sees(page, 'Hallo');
    const text = row(page, 'Hallo').locator('.text');
    await sentRow(page, 'Hallo').waitFor();
    expect(await text.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(1, 2, 3)');
    expect(await row(page, 'Hallo').locator('.avatar').textContent()).toBe('*Ada');
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    expect(heard).toContain('momento-chat:status');
    expect(heard).toContain('momento-chat:message');
    expect(visitors.complaints).toEqual([]);
  });

  test('a room that cannot be is told in words, and another one opens after it', async () => {
    const page = await appPage({ room: 'a:b' });
    await page
      .getByRole('alert')
      .getByText(/must not contain ':'/)
      .waitFor();
    await page.evaluate((name) => document.querySelector('momento-chat')?.setAttribute('room', name), room);
    await joined(page);
  });

  test('a wrong room, session, storage or picture is told in words too, and never an error of the page', async () => {
    const page = await appPage({});
    await joined(page);
    for (const [wrong, told] of [
      [{ room: 42 }, '`room` must be the name of a room, or a ChatRoom'],
      [{ session: {} }, '`session` must be a ChatSession'],
      [{ room: {} }, '`room` must be the name of a room, or a ChatRoom'],
      [{ session: 42 }, '`session` must be a ChatSession'],
      [{ token: 42 }, '`token` must be a function or an HTTP URL'],
      [{ storage: {} }, '`storage` must be like'],
      // As a framework sets what it has not got yet.
      [{ room: null, session: null }, undefined],
    ] as const) {
      await page.evaluate((wrong) => {
        const right = { session: undefined, token: '/token', storage: undefined, room: 'other' };
        Object.assign(document.querySelector('momento-chat') ?? {}, right, wrong);
      }, wrong);
      if (told === undefined) await joined(page);
      else await page.getByRole('alert').getByText(told).waitFor();
    }
    await page.evaluate(() =>
      Object.assign(document.querySelector('momento-chat') ?? {}, {
        session: undefined,
        token: '/token',
        storage: undefined,
        renderAvatar: 42,
        texts: 42,
      }),
    );
    await joined(page);
    await say(page, 'And on it goes');
    await sees(page, 'And on it goes');
    expect(visitors.complaints).toEqual([]);
  });

  test('a token that cannot be had is told in words, and another one opens the room', async () => {
    const page = await appPage({});
    await joined(page);
    await page.evaluate(() => {
      const chat = document.querySelector('momento-chat');
      if (chat) chat.token = '/no-token';
    });
    await page.getByRole('alert').getByText('could not be reached').waitFor();
    await page.locator('[role=status][data-status=failed]').waitFor();
    // On a phone there is room for the words, however long those of the buttons are.
    await page.setViewportSize({ width: 320, height: 568 });
    await page.evaluate(() => {
      document.querySelector('momento-chat')?.setAttribute('lang', 'de');
    });
    const alert = page.getByRole('alert').getByText('nicht zu erreichen');
    await alert.waitFor();
    expect(await alert.evaluate(({ clientWidth }) => clientWidth)).toBeGreaterThan(170);
    await page.evaluate(() => {
      const chat = document.querySelector('momento-chat');
      chat?.setAttribute('lang', 'en');
      if (chat) chat.token = '/token';
    });
    await joined(page);
    await say(page, 'Here again');
    await sees(page, 'Here again');
    expect(await page.getByRole('alert').filter({ visible: true }).count()).toBe(0);
    // Chromium itself tells of the answer 404.
    expect(visitors.complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('without a list of rooms it asks for no token but that of its room', async () => {
    const page = await visitors.open();
    const asked: string[][] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === '/token') asked.push(searchParams.getAll('room'));
    });
    await page.goto(
      `${app.url}?${new URLSearchParams({ room, 'user-name': 'Ada', 'user-id': 'ada', rooms: 'off' })}`,
    );
    await joined(page);
    await say(page, 'Hello');
    await sentRow(page, 'Hello').waitFor();
    expect(asked).toEqual([[room]]);
    expect(visitors.complaints).toEqual([]);
  });

  test('a lost connection is shown once, and read aloud once', async () => {
    const page = await appPage({ rooms: 'off' });
    await joined(page);
    const lost = page.getByText('Connection lost', { exact: false });
    await visitors.setOffline(true);
    await page.locator('[role=status][data-status=reconnecting]').waitFor();
    await say(page, 'Does it arrive?');
    await sees(page, 'Does it arrive?');
    const seen = await lost.evaluateAll((elements) =>
      elements
        .filter((element) => element.checkVisibility({ opacityProperty: true }))
        .map(({ className }) => className),
    );
    expect(seen).toEqual(['banner']);
    expect(await page.getByRole('status').allTextContents()).toEqual(['Connection lost. Reconnecting…']);
    expect(await page.getByRole('alert').filter({ visible: true }).count()).toBe(0);
    // A message that is on its way is read as well, and may be so for long.
    expect(await findings(page, ['color-contrast'])).toEqual([]);
    await visitors.setOffline(false);
    await joined(page);
    await sentRow(page, 'Does it arrive?').waitFor();
  });

  test('with a storage a draft survives a reload, in its room alone', async () => {
    const page = await appPage({ rooms: 'off' });
    const store = async () => {
      await joined(page);
      // A text, lest the compiler of the tests takes the import for its own.
      await page.evaluate(`import('/lib/storage.js').then(({ indexedDb }) => {
        document.querySelector('momento-chat').storage = indexedDb();
      })`);
      await joined(page);
    };
    await store();
    await box(page).fill('Half a sen');
    // A page that is closed before the browser has written it has lost it.
    const stored = () =>
      page.evaluate(`import('/lib/storage.js').then(({ indexedDb }) =>
        indexedDb().get({ user: '=ada', cache: 'chat', room: '${room}' }, 'draft ')
      )`);
    await expect.poll(stored).toBe('Half a sen');
    await page.reload();
    await store();
    await expect.poll(() => box(page).inputValue()).toBe('Half a sen');
    await page.evaluate((other) => {
      const chat = document.querySelector('momento-chat');
      if (chat) chat.room = other;
    }, `${room}-b`);
    await page.getByRole('heading', { name: `${room}-b` }).waitFor();
    await joined(page);
    expect(await box(page).inputValue()).toBe('');
    await page.evaluate((first) => {
      const chat = document.querySelector('momento-chat');
      if (chat) chat.room = first;
    }, room);
    await expect.poll(() => box(page).inputValue()).toBe('Half a sen');
    expect(visitors.complaints).toEqual([]);
  });

  test('somebody who types "@" is offered the others, and not themselves', async () => {
    const ada = await appPage({});
    await joined(ada);
    await say(ada, 'I am Ada');
    const grace = await appPage(GRACE);
    await joined(grace);
    await say(grace, 'I am Grace');
    await sees(ada, 'I am Grace');
    await box(ada).pressSequentially('@');
    await ada.getByRole('listbox').waitFor();
    expect(await ada.getByRole('option').allTextContents()).toEqual(['Grace']);
    await box(ada).fill('');
    await box(ada).pressSequentially('@Ada');
    await ada.getByRole('listbox').waitFor({ state: 'detached' });
  });

  test('removed from the page it leaves the room, moved within it it stays', async () => {
    const ada = await appPage({});
    await joined(ada);
    const grace = await appPage(GRACE);
    await joined(grace);
    await grace.getByRole('button', { name: '2 here' }).waitFor();
    await ada.evaluate(() => document.body.append(document.querySelector('momento-chat') ?? ''));
    await say(ada, 'Still here');
    await sees(grace, 'Still here');
    await ada.evaluate(() => document.querySelector('momento-chat')?.remove());
    await grace.getByRole('button', { name: '1 here' }).waitFor();
  });
});

describe('on a bad network', () => {
  const search = (page: Page) => page.getByRole('button', { name: 'Search', exact: true });

  test('a search that is first opened without a network says so, and opens once it is back', async () => {
    const ada = await appPage({});
    await joined(ada);
    await visitors.setOffline(true);
    await search(ada).click();
    await ada.getByRole('alert').filter({ hasText: /./ }).waitFor();
    await visitors.setOffline(false);
    await joined(ada);
    await search(ada).click();
    await ada.getByRole('searchbox', { name: 'Search messages' }).waitFor();
  });

  test("under `default-src 'self'` a pane opens though the first request for its code fails", async () => {
    const ada = await appPage({});
    let failed = 0;
    await ada.route(/search-pane/, (route) => {
      failed += 1;
      return failed === 1 ? route.abort('internetdisconnected') : route.continue();
    });
    await joined(ada);
    await search(ada).click();
    await ada.getByRole('searchbox', { name: 'Search messages' }).waitFor();
    expect(failed).toBe(2);
    expect(visitors.complaints.filter((one) => one.startsWith('CSP'))).toEqual([]);
  });
});

describe('for everyone', () => {
  test('on the narrowest phone the name of the room, its status and every button are seen whole', async () => {
    const page = await appPage({ 'user-name': 'Ada Lovelace', lang: 'de' });
    await page.setViewportSize({ width: 320, height: 568 });
    await page.reload();
    await joined(page);
    await page.getByRole('heading', { name: room, exact: true }).waitFor();
    expect(await cutParts(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test('a log without messages is no stop of the Tab key, and one with messages is', async () => {
    const page = await appPage({ rooms: 'off' });
    await joined(page);
    const log = page.getByRole('log');
    expect(await log.getAttribute('tabindex')).toBe('-1');
    await say(page, 'Hello');
    await sees(page, 'Hello');
    expect(await log.getAttribute('tabindex')).toBe('0');
  });

  test('in German an error of what was typed is German', async () => {
    const page = await appPage({ room: 'a:b', lang: 'de' });
    await page.getByRole('alert').getByText('Das lässt sich hier nicht verwenden.').waitFor();
  });

  test('in Hebrew the page runs from right to left, and nothing scrolls sideways', async () => {
    const page = await appPage({ dir: 'rtl' });
    await joined(page);
    await say(page, 'שלום עולם');
    await sees(page, 'שלום עולם');
    const send = await page.getByRole('button', { name: 'Send' }).boundingBox();
    const input = await box(page).boundingBox();
    expect(send?.x).toBeLessThan(input?.x ?? 0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test('no message breaks the page: names and texts without end, marks that turn the direction, false links', async () => {
    const long = 'N'.repeat(900);
    const page = await appPage({ 'user-name': long });
    await joined(page);
    const texts = [
      '\u202eevil\u202c https://bank.example@evil.example/ javascript:alert(1)',
      'a\n'.repeat(900),
      'Z\u0300'.repeat(500),
    ];
    for (const [index, text] of texts.entries()) {
      await say(page, text);
      await page.locator('.message[data-state=sent]').nth(index).waitFor();
    }
    expect(await page.locator('.message a').count()).toBe(0);
    await page.getByRole('button', { name: 'Show all' }).first().waitFor();
    const log = page.getByRole('log');
    expect(await log.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const tallest = await page
      .locator('.message')
      .evaluateAll((rows) => Math.max(...rows.map((one) => one.getBoundingClientRect().height)));
    expect(tallest).toBeLessThan(450);
    expect(visitors.complaints).toEqual([]);
  });
});
