import type * as chat from 'momento-chat';
import { expect, onTestFinished, test } from 'vitest';
import { rootToken } from '../support/chat.js';
import { pageBesideMomento } from './page-beside-momento.js';

declare const ChatRoom: typeof chat.ChatRoom;

const MIB = 1024 * 1024;

const here = pageBesideMomento('./large-files-page.ts');

test.each([60_000, 200_000, MIB, 4 * MIB])(
  'momento-chat uploads a file of %d bytes, and downloads it as it was',
  async (size) => {
    const context = await here.browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(here.served.url);
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
      { token: await rootToken(here.momento)(), size, maxFileBytes: 4 * MIB },
    );
    expect(copied).toBe(true);
  },
);
