import { ChatRoom } from 'momento-chat/lite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Demo, startDemo } from '../../examples/demo/server.js';
import { nodeClients } from '../support/chat.js';
import { readable } from '../support/page-coverage.js';
import { joined, launchChromium, say, sees, Visitors } from './chromium.js';
import { type App, findings, serveApp } from './element-page.js';

let demo: Demo;
let browser: Browser;
let visitors: Visitors;
let app: App;
let momento: ReturnType<typeof nodeClients>;
let rooms = 0;
let room: string;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo({ port: 0, readable }), launchChromium()]);
  if (!demo.local) throw new Error('The demo does not run on a local Momento');
  momento = nodeClients(demo.local);
  app = await serveApp(demo.local);
  visitors = await Visitors.at(demo.url, browser);
});

afterAll(async () => {
  await browser?.close();
  app?.close();
  await demo?.close();
});

beforeEach(() => {
  room = `element-${++rooms}`;
});

afterEach(() => visitors.leave());

const box = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true }).first();
const row = (page: Page, text: string) =>
  page.locator('.main .message').filter({ has: page.locator('.text').filter({ hasText: text }) });
const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement?.shadowRoot ?? document).activeElement?.id);

async function openMenu(page: Page, text: string): Promise<void> {
  await row(page, text).hover();
  await row(page, text).locator('.more').click();
  await page.getByRole('menu').waitFor();
}

