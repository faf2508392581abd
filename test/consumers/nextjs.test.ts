import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { launchChromium, say } from '../browser/chromium.js';
import { findings } from '../browser/element-page.js';
import { exampleCommand } from '../support/example-command.js';

test('npm run example nextjs: the server renders an empty room, two windows talk', async () => {
  const example = exampleCommand('nextjs');
  const url = await example.url(560_000);
  const rendered = await (await fetch(`${url}?name=Ada`)).text();
  expect(rendered).toMatch(/<h1[^>]*>Next.js/);

  const complaints: string[] = [];
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const open = async (name: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(`${url}?name=${name}`);
    await page.getByRole('status').getByText('Here:').waitFor();
    return page;
  };
  const [ada, grace] = [await open('Ada'), await open('Grace')];
  await ada.getByText(/Here: (Ada, Grace|Grace, Ada)/).waitFor();
  await say(ada, 'Hello Grace');
  await grace.getByRole('log').getByText('Hello Grace').waitFor();
  await say(grace, 'Hello Ada');
  await ada.getByRole('log').getByText('Hello Ada').waitFor();
  expect(await findings(ada)).toEqual([]);
  expect(complaints).toEqual([]);
  example.stop();
  expect(await example.code).toBe(0);
});
