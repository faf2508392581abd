import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { startLocalMomento } from 'momento-chat/local';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  buildLibrary,
  buildPage,
  EXAMPLES,
  freePort,
  HEAVY_EXAMPLES,
  runExample,
} from '../../scripts/run-example.mjs';
import { joined, launchChromium, say } from '../browser/chromium.js';
import { findings } from '../browser/element-page.js';
import { exampleCommand } from '../support/example-command.js';

/** In the order of the tests. */
const SCENES = [
  ...['presence', 'location', 'data', 'statistics'],
  ...['element', 'express', 'lambda', 'moderation-bot'],
  ...['react', 'vue', 'svelte'],
];

let browser: Browser;

beforeAll(async () => {
  buildLibrary();
  browser = await launchChromium();
}, 120_000);

afterAll(() => browser?.close());

/** A window of its own browser profile, so that two of them have connections of their own. */
type Open = (name: string) => Promise<Page>;

/** Runs an example as `npm run example` does. When the scene is over, no page may have complained. */
async function scene(name: string, play: (open: Open, url: string) => Promise<void>): Promise<void> {
  await buildPage(name);
  const local = await startLocalMomento({ caches: ['chat'] });
  onTestFinished(() => local.close());
  const momento = { MOMENTO_API_KEY: local.apiKey, MOMENTO_ENDPOINT: local.url };
  const example = await runExample(name, { momento, port: await freePort() });
  onTestFinished(() => example.close());
  const complaints: string[] = [];
  const contexts: BrowserContext[] = [];
  onTestFinished(async () => {
    await Promise.all(contexts.map((context) => context.close()));
  });
  const open: Open = async (user) => {
    const context = await browser.newContext({ locale: 'en-GB' });
    contexts.push(context);
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('console', (message) => {
      const text = message.text();
      // Chromium itself complains of a network that a scene takes away.
      const isExpected = text.includes('ERR_INTERNET_DISCONNECTED');
      if (['error', 'warning'].includes(message.type()) && !isExpected) complaints.push(text);
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${example.url}?name=${user}`);
    return page;
  };
  await play(open, example.url);
  const page = contexts[0]?.pages()[0];
  if (!page) throw new Error('No page was opened');
  expect(await findings(page), 'in light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findings(page, ['color-contrast']), 'in dark').toEqual([]);
  expect(complaints).toEqual([]);
  expect(example.output()).toBe('');
}

/** Two people talk both ways, in any page with a log of messages and a box to write in. */
async function talk(ada: Page, grace: Page): Promise<void> {
  await say(ada, 'Hello Grace');
  await grace.getByRole('log').getByText('Hello Grace').waitFor();
  await say(grace, 'Hello Ada');
  await ada.getByRole('log').getByText('Hello Ada').waitFor();
}

const connected = (page: Page) => page.getByRole('status').getByText('Connected as').waitFor();

describe("the article's list", () => {
  test('presence: both are in both lists, and each follows what the other says', () =>
    scene('presence', async (open) => {
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
      await row(ada, 'Grace').waitFor();
      await row(grace, 'Ada').getByText('Online').waitFor();
      await ada.getByRole('combobox', { name: 'Your status' }).selectOption('Busy');
      await row(grace, 'Ada').getByText('Busy').waitFor();
      await grace.getByRole('textbox', { name: 'What you are doing' }).fill('<b>Writing</b> tests');
      await grace.keyboard.press('Enter');
      await row(ada, 'Grace').getByText('<b>Writing</b> tests').waitFor();
      await row(ada, 'Ada (you)').getByText('Busy').waitFor();
    }));

  test('location: each sees where the other goes, by mouse and by keyboard', () =>
    scene('location', async (open) => {
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      const where = (page: Page, text: string) => page.getByRole('listitem').getByText(text).waitFor();
      await Promise.all([where(ada, 'Grace · at'), where(grace, 'Ada · at')]);
      const click = async (page: Page, x: number, y: number) => {
        const map = page.getByRole('application', { name: 'Map of the town' });
        const box = await map.boundingBox();
        await map.click({ position: { x: ((box?.width ?? 0) * x) / 100, y: ((box?.height ?? 0) * y) / 60 } });
      };
      await click(grace, 77, 14);
      await where(ada, 'Grace · at the Park');
      await click(ada, 14, 16);
      await where(grace, 'Ada · at the Station');
      for (let step = 0; step < 10; step++) await ada.keyboard.press('ArrowRight');
      await where(grace, 'Ada · at the Market');
      // Presence is what those see who come later.
      const linus = await open('Linus');
      await where(linus, 'Grace · at the Park');
      await where(linus, 'Ada · at the Market');
    }));

  test('data: a change in one window is in the others, in one that opens later, and survives a lost network', () =>
    scene('data', async (open) => {
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      await Promise.all([connected(ada), connected(grace)]);
      await ada.getByRole('combobox', { name: 'state of AF 212' }).selectOption('Boarding');
      const changed = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text }).waitFor();
      await changed(grace, 'Ada,');
      await grace.getByRole('combobox', { name: 'gate of AF 212' }).selectOption('B2');
      await changed(ada, 'Grace,');
      const linus = await open('Linus');
      await changed(linus, 'Grace,');
      expect(await linus.getByRole('combobox', { name: 'state of AF 212' }).inputValue()).toBe('Boarding');
      expect(await linus.getByRole('combobox', { name: 'gate of AF 212' }).inputValue()).toBe('B2');
      // A lost connection is told, and what was changed meanwhile is not lost.
      await linus.context().setOffline(true);
      await linus.getByRole('status').getByText('Connection lost').waitFor();
      await linus.getByRole('combobox', { name: 'state of SK 731' }).selectOption('Delayed');
      await linus.context().setOffline(false);
      await changed(ada, 'Linus,');
      await connected(linus);
    }));

  test('statistics: what a Node process writes is drawn in both windows, its past included', () =>
    scene('statistics', async (open) => {
      const ada = await open('Ada');
      const points = (page: Page) =>
        page.locator('#cpu polyline').evaluate((line) => line.getAttribute('points')?.split(' ') ?? []);
      await expect.poll(async () => (await points(ada)).length, { timeout: 30_000 }).toBeGreaterThan(2);
      const grace = await open('Grace');
      await grace.locator('#memory .value').getByText('%').waitFor();
      expect((await points(grace)).length).toBeGreaterThan(2);
    }));
});

describe('servers and bots', () => {
  test('element: two windows talk, under a strict Content-Security-Policy', () =>
    scene('element', async (open, url) => {
      const policy = (await fetch(url)).headers.get('content-security-policy');
      expect(policy).toContain("default-src 'self'");
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      await Promise.all([joined(ada), joined(grace)]);
      await talk(ada, grace);
    }));

  test('express: who has signed in is vouched for, guests read, others get no token', () =>
    scene('express', async (open, url) => {
      expect((await fetch(`${url}token?room=general`)).status).toBe(401);
      const enter = async (user: string) => {
        const page = await open('');
        if (user === 'ada') expect(await findings(page)).toEqual([]);
        await page.getByRole('combobox', { name: 'Who are you?' }).selectOption(user);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await connected(page);
        return page;
      };
      const [ada, grace, guest] = [await enter('ada'), await enter('grace'), await enter('guest')];
      await talk(ada, grace);
      await guest.getByText('Ada ✓').waitFor();
      expect(await guest.getByRole('textbox', { name: 'Message' }).isVisible()).toBe(false);
      await ada.reload();
      await ada.getByText('Hello Ada').waitFor();
    }));

  test('lambda: two windows talk, with tokens of the handler', () =>
    scene('lambda', async (open, url) => {
      const token = await fetch(`${url}token?room=general`);
      expect(await token.json()).toMatchObject({ token: expect.any(String) });
      expect((await fetch(`${url}token?room=secret`)).status).toBe(403);
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      await Promise.all([joined(ada), joined(grace)]);
      await talk(ada, grace);
    }));

  test('moderation-bot: what must not be said goes from all windows, and nothing else does', () =>
    scene('moderation-bot', async (open) => {
      const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
      await Promise.all([joined(ada), joined(grace)]);
      await talk(ada, grace);
      await say(ada, 'Oh heck, no!');
      await ada.getByText('A message was deleted').waitFor();
      await grace.getByText('A message was deleted').waitFor();
      for (const page of [ada, grace]) {
        await expect.poll(() => page.getByText('Oh heck, no!').count()).toBe(0);
        expect(await page.getByText('Hello Grace').count()).toBe(1);
      }
    }));
});

describe('frameworks', () => {
  for (const name of ['react', 'vue', 'svelte']) {
    test(`${name}: two windows talk, know of each other, and see who is writing`, () =>
      scene(name, async (open) => {
        const [ada, grace] = await Promise.all([open('Ada'), open('Grace')]);
        for (const page of [ada, grace])
          await page
            .getByRole('status')
            .getByText(/Here: (Ada, Grace|Grace, Ada)/)
            .waitFor();
        await ada.getByRole('textbox', { name: 'Message' }).pressSequentially('Hm');
        await grace.getByText('Ada …').waitFor();
        await talk(ada, grace);
      }));
  }
});

test('each example has its scene here, and a line in the table', async () => {
  expect(EXAMPLES.toSorted()).toEqual(SCENES.toSorted());
  const table = await readFile('examples/README.md', 'utf8');
  for (const name of [...EXAMPLES, ...HEAVY_EXAMPLES]) expect(table).toContain(`| [${name}](${name}) |`);
});

test.each(EXAMPLES)(
  '%s: a server whose port is taken says so in a line, and how to choose another',
  async (name) => {
    const local = await startLocalMomento({ caches: ['chat'] });
    onTestFinished(() => local.close());
    const momento = { MOMENTO_API_KEY: local.apiKey, MOMENTO_ENDPOINT: local.url };
    const env = { ...process.env, ...momento, PORT: String(local.port) };
    const server = execFile(process.execPath, ['server.mjs'], { cwd: `examples/${name}`, env });
    const said: string[] = [];
    server.stderr?.on('data', (text: string) => said.push(text));
    expect(await once(server, 'close')).toEqual([1, null]);
    const other = local.port + 1;
    expect(said.join('')).toBe(
      `unable to start; port ${local.port} is taken. Choose another with the variable PORT, such as PORT=${other}.\n`,
    );
  },
);

describe('npm run example', () => {
  test('lists the examples, and says so of a name that is none', async () => {
    const list = exampleCommand();
    expect(await list.code).toBe(0);
    const unknown = exampleCommand('chess');
    expect(await unknown.code).toBe(1);
    expect(unknown.output()).toContain('There is no example "chess"');
    for (const { output } of [list, unknown]) expect(output()).toContain('presence');
  });

  test('runs one, prints its address, and ends with all that it started', async () => {
    const running = exampleCommand('presence');
    const url = await running.url(60_000);
    expect(await (await fetch(url)).text()).toContain('Who is here');
    running.stop();
    expect(await running.code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});
