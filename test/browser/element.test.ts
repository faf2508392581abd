import { crc32, deflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { joined, say, sees, Visitors } from './chromium.js';
import { visitDemo } from './demo-visit.js';
import { box, choose, cutParts, hasFocus, openMenu, row, sentRow } from './element-driver.js';
import { findings } from './element-page.js';

let url: string;
let browser: Browser;
let visitors: Visitors;
let room: string;

visitDemo((visit) => ({ url, browser, visitors, room } = visit));

const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement?.shadowRoot ?? document).activeElement?.id);

/** What of a page, its shadow trees included, has a transition or an animation. */
const moving = (page: Page) =>
  page.evaluate(() => {
    const below = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((element) => [
        element,
        ...(element.shadowRoot ? below(element.shadowRoot) : []),
      ]);
    return below(document)
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return transitionDuration.split(', ').some((time) => time !== '0s') || animationName !== 'none';
      })
      .map(({ tagName, className }) => `${tagName} ${className}`);
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
    // The Tab key reaches the newest message by now: the focus returns to where the thread was opened all the same.
    await say(ada, 'Something else');
    await sees(grace, 'Something else');
    await grace.keyboard.press('Escape');
    expect(await row(grace, 'A question').locator('.more').evaluate(hasFocus)).toBe(true);
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

  test('a file that is too large, and one too many, are refused in words that speak of files', async () => {
    const ada = await visitors.join(room, 'Ada');
    const input = ada.locator('.main input[type=file]');
    const notice = ada.locator('.notice');
    await input.setInputFiles({ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1_048_577) });
    await notice.getByText('⁨film.mp4⁩ is too large.').waitFor();
    const file = (number: number) => ({
      name: `${number}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from(`${number}`),
    });
    await input.setInputFiles(Array.from({ length: 12 }, (_, number) => file(number)));
    await notice.getByText('At most 10 files a message. The others were left out.').waitFor();
    await expect.poll(() => ada.locator('.main .upload').count()).toBe(10);
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await box(ada).press('Enter');
    await expect.poll(() => ada.locator('.main .message .file').count(), { timeout: 20_000 }).toBe(10);
    expect(visitors.complaints).toEqual([]);
  });

  test('a room that cannot be created is refused in words, beside where its name was typed', async () => {
    const ada = await visitors.join(room, 'Ada');
    const other = await visitors.join(`${room}-other`, 'Grace');
    await say(ada, 'In the first');
    await say(other, 'In the other');
    const name = ada.getByRole('textbox', { name: 'New room' });
    await name.fill('no:colons');
    await name.press('Enter');
    const problem = ada.locator('.new-room').getByRole('alert');
    await problem.getByText(/':'/).waitFor();
    await name.fill('colons');
    expect(await problem.textContent()).toBe('');
    expect(visitors.complaints).toEqual([]);
  });

  test('a picture of a few kilobytes that would unfold to gigabytes is a file like any other', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    const files = [6, 6100].map((side) => ({
      name: `${side}.png`,
      mimeType: 'image/png',
      buffer: blackSquare(side),
    }));
    await ada.locator('.main input[type=file]').setInputFiles(files);
    await ada.getByRole('button', { name: 'Remove' }).nth(1).waitFor();
    await box(ada).press('Enter');
    await grace.locator('.main .file', { hasText: '6100.png' }).waitFor();
    await expect.poll(() => grace.locator('.main .picture canvas').count()).toBe(1);
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

  test('on a phone the list of rooms covers a part, and goes with its button and with a touch beside it', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(`${room}-other`, 'Grace');
    await say(ada, 'In the first');
    await say(grace, 'In the other');
    await ada.setViewportSize({ width: 360, height: 640 });
    const list = ada.getByRole('navigation', { name: 'Rooms' });
    const open = ada.getByRole('button', { name: 'Rooms', exact: true });
    const isOpen = () => list.isVisible();
    await open.click();
    await expect.poll(isOpen).toBe(true);
    await list.getByRole('button', { name: 'Close' }).click();
    await expect.poll(isOpen).toBe(false);
    expect(await open.evaluate(hasFocus)).toBe(true);
    await open.click();
    await expect.poll(isOpen).toBe(true);
    // The key leads out of it.
    for (let press = 0; press < 5; press += 1) await ada.keyboard.press('Tab');
    await expect.poll(isOpen).toBe(false);
    await open.click();
    await expect.poll(isOpen).toBe(true);
    // Where a button of the header is: it is not pressed.
    await ada.mouse.click(350, 85);
    await expect.poll(isOpen).toBe(false);
    expect(new URL(ada.url()).searchParams.get('room')).toBe(room);
    expect(visitors.complaints).toEqual([]);
  });

  test('on a phone nothing behind a pane is reached by a key or counts as read, and a failure is told before it', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(grace, 'Question');
    await sees(ada, 'Question');
    await ada.setViewportSize({ width: 360, height: 640 });
    const focusIn = (selector: string) =>
      ada.locator(`momento-chat ${selector}`).evaluate((part) => {
        const { activeElement } = part.getRootNode() as ShadowRoot;
        return part.contains(activeElement);
      });
    const here = ada.getByRole('button', { name: '2 here' });
    await here.click();
    expect(await focusIn('.side')).toBe(true);
    await ada.keyboard.press('Escape');
    expect(await here.evaluate(hasFocus)).toBe(true);
    await choose(ada, 'Question', 'Reply in thread');
    await ada.keyboard.insertText('x'.repeat(5000));
    await ada.keyboard.press('Enter');
    const dismiss = ada.getByRole('button', { name: 'Dismiss' });
    await dismiss.click({ timeout: 5000 });
    expect(await focusIn('.side')).toBe(true);
    for (let press = 0; press < 8; press += 1) {
      await ada.keyboard.press('Shift+Tab');
      expect(await focusIn('.main')).toBe(false);
    }
    await say(grace, 'Meanwhile');
    await row(ada, 'Meanwhile').waitFor({ state: 'attached' });
    await ada.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
    await row(ada, 'Meanwhile').locator('.unread').waitFor();
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

/** A PNG of black pixels, a bit each. */
function blackSquare(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    ends.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = Buffer.alloc((Math.ceil(side / 8) + 1) * side);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The color in the middle. Runs in the page. */
function colorOf(canvas: HTMLElement | SVGElement): number[] {
  const { width = 0, height = 0 } = canvas as HTMLCanvasElement;
  const context = (canvas as HTMLCanvasElement).getContext('2d');
  return [...(context?.getImageData(width / 2, height / 2, 1, 1).data ?? [])];
}

describe('by keyboard', () => {
  test('arrow-up edits the last own message, Escape gives the draft back, and the focus stays', async () => {
    const ada = await visitors.join(room, 'Ada');
    await say(ada, 'First');
    await sees(ada, 'First');
    await sentRow(ada, 'First').waitFor();
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
      await sentRow(ada, text).waitFor();
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
    // The Tab key goes on from the message, not from the end of the page, where the menu stands.
    for (const open of ['menu', 'dialog'] as const) {
      await ada.keyboard.press('Enter');
      if (open === 'dialog') await ada.getByRole('menuitem', { name: 'React' }).press('Enter');
      await ada.getByRole(open).waitFor();
      await ada.keyboard.press('Tab');
      expect(await ada.getByRole(open).count()).toBe(0);
      expect(await ada.getByRole('button', { name: 'Attach a file' }).evaluate(hasFocus)).toBe(true);
      await ada.keyboard.press('Shift+Tab');
      expect(await label()).toContain('One');
    }
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
  test('on the narrowest phone the name of the room, its status and every button are seen whole', async () => {
    const page = await visitors.join(room, 'Ada');
    await page.setViewportSize({ width: 320, height: 568 });
    await page.reload();
    await joined(page);
    await page.getByRole('heading', { name: room, exact: true }).waitFor();
    expect(await cutParts(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test('nothing moves or fades for who asks for less motion, neither in the form nor in the room', async () => {
    const calm = await Visitors.at(url, browser, { reducedMotion: 'reduce' });
    onTestFinished(() => calm.close());
    const form = await calm.open();
    await form.getByRole('button', { name: 'Join' }).waitFor();
    expect(await moving(form)).toEqual([]);
    expect(await moving(await calm.join(room, 'Ada'))).toEqual([]);
  });

  test('axe-core finds nothing on any view, in light and in dark', async () => {
    const themed = await Visitors.at(url, browser, { reducedMotion: 'reduce' });
    onTestFinished(() => themed.close());
    const found = async (page: Page) => {
      const inLight = await findings(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      // Only colors differ in the dark.
      const inDark = await findings(page, ['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light' });
      return [...inLight, ...inDark.map((finding) => `in the dark: ${finding}`)];
    };
    const form = await themed.open();
    await form.getByRole('button', { name: 'Join' }).waitFor();
    expect(await found(form)).toEqual([]);
    const ada = await themed.join(room, 'Ada');
    const grace = await themed.join(room, 'Grace');
    expect(await found(ada)).toEqual([]);
    await say(grace, 'See https://example.com/x, and reply');
    await sees(grace, 'See https://example.com/x, and reply');
    await say(ada, 'My own');
    await sentRow(ada, 'My own').waitFor();
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
  });
});
