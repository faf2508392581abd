// Takes the screenshots of the README and the docs anew: npx tsx examples/demo/screenshots.ts
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { startDemo } from './server.js';

const ROOM = 'release-day';
const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** The texts of a talk, each with its speaker. */
const TALK: readonly (readonly [who: 'Ada' | 'Grace' | 'Linus', text: string])[] = [
  ['Grace', 'Good morning! Are we still releasing today?'],
  ['Ada', 'Yes. Two checks are left, then it goes out.'],
  ['Linus', 'I can take the browser one.'],
  ['Linus', 'Chromium is done already, the phone is next.'],
  ['Ada', 'Thank you! The notes are at https://example.com/notes'],
  ['Grace', 'The notes read well. One thing: say in the first line what changed for users.'],
  ['Linus', 'Phone is green, too. Nothing left on my list.'],
  ['Ada', 'Then here we go.'],
];

await mkdir(images, { recursive: true });
const demo = await startDemo({ port: 0 });
const browser = await chromium.launch({
  ...pathOfChromium(),
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-gpu'],
});
try {
  const wide = { viewport: { width: 1180, height: 780 } };
  const grace = await visit(browser, 'Grace', wide);
  const linus = await visit(browser, 'Linus', wide);
  const ada = await visit(browser, 'Ada', wide);
  const pages = { Ada: ada, Grace: grace, Linus: linus };
  for (const [who, text] of TALK) {
    await say(pages[who], text);
    for (const page of Object.values(pages)) await row(page, text).waitFor();
  }
  for (const [page, emoji] of [
    [grace, '🎉'],
    [linus, '🎉'],
    [linus, '👍'],
  ] as const) {
    await openMenu(page, 'here we go');
    await page.getByRole('menuitemcheckbox', { name: emoji }).click();
  }
  await row(ada, 'here we go').getByRole('button', { name: '🎉 2' }).waitFor();
  await choose(grace, 'Two checks', 'Pin');

  for (const [name, text] of [
    ['design', 'The new colors are in'],
    ['support', 'Two questions are open'],
  ] as const) {
    const page = await visit(browser, 'Grace', wide, name);
    await say(page, text);
    await row(page, text).waitFor();
    await page.locator(`[data-room="${name}"]`).getByText(text).waitFor();
    await page.context().close();
  }
  await ada.locator('[data-room=support]').getByText('questions').waitFor();
  await linus.getByRole('textbox', { name: 'Message' }).pressSequentially('Then');
  await ada.getByText('is writing').waitFor();
  await ada.screenshot({ path: `${images}demo.png` });

  await openMenu(ada, 'Nothing left');
  await ada.screenshot({ path: `${images}demo-reactions.png` });
  await ada.getByRole('menuitem', { name: 'Reply in thread' }).click();
  await ada.keyboard.type('How long did it take?');
  await ada.keyboard.press('Enter');
  await row(linus, 'Nothing left').getByRole('button', { name: '1 reply' }).click();
  await linus.keyboard.type('Ten minutes, and one coffee.');
  await linus.keyboard.press('Enter');
  await ada.locator('.thread').getByText('Ten minutes').waitFor();
  await ada.screenshot({ path: `${images}demo-thread.png` });

  // The same Linus, later, on a phone: what they wrote is still their own.
  const phone = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 };
  const small = await visit(browser, 'Linus', { ...(await stored(linus)), ...phone });
  await row(small, 'here we go').waitFor();
  await small.screenshot({ path: `${images}demo-phone.png` });
  const dark = await visit(browser, 'Linus', { ...(await stored(linus)), ...phone, colorScheme: 'dark' });
  await row(dark, 'here we go').waitFor();
  await dark.screenshot({ path: `${images}demo-phone-dark.png` });

  const rtl = await visit(browser, 'Ada', { ...wide, ...(await stored(ada)), colorScheme: 'dark' });
  await rtl.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  await say(rtl, 'בוקר טוב! הכול מוכן');
  await row(rtl, 'בוקר').waitFor();
  await rtl.screenshot({ path: `${images}demo-rtl-dark.png` });
} finally {
  await browser.close();
  await demo.close();
}

async function visit(
  browser: Browser,
  name: string,
  options: BrowserContextOptions,
  room = ROOM,
): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(`${demo.url}?${new URLSearchParams({ room, name })}`);
  await page.locator('[role=status][data-status=joined]').waitFor();
  return page;
}

async function stored(page: Page): Promise<BrowserContextOptions> {
  return { storageState: await page.context().storageState() };
}

async function say(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Message', exact: true }).first();
  await box.fill(text);
  await box.press('Enter');
}

function row(page: Page, text: string): Locator {
  return page.locator('.main .message[data-state=sent]').filter({ hasText: text });
}

async function openMenu(page: Page, text: string): Promise<void> {
  await row(page, text).hover();
  await row(page, text).locator('.more').click();
}

async function choose(page: Page, text: string, item: string): Promise<void> {
  await openMenu(page, text);
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

function pathOfChromium(): { executablePath?: string } {
  const executablePath = findChromium();
  return executablePath === undefined ? {} : { executablePath };
}
