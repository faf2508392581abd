import { fileURLToPath } from 'node:url';
import type * as chat from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildPage, type ServedPage, serveBuiltPage } from '../support/built-page.js';
import { rootToken } from '../support/chat.js';
import { launchChromium } from './chromium.js';

declare const ChatRoom: typeof chat.ChatRoom;

const MIB = 1024 * 1024;

let momento: LocalMomento;
let served: ServedPage;
let browser: Browser;

beforeAll(async () => {
  let files: ReadonlyMap<string, string>;
  [momento, browser, files] = await Promise.all([
    startLocalMomento({ caches: ['chat'] }),
    launchChromium(),
    buildPage(fileURLToPath(new URL('./large-files-page.ts', import.meta.url))),
  ]);
  served = await serveBuiltPage(files, () => false);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await momento?.close();
});

test.each([60_000, 200_000, MIB, 4 * MIB])(
  'momento-chat uploads a file of %d bytes, and downloads it as it was',
  async (size) => {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(served.url);
    const copied = await page.evaluate(
      async ({ token, size, maxFileBytes }) => {
        const options = { room: `files of ${size}`, user: { name: 'Ada' }, maxFileBytes };
        const room = new ChatRoom({ ...options, token: async () => token });
        await room.join();
        const content = Uint8Array.from({ length: size }, (_, index) => index % 251);
        const file = await room.files.upload(new Blob([content]));
        const copy = new Uint8Array(await (await room.files.download(file)).arrayBuffer());
        await room.leave();
        return copy.length === size && copy.every((byte, index) => byte === content[index]);
      },
      { token: await rootToken(momento)(), size, maxFileBytes: 4 * MIB },
    );
    expect(copied).toBe(true);
  },
);