async function choose(page: Page, text: string, item: string | RegExp): Promise<void> {
  await openMenu(page, text);
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** A page of an app, with these attributes on its element. */
async function appPage(attributes: Record<string, string>): Promise<Page> {
  const page = await visitors.open();
  await page.goto(
    `${app.url}?${new URLSearchParams({ room, 'user-name': 'Ada', 'user-id': 'ada', ...attributes })}`,
  );
  return page;
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
    await row(page, 'Hallo').and(page.locator('[data-state=sent]')).waitFor();
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

describe('features, in two windows', () => {
  test('a reply quotes, leads to what it answers, and follows its deletion', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(ada, 'When do we start?');
    await sees(grace, 'When do we start?');
    await choose(grace, 'When do we start?', 'Reply');
    await grace.getByText('Replying to').waitFor();
    await grace.keyboard.type('At ten');
    await grace.keyboard.press('Enter');
    const quote = row(ada, 'At ten').locator('.quote');
    await quote.getByText('When do we start?').waitFor();
    await quote.click();
    await ada.locator('.message.found').getByText('When do we start?').waitFor();
    await choose(ada, 'When do we start?', /^Delete/);
    await ada.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await row(grace, 'At ten').locator('.quote').getByText('Deleted message').waitFor();
    await grace.locator('.message.deleted').getByText('This message was deleted.').waitFor();
    expect(await grace.locator('momento-chat').getByText('When do we start?').count()).toBe(0);
    expect(visitors.complaints).toEqual([]);
  });

  test('who is here and who is writing is shown; a mention is offered, sent and marked', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await ada.getByRole('button', { name: '2 here' }).click();
    await ada.getByRole('complementary', { name: 'Who is here' }).getByText('Grace').waitFor();
    await ada.keyboard.press('Escape');
    await box(grace).pressSequentially('Hi @A');
    await grace.getByRole('option', { name: 'Ada' }).waitFor();
    await ada.getByText('Grace⁩ is writing').waitFor();
    await grace.keyboard.press('Enter');
    expect(await box(grace).inputValue()).toBe('Hi @Ada ');
    await grace.keyboard.type('are you there?');
    await grace.keyboard.press('Enter');
    await ada.locator('.message.mentioned').locator('.mention').getByText('@Ada').waitFor();
    await ada.getByText('is writing').waitFor({ state: 'detached' });
    expect(visitors.complaints).toEqual([]);
  });

  test('a pin is listed for everybody, and leads to its message', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(ada, 'The rules');
    await sees(grace, 'The rules');
    await grace.getByRole('button', { name: 'Pinned messages' }).click();
    await grace.getByText('Nothing is pinned.').waitFor();
    await choose(ada, 'The rules', 'Pin');
    await grace.getByRole('complementary').getByRole('button', { name: 'The rules' }).click();
    await grace.locator('.message.found').getByText('The rules').waitFor();
  });

  test('a thread beside the room: replies reach both, their drafts stay in it, Escape closes it', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(ada, 'A question');
    await sees(grace, 'A question');
    await choose(grace, 'A question', 'Reply in thread');
    const thread = (page: Page) => page.getByRole('complementary', { name: 'Thread' });
    await thread(grace).getByRole('textbox', { name: 'Message' }).pressSequentially('An answer');
    await grace.keyboard.press('Enter');
    await row(ada, 'A question').getByRole('button', { name: '1 reply' }).click();
    await thread(ada).getByRole('log').getByText('An answer').waitFor();
    await ada.keyboard.type('Thank you');
    await thread(grace).getByText('is writing').waitFor();
    expect(await grace.locator('.main .typing').textContent()).toBe('');
    await ada.keyboard.press('Enter');
    await thread(grace).getByRole('log').getByText('Thank you').waitFor();
    expect(await ada.locator('.main').getByText('Thank you').count()).toBe(0);
    expect(await thread(ada).locator('.unread').count()).toBe(0);
    await ada.keyboard.press('Escape');
    expect(await thread(ada).isVisible()).toBe(false);
    expect(await ada.evaluate(() => document.activeElement?.shadowRoot?.activeElement !== null)).toBe(true);
    expect(visitors.complaints).toEqual([]);
  });

  test('a picture is seen without a hole in the policy, a file is saved, both under one message', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    const dot = Buffer.from(DOT, 'base64');
    await ada.locator('.main input[type=file]').setInputFiles([
      { name: 'dot.png', mimeType: 'image/png', buffer: dot },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('Notes') },
    ]);
    await ada.getByRole('button', { name: 'Remove' }).nth(1).waitFor();
    await box(ada).press('Enter');
    const picture = grace.locator('.main .picture canvas');
    await expect
      .poll(() => picture.evaluate(colorOf).catch(() => []), { timeout: 20_000 })
      .toEqual([255, 0, 0, 255]);
    const saved = grace.waitForEvent('download');
    await grace.getByRole('button', { name: 'Download ⁨notes.txt⁩' }).click();
    expect((await saved).suggestedFilename()).toBe('notes.txt');
    expect(visitors.complaints).toEqual([]);
  });

  test('several rooms are listed with what was not read, and another one is a click away', async () => {
    const other = `${room}-other`;
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(other, 'Grace');
    const list = (page: Page) => page.getByRole('navigation', { name: 'Rooms' });
    const entry = (page: Page, name: string) => list(page).locator(`[data-room="${name}"]`);
    await say(ada, 'In the first');
    await say(grace, 'In the other');
    await entry(ada, other).getByText('In the other').waitFor();
    await entry(ada, other).click();
    await sees(ada, 'In the other');
    expect(new URL(ada.url()).searchParams.get('room')).toBe(other);
    await say(ada, 'Here I am');
    await sees(grace, 'Here I am');
    await entry(grace, room).getByText('In the first').waitFor();
    expect(visitors.complaints).toEqual([]);
  });

  test('what came while the page was hidden stands below a line', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(grace, 'Seen');
    await sees(ada, 'Seen');
    await ada.evaluate(() =>
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }),
    );
    await say(grace, 'Unseen');
    await row(ada, 'Unseen').locator('.unread').waitFor();
    expect(await row(ada, 'Seen').locator('.unread').count()).toBe(1);
  });
});

