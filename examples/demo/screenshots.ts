// Takes the README's screenshots anew: npx tsx examples/demo/screenshots.ts
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { startDemo } from './server.js';

const ROOM = 'release-day';
const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** Who says what, and how many minutes after nine. */
const TALK: readonly (readonly [who: 'Ada' | 'Grace' | 'Linus', minute: number, text: string])[] = [
  ['Grace', 2, 'Good morning! Are we still releasing today?'],
  ['Ada', 3, 'Yes. Two checks are left, then it goes out.'],
  ['Linus', 9, 'I can take the browser one.'],
  ['Linus', 9, 'Chromium is done already, the phone is next.'],
  ['Ada', 11, 'Thank you! Then I write the notes.'],
  [
    'Grace',
    24,
    'The notes read well. One thing: say in the first line what changed for users, and only then how.',
  ],
  ['Ada', 26, 'Good point, done.'],
  ['Linus', 31, 'Phone is green, too. Nothing left on my list.'],
  ['Ada', 32, 'Then here we go.'],
];

await mkdir(images, { recursive: true });
const demo = await startDemo({ port: 0 });
const browser = await chromium.launch({
  ...pathOfChromium(),
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});
try {
  const pages = new Map<string, Page>();
  for (const who of ['Grace', 'Linus', 'Ada']) {
    pages.set(who, await visit(browser, who, { viewport: { width: 1120, height: 920 } }));
  }
  for (const [who, minute, text] of TALK) {
    for (const page of pages.values()) await setClock(page, minute);
    const box = pages.get(who)?.getByRole('textbox', { name: 'Message' });
    await box?.fill(text);
    await box?.press('Enter');
    for (const page of pages.values()) await shows(page, text);
  }
  await pages.get('Ada')?.screenshot({ path: `${images}demo.png` });

  // The same Linus, later, on a phone: what they wrote is still their own.
  const storageState = await pages.get('Linus')?.context().storageState();
  const phone = await visit(browser, 'Linus', {
    viewport: { width: 390, height: 760 },
    colorScheme: 'dark',
    ...(storageState && { storageState }),
  });
  await shows(phone, 'Then here we go.');
  await phone.screenshot({ path: `${images}demo-phone-dark.png` });
} finally {
  await browser.close();
  await demo.close();
}

async function visit(browser: Browser, name: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    reducedMotion: 'reduce',
    deviceScaleFactor: 2,
    ...options,
  });
  const page = await context.newPage();
  await setClock(page, options.colorScheme === 'dark' ? 33 : 0);
  await page.goto(`${demo.url}?${new URLSearchParams({ room: ROOM, name })}`);
  await page.locator('[role=status][data-status=joined]').waitFor();
  return page;
}

function setClock(page: Page, minute: number): Promise<void> {
  return page.clock.setFixedTime(new Date(2026, 4, 5, 9, minute));
}

function shows(page: Page, text: string): Promise<void> {
  return page
    .locator('.message[data-state=sent]')
    .filter({ has: page.getByText(text, { exact: true }) })
    .waitFor();
}

function pathOfChromium(): { executablePath?: string } {
  const executablePath = findChromium();
  return executablePath === undefined ? {} : { executablePath };
}
