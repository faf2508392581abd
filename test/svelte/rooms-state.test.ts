import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RoomsState } from '../../src/svelte/index.js';
import { GRACE_MS, Page } from '../ui/page.js';
import { inEffect } from './in-effect.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it('G5: the directory of rooms is open while an effect reads it, and closed after the grace', async () => {
  await page.result(page.session.rooms.create('lobby', { title: 'Lobby' }));
  const rooms = new RoomsState(page.session);
  expect([rooms.list, rooms.error]).toEqual([[], undefined]);
  const seen: string[] = [];
  const stop = inEffect(() => seen.push(rooms.list.map(({ title }) => title).join(',')));
  await page.run(2000);
  flushSync();
  expect(seen.at(-1)).toBe('Lobby');
  await page.result(rooms.create('help', { title: 'Help' }));
  await page.run(2000);
  flushSync();
  expect(seen.at(-1)).toContain('Help');
  stop();
  await page.run(GRACE_MS + 1000);
  expect([page.session.rooms.list, page.session.eventNames()]).toEqual([[], []]);
});
