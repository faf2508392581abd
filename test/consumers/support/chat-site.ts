import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { startLocalMomento } from 'momento-chat/local';
import { createTokenVendor } from 'momento-chat/server';
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { launchChromium } from '../../browser/chromium.js';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

export interface ChatSite {
  readonly url: string;
  /** Serves these files from now on. */
  show(folder: string): void;
}

/** A server with a token vendor at `/token`, over a local Momento, and what a bundler built. Ends with the test. */
export async function chatSite(): Promise<ChatSite> {
  const momento = await startLocalMomento({ caches: ['chat'] });
  onTestFinished(() => momento.close());
  const vendor = createTokenVendor({
    auth: { apiKey: momento.apiKey, endpoint: momento.url },
    endpoint: momento.url,
    rooms: ['general'],
  });
  let shown: string | undefined;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/token') return vendor(request, response);
    const file = pathname === '/' ? '/index.html' : pathname;
    const content = shown && (await readFile(join(shown, file)).catch(() => undefined));
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file)] ?? 'text/plain',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    show: (folder) => {
      shown = folder;
    },
  };
}

let said = 0;
let launched: Promise<Browser> | undefined;

/** Opens the README's page in Chromium, says something, and sees it sent; nothing may be complained about. */
export async function expectChat(url: string): Promise<Page> {
  launched ??= launchChromium();
  const browser = await launched;
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(url);
  const box = page.getByRole('textbox', { name: 'Message' });
  // It comes once the room is joined.
  await expect
    .poll(async () => complaints.length + (await box.count()), { timeout: 120_000 })
    .toBeGreaterThan(0);
  expect(complaints.join('\n')).toBe('');
  said += 1;
  await box.fill(`Hello ${said}`);
  await box.press('Enter');
  await page.locator('li.sent', { hasText: `Ada: Hello ${said}` }).waitFor();
  expect(complaints.join('\n')).toBe('');
  return page;
}

/** To be called when the tests of a file are over. */
export async function closeChromium(): Promise<void> {
  await (await launched)?.close();
  launched = undefined;
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
