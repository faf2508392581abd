import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
import { ADA, GRACE_MS, Page, ROOM_SUBSCRIPTIONS } from '../ui/page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

const SCENARIO = `
import { createElement, StrictMode, version } from 'react';
import { createRoot } from 'react-dom/client';
import { RoomProvider, useConnection, useMessages } from './src/react/index.ts';
function Room() {
  const { status } = useConnection();
  const { messages } = useMessages();
  return status + ' ' + messages.map(({ text }) => text).join(',');
}
export function show(container, room) {
  const root = createRoot(container);
  root.render(createElement(StrictMode, null, createElement(RoomProvider, { room }, createElement(Room))));
  return { version, hide: () => root.unmount() };
}
`;

it('React 18: strict mode opens one connection, messages show, and unmounting leaves', async () => {
  // Where Vitest leaves files as they are.
  const cache = join(process.cwd(), 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'react18-'));
  page.atEnd(() => rmSync(folder, { recursive: true }));
  const outfile = join(folder, 'page.mjs');
  await build({
    stdin: { contents: SCENARIO, resolveDir: process.cwd() },
    bundle: true,
    format: 'esm',
    splitting: false,
    platform: 'node',
    outfile,
    alias: { react: 'react18', 'react-dom': 'react-dom18' },
    external: ['@gomomento/sdk-web'],
    define: { 'process.env.NODE_ENV': '"development"' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const { show } = (await import(pathToFileURL(outfile).href)) as {
    show(container: HTMLElement, room: ChatRoom): { version: string; hide(): void };
  };
  const room = page.room({ room: 'lobby', user: ADA });
  const shown = show(page.container, room);
  page.atEnd(() => shown.hide());
  await page.run(2000);
  expect(shown.version).toMatch(/^18\./);
  expect(page.subscribed).toBe(ROOM_SUBSCRIPTIONS);
  await page.result(room.send('Hello'));
  await page.run(1000);
  expect(page.text).toBe('joined Hello');
  shown.hide();
  await page.run(GRACE_MS + 1000);
  expect([room.status, page.subscriptions]).toEqual(['left', 0]);
  expect(page.complaints).toEqual([]);
});
