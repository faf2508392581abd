import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { joined, launchChromium, say, sees, Visitors } from './chromium.js';
import { forgetRooms } from './demo-visit.js';
import { box, choose, openMenu, row, sentRow } from './element-driver.js';
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

describe('for everyone', () => {
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
