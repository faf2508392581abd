import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { joined, say, sees, Visitors } from './chromium.js';
import { visitDemo } from './demo-visit.js';
import { box, choose, row, sentRow } from './element-driver.js';

let url: string;
let browser: Browser;
let visitors: Visitors;
let room: string;

visitDemo((visit) => ({ url, browser, visitors, room } = visit));

const WIDTHS = [320, 500, 700, 800, 1000, 1300];

/** The boxes that are to stand beside each other, and whether what overflows them may scroll or be cut. */
const BESIDE = [
  ['.rooms', '.main > .below', '.side'],
  ['.main > .bar > .bar-text', '.main > .bar > .tools'],
  ['.side > .bar > .side-title', '.side > .bar > button'],
  ['.main .attach', '.main textarea', '.main .send'],
  ['.side .attach', '.side textarea', '.side .send'],
];

/** Says which of the boxes that are seen overlap, leave the window or can be scrolled sideways. */
function flaws(page: Page): Promise<string[]> {
  return page.evaluate((groups) => {
    const root = document.querySelector('momento-chat')?.shadowRoot;
    const seen = (selector: string) => {
      const found = root?.querySelector(selector);
      return found?.checkVisibility({ visibilityProperty: true }) ? found : undefined;
    };
    const found: string[] = [];
    for (const group of groups) {
      const boxes = group.flatMap((selector) => {
        const box = seen(selector)?.getBoundingClientRect();
        return box ? [{ selector, box }] : [];
      });
      for (const [index, { selector, box }] of boxes.entries()) {
        if (box.left < 0 || box.right > innerWidth || box.width < 20 || box.bottom > innerHeight)
          found.push(`${selector} is out of the window: ${box.left} to ${box.right}, down to ${box.bottom}`);
        for (const other of boxes.slice(index + 1)) {
          const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          if (across > 0.5 && down > 0.5)
            found.push(`${selector} and ${other.selector} overlap by ${across}`);
        }
      }
    }
    const scrolling = ['.frame', '.main', '.main .log', '.rooms', '.side', '.side .log', '.thread-root'];
    for (const element of [document.documentElement, ...scrolling.map(seen)])
      if (element && element.scrollWidth > element.clientWidth)
        found.push(`${element.className || element.tagName} scrolls sideways`);
    return found;
  }, BESIDE);
}

test('at every width nothing overlaps or scrolls sideways, with the list of rooms, a pane, or neither', async () => {
  const name = `${room}-of-those-who-have-much-to-say`;
  const ada = await visitors.join(name, 'Ada');
  const grace = await visitors.join(`${room}-other`, 'Grace');
  await say(grace, 'In the other');
  const word = `Look: https://example.com/${'long'.repeat(60)}`;
  await say(ada, word);
  await sees(ada, word);
  await ada.locator(`[data-room="${room}-other"]`).waitFor();
  const entry = ada.locator('.rooms');
  const toRooms = ada.getByRole('button', { name: 'Rooms', exact: true });
  for (const width of WIDTHS) {
    await ada.setViewportSize({ width, height: 700 });
    expect.soft(await flaws(ada), `${width} px`).toEqual([]);
    if (await toRooms.isVisible()) {
      await toRooms.click();
      const right = await entry.evaluate((list) => list.getBoundingClientRect().right);
      expect.soft(right, `the list of rooms at ${width} px`).toBeLessThan(width);
      await ada.keyboard.press('Escape');
    } else expect.soft(await entry.isVisible(), `the list of rooms at ${width} px`).toBe(true);
    await choose(ada, 'Look', 'Reply in thread');
    await ada.getByRole('complementary', { name: 'Thread' }).getByText('Look').waitFor();
    expect.soft(await flaws(ada), `${width} px, with a thread`).toEqual([]);
    await ada.keyboard.press('Escape');
    await ada.getByRole('button', { name: 'Search', exact: true }).click();
    await ada.getByRole('searchbox').waitFor();
    expect.soft(await flaws(ada), `${width} px, with the search`).toEqual([]);
    await ada.keyboard.press('Escape');
    await row(ada, 'Look').waitFor();
  }
});

test('a reader at the end stays there when a text that wraps anew meets a scroll that is not told yet', async () => {
  const ada = await visitors.join(room, 'Ada');
  for (const text of ['First', 'Second', 'Third'])
    await say(ada, `${text} ${'wraps where it is narrow '.repeat(16)}`);
  await sentRow(ada, 'Third').waitFor();
  const log = ada.locator('.main .log');
  const distance = () =>
    log.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
  // As when a phone is turned while its keyboard goes away.
  await ada.locator('momento-chat').evaluate(async (chat) => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    chat.style.height = '400px';
    await drawn();
    chat.style.height = '440px';
    // Read, so that the log is at its new end: the event of that waits for the next frame.
    void chat.shadowRoot?.querySelector('.log')?.scrollTop;
    chat.style.width = '320px';
    await drawn();
    await drawn();
  });
  expect(await distance()).toBe(0);
});

