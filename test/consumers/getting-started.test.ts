import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { type Snippet, snippetsOf } from '../docs/support/pages.js';
import { Newcomer } from './support/newcomer.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Files that a page takes from another one. */
const BORROWED: Record<string, Snippet[]> = {
  'script-tag': snippetsOf('docs/start/typescript.md').filter(({ file }) => file === 'vite.config.ts'),
  next: snippetsOf('docs/start/react.md')
    .filter(({ file }) => file === 'src/chat-page.tsx')
    .map((snippet) => ({ ...snippet, file: 'app/chat-page.tsx' })),
};

test.each(['typescript', 'react', 'next', 'vue', 'svelte', 'script-tag'])(
  'docs/start/%s.md leads, word for word, from an empty folder to two windows that chat',
  async (name) => {
    const newcomer = await Newcomer.follow(`docs/start/${name}.md`, BORROWED[name]);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const complaints: string[] = [];
    const open = async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(newcomer.url);
      return page;
    };
    const [one, other] = [await open(), await open()];
    await newcomer.timed('two windows chat', async () => {
      // A room that is still joining refuses to send.
      await one.getByText('joined').or(one.getByRole('log')).first().waitFor();
      const box = one.getByRole('textbox').last();
      await box.fill('Hello from one window');
      await box.press('Enter');
      await other.getByText('Hello from one window').first().waitFor();
    });
    await other.reload();
    await other.getByText('Hello from one window').first().waitFor();
    expect(complaints).toEqual([]);
    const list = newcomer.steps.map(({ command, seconds }) => `  ${seconds.toFixed(1)} s  ${command}`);
    console.log([`docs/start/${name}.md`, ...list].join('\n'));
  },
);