/** A picture of one red pixel. */
const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** The color in the middle. Runs in the page. */
function colorOf(canvas: HTMLElement | SVGElement): number[] {
  const { width = 0, height = 0 } = canvas as HTMLCanvasElement;
  const context = (canvas as HTMLCanvasElement).getContext('2d');
  return [...(context?.getImageData(width / 2, height / 2, 1, 1).data ?? [])];
}

/** A room with more messages than a page has in memory: a pinned one at its beginning, which the last one answers. */
async function longRoom(): Promise<void> {
  const linus = new ChatRoom({ room, user: { id: 'linus', name: 'Linus' }, token: `${demo.url}token` });
  await linus.join();
  const first = await linus.send('The Café opens at nine');
  await Promise.all(Array.from({ length: 60 }, (_, index) => linus.send(`Number ${index}`)));
  await linus.pin(first.id);
  await linus.send('Is the café open?', { replyTo: first.id });
  await linus.leave();
}

describe('in a room of many messages', () => {
  test('a search finds page by page, says how far it looked, leads to its hits, and gives the focus back', async () => {
    await longRoom();
    const ada = await visitors.join(room, 'Ada');
    const pane = ada.getByRole('complementary');
    const field = ada.getByRole('searchbox', { name: 'Search messages' });
    await ada.getByRole('button', { name: 'Search', exact: true }).press('Enter');
    await field.fill('number');
    await pane.getByRole('status').getByText('20 messages found. Searched back to').waitFor();
    await pane.getByRole('button', { name: 'Search further back' }).click();
    await pane.getByRole('status').getByText('40 messages found. Searched back to').waitFor();
    expect(await pane.locator('.hit').nth(20).evaluate(hasFocus)).toBe(true);
    await field.fill('nowhere');
    await pane.getByRole('status').getByText('Nothing found. Searched all that is stored, back to').waitFor();
    expect(await pane.getByRole('button', { name: 'Search further back' }).isVisible()).toBe(false);
    await field.fill('cafe');
    const far = pane.getByRole('button', { name: 'opens at nine' });
    await far.press('Enter');
    await pane.getByRole('heading', { name: 'Around this message' }).waitFor();
    await expect.poll(() => pane.locator('[aria-current]').evaluate(hasFocus)).toBe(true);
    expect(await pane.locator('[aria-current] .text').textContent()).toBe('The Café opens at nine');
    await pane.getByText('Number 1', { exact: true }).waitFor();
    await pane.getByRole('button', { name: 'Back' }).click();
    expect(await far.evaluate(hasFocus)).toBe(true);
    expect(await far.locator('mark').textContent()).toBe('Café');
    await pane.getByRole('button', { name: 'open?' }).click();
    await ada.locator('.main .message.found').getByText('Is the café open?').waitFor();
    await field.focus();
    await ada.keyboard.press('Escape');
    expect(await pane.isVisible()).toBe(false);
    expect(await ada.getByRole('button', { name: 'Search', exact: true }).evaluate(hasFocus)).toBe(true);
    expect(visitors.complaints).toEqual([]);
  });

  test('on a phone, quotes and pins lead to what is not in memory, or say that it is no longer stored', async () => {
    await longRoom();
    const ada = await visitors.join(room, 'Ada');
    await ada.setViewportSize({ width: 360, height: 640 });
    const pane = ada.getByRole('complementary', { name: 'Around this message' });
    const quote = row(ada, 'Is the café open?').locator('.quote');
    await quote.click();
    await pane.locator('[aria-current]').getByText('The Café opens at nine').waitFor();
    expect((await pane.boundingBox())?.width).toBeGreaterThan(300);
    await ada.keyboard.press('Escape');
    expect(await quote.evaluate(hasFocus)).toBe(true);
    await ada.getByRole('button', { name: 'Pinned messages' }).click();
    await ada.locator('.side .pinned').click();
    await pane.locator('[aria-current]').waitFor();
    await ada.keyboard.press('Escape');
    expect(await ada.locator('.side .pinned').evaluate(hasFocus)).toBe(true);
    await ada.keyboard.press('Escape');
    await momento.cache.delete('chat', room);
    await quote.click();
    await pane.getByRole('status').getByText('That message is no longer stored.').waitFor();
    expect(visitors.complaints).toEqual([]);
  });

  test('older pages come in their order, in short blocks that the browser leaves undrawn', async () => {
    await longRoom();
    const ada = await visitors.join(room, 'Ada');
    // A click would scroll there first, which loads as well.
    await ada.getByRole('button', { name: 'Load older' }).press('Enter');
    await row(ada, 'The Café opens at nine').waitFor();
    const numbers = Array.from({ length: 60 }, (_, index) => `Number ${index}`);
    const shown = await ada.locator('.main .message .text').allTextContents();
    expect(shown).toEqual(['The Café opens at nine', ...numbers, 'Is the café open?']);
    const blocks = ada.locator('.main .messages > ol');
    const sizes = await blocks.evaluateAll((lists) => lists.map((list) => list.childElementCount));
    // Those that came late stand between others, in blocks that may be full.
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(48);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('people who are hidden are gone with their messages, and are shown again from the list of people', async () => {
    await longRoom();
    const ada = await visitors.join(room, 'Ada');
    await choose(ada, 'Is the café open?', 'Hide \u2068Linus\u2069');
    await ada.locator('.main .message').first().waitFor({ state: 'detached' });
    expect(await ada.getByText('Nothing here yet').isVisible()).toBe(false);
    await ada.getByRole('button', { name: '1 here' }).click();
    await ada.getByRole('button', { name: 'Show again: \u2068Linus\u2069' }).press('Enter');
    await sees(ada, 'Is the café open?');
    expect(await ada.getByText('Hidden from you').count()).toBe(0);
    expect(await ada.getByRole('group', { name: 'Who is here' }).evaluate(hasFocus)).toBe(true);
    await say(ada, 'My own');
    await row(ada, 'My own').and(ada.locator('[data-state=sent]')).waitFor();
    await openMenu(ada, 'My own');
    expect(await ada.getByRole('menuitem', { name: /^Hide/ }).count()).toBe(0);
  });
});

/** Runs in the page. */
function hasFocus(element: HTMLElement | SVGElement): boolean {
  const root = element.getRootNode();
  return root instanceof ShadowRoot && root.activeElement === element;
}

describe('by keyboard', () => {
  test('arrow-up edits the last own message, Escape gives the draft back, and the focus stays', async () => {
    const ada = await visitors.join(room, 'Ada');
    await say(ada, 'First');
    await sees(ada, 'First');
    await row(ada, 'First').and(ada.locator('[data-state=sent]')).waitFor();
    await ada.keyboard.press('ArrowUp');
    expect(await box(ada).inputValue()).toBe('First');
    await ada.keyboard.press('Escape');
    expect(await box(ada).inputValue()).toBe('');
    await ada.keyboard.press('ArrowUp');
    await ada.keyboard.type(' and last');
    await ada.keyboard.press('Enter');
    await sees(ada, 'First and last');
    expect(await focused(ada)).toBe('composer-text');
  });

  test('the menu of each message is reached, used and left', async () => {
    const ada = await visitors.join(room, 'Ada');
    for (const text of ['One', 'Two', 'Three']) {
      await say(ada, text);
      await row(ada, text).and(ada.locator('[data-state=sent]')).waitFor();
    }
    const label = () =>
      ada.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.closest('.message')?.textContent);
    // Past the button for files.
    await ada.keyboard.press('Shift+Tab');
    await ada.keyboard.press('Shift+Tab');
    expect(await label()).toContain('Three');
    await ada.keyboard.press('ArrowUp');
    await ada.keyboard.press('ArrowUp');
    expect(await label()).toContain('One');
    await ada.keyboard.press('Enter');
    await ada.getByRole('menu').waitFor();
    await ada.keyboard.press('Escape');
    expect(await label()).toContain('One');
    await ada.keyboard.press('Enter');
    await ada.keyboard.press('End');
    await ada.keyboard.press('Enter');
    await ada.getByRole('alertdialog').waitFor();
    // The first choice is the one that does nothing.
    await ada.keyboard.press('Tab');
    await ada.keyboard.press('Enter');
    await row(ada, 'This message was deleted.').waitFor();
    expect(await ada.evaluate(() => document.activeElement?.shadowRoot?.activeElement !== null)).toBe(true);
    await ada.keyboard.press('Home');
    await ada.keyboard.press('Enter');
    await ada.keyboard.press('Escape');
  });
});

describe('for everyone', () => {
  // A minute each; the dark one, which is about contrast alone, is run by `ELEMENT_SLOW=1`.
  for (const colorScheme of ['light', 'dark'] as const)
    test.runIf(colorScheme === 'light' || process.env.ELEMENT_SLOW !== undefined)(
      `axe-core finds nothing on any view, in ${colorScheme}`,
      { timeout: 240_000 },
      async () => {
        const themed = await Visitors.at(demo.url, browser, { colorScheme, reducedMotion: 'reduce' });
        onTestFinished(() => themed.close());
        // Only colors differ in the dark.
        const found = (page: Page) => findings(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
        const form = await themed.open();
        expect(await found(form)).toEqual([]);
        const ada = await themed.join(room, 'Ada');
        const grace = await themed.join(room, 'Grace');
        expect(await found(ada)).toEqual([]);
        await say(grace, 'See https://example.com/x, and reply');
        await sees(grace, 'See https://example.com/x, and reply');
        await say(ada, 'My own');
        await row(ada, 'My own').and(ada.locator('[data-state=sent]')).waitFor();
        await openMenu(ada, 'and reply');
        expect(await found(ada)).toEqual([]);
        await ada.getByRole('menuitemcheckbox').first().click();
        await row(ada, 'and reply').locator('.reaction').waitFor();
        await choose(ada, 'and reply', /^React/);
        expect(await found(ada)).toEqual([]);
        await ada.keyboard.press('Escape');
        await choose(ada, 'and reply', 'Reply');
        await box(ada).pressSequentially('@G');
        await ada.getByRole('listbox').waitFor();
        expect(await found(ada)).toEqual([]);
        await ada.keyboard.press('Enter');
        await ada.keyboard.press('Enter');
        await choose(ada, 'My own', 'Pin');
        await choose(ada, 'My own', /^Delete/);
        expect(await found(ada)).toEqual([]);
        await ada.keyboard.press('Escape');
        await ada.getByRole('button', { name: 'Pinned messages' }).click();
        expect(await found(ada)).toEqual([]);
        await ada.getByRole('button', { name: /^\d+ here$/ }).click();
        await ada.getByRole('complementary', { name: 'Who is here' }).waitFor();
        expect(await found(ada)).toEqual([]);
        await ada.getByRole('button', { name: 'Search', exact: true }).click();
        await ada.getByRole('searchbox').fill('reply');
        await ada.locator('.hit').waitFor();
        expect(await found(ada)).toEqual([]);
        await choose(ada, 'and reply', 'Reply in thread');
        const thread = ada.getByRole('complementary', { name: 'Thread' });
        await ada.keyboard.type('In the thread');
        await ada.keyboard.press('Enter');
        await thread.getByRole('log').getByText('In the thread').waitFor();
        expect(await found(ada)).toEqual([]);
        await ada.getByRole('button', { name: /^\d+ here$/ }).click();
        await say(ada, 'x'.repeat(5000));
        await ada.getByRole('alert').getByText('too long').waitFor();
        expect(await found(ada)).toEqual([]);
        await ada.setViewportSize({ width: 360, height: 640 });
        expect(await found(ada)).toEqual([]);
      },
    );

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