test('the files of an own message stand where own messages stand, also below each other', async () => {
  const ada = await visitors.join(room, 'Ada');
  await ada.setViewportSize({ width: 360, height: 700 });
  const file = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('Notes') });
  await ada
    .locator('.main input[type=file]')
    .setInputFiles([file('a.txt'), file(`${'long-'.repeat(9)}.txt`)]);
  await ada.getByRole('button', { name: 'Remove' }).nth(1).waitFor();
  await box(ada).press('Enter');
  await ada.locator('.message.own .file').nth(1).waitFor();
  const ends = await ada
    .locator('.message.own')
    .evaluate((message) =>
      [...message.querySelectorAll('.body, .file')].map((part) => part.getBoundingClientRect().right),
    );
  expect(ends).toEqual(ends.map(() => ends[0]));
});

test('on a phone a lost connection is told above an open thread as well, and covers nothing', async () => {
  const ada = await visitors.join(room, 'Ada');
  await ada.setViewportSize({ width: 360, height: 700 });
  await say(ada, 'Look');
  await sees(ada, 'Look');
  const banners = ada.getByText('Connection lost', { exact: false }).and(ada.locator('.banner:visible'));
  await choose(ada, 'Look', 'Reply in thread');
  const thread = ada.getByRole('complementary', { name: 'Thread' });
  await thread.getByText('Look').waitFor();
  await visitors.setOffline(true);
  await thread.locator('.banner').waitFor();
  expect(await banners.count()).toBe(1);
  const parts = await thread.evaluate((side) =>
    ['.bar', '.banner', '.thread'].map((part) => side.querySelector(part)?.getBoundingClientRect()),
  );
  for (const [index, part] of parts.entries())
    expect(part?.bottom).toBeLessThanOrEqual((parts[index + 1]?.top ?? 700) + 0.5);
  await ada.setViewportSize({ width: 1000, height: 700 });
  await ada.locator('.main .banner').waitFor();
  expect(await banners.count()).toBe(1);
  await visitors.setOffline(false);
  await banners.waitFor({ state: 'hidden' });
});

test('a long name squeezes no picture, and ends with an ellipsis where it stands in the status', async () => {
  const name = 'Maximiliane-Alexandra of the House beyond the Seven Hills';
  const ada = await visitors.join(room, name);
  await ada.setViewportSize({ width: 360, height: 700 });
  await ada.locator('[part=people-button]').click();
  const picture = ada.locator('.person .avatar');
  expect(await picture.evaluate((avatar) => avatar.clientWidth / avatar.clientHeight)).toBe(1);
  await ada.keyboard.press('Escape');
  await ada.setViewportSize({ width: 800, height: 700 });
  const status = ada.getByRole('status');
  expect(await status.evaluate((line) => line.scrollWidth > line.clientWidth)).toBe(true);
  // Only the text of a block ends so.
  expect(await status.evaluate((line) => getComputedStyle(line).display)).toBe('block');
});

test.each([
  [360, 'Ada'],
  [412, 'Ada'],
  [1000, 'Ada'],
  [360, 'Maximiliane-Alexandra of the House'],
  [600, 'Maximiliane-Alexandra of the House'],
])('a lost connection moves nothing in the header, at %i px for %s', async (width, name) => {
  const ada = await visitors.join(room, name);
  await ada.setViewportSize({ width, height: 700 });
  const places = () =>
    ada
      .locator('.main > .bar, .tools, h1')
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().toJSON()));
  // Who is here is told a moment after the join, and takes its place in the header.
  await ada.locator('.main .here').waitFor();
  const before = await places();
  await visitors.setOffline(true);
  await ada.locator('.main .banner').waitFor();
  expect(await places()).toEqual(before);
  await visitors.setOffline(false);
  await joined(ada);
  expect(await places()).toEqual(before);
});

test('all measures follow the font size of the element, not that of the root of the page', async () => {
  const ada = await visitors.join(room, 'Ada');
  await say(ada, 'Look');
  await sees(ada, 'Look');
  const sizes = () =>
    ada.locator('.text, .meta time, .bar, .composer textarea').evaluateAll((parts) =>
      parts.map((part) => {
        const { fontSize, paddingInlineStart } = getComputedStyle(part);
        return [fontSize, paddingInlineStart].map(Number.parseFloat);
      }),
    );
  const before = await sizes();
  await ada.evaluate(() => {
    document.documentElement.style.fontSize = '10px';
  });
  expect(await sizes()).toEqual(before);
  await ada.evaluate(() => {
    document.documentElement.style.fontSize = '';
    document.documentElement.style.setProperty('--momento-chat-font-size', '20px');
  });
  expect(await sizes()).toEqual(before.map((pair) => pair.map((size) => expect.closeTo(1.25 * size, 1))));
});

test('measures are the same in a browser that knows no registered properties, as Firefox before 128', async () => {
  const sizes = async (page: Page) => {
    await say(page, 'Look');
    await sees(page, 'Look');
    return page.locator('.text, .meta time, .status, .composer textarea').evaluateAll((parts) =>
      parts.map((part) => {
        const { fontSize, paddingInlineStart } = getComputedStyle(part);
        return [part.className || part.tagName, fontSize, paddingInlineStart];
      }),
    );
  };
  const old = await Visitors.at(url, browser);
  onTestFinished(() => old.close());
  const page = await old.open();
  await page.addInitScript(() => Reflect.deleteProperty(CSS, 'registerProperty'));
  await page.goto(`${url}?${new URLSearchParams({ room: `${room}-old`, name: 'Ada' })}`);
  await joined(page);
  expect(await sizes(page)).toEqual(await sizes(await visitors.join(room, 'Ada')));
});
