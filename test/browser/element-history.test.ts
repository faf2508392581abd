import { ChatRoom } from 'momento-chat/lite';
import type { LocalMomento } from 'momento-chat/local';
import { beforeEach, describe, expect, test } from 'vitest';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { itemDelete } from '../../src/transport/operations/items.js';
import { say, sees, type Visitors } from './chromium.js';
import { visitDemo } from './demo-visit.js';
import { choose, hasFocus, openMenu, row, sentRow } from './element-driver.js';

let url: string;
let local: LocalMomento;
let visitors: Visitors;
let room: string;

visitDemo((visit) => ({ url, local, visitors, room } = visit));

/** A room with more messages than a page has in memory: a pinned one at its beginning, which the last one answers. */
async function longRoom(): Promise<void> {
  const linus = new ChatRoom({ room, user: { id: 'linus', name: 'Linus' }, token: `${url}token` });
  await linus.join();
  const first = await linus.send('The Café opens at nine');
  await Promise.all(Array.from({ length: 60 }, (_, index) => linus.send(`Number ${index}`)));
  await linus.pin(first.id);
  await linus.send('Is the café open?', { replyTo: first.id });
  await linus.leave();
}

describe('in a room of many messages', () => {
  beforeEach(longRoom);

  test('a search finds page by page, says how far it looked, leads to its hits, and gives the focus back', async () => {
    const ada = await visitors.join(room, 'Ada');
    const pane = ada.getByRole('complementary');
    const field = ada.getByRole('searchbox', { name: 'Search messages' });
    await ada.getByRole('button', { name: 'Search', exact: true }).press('Enter');
    await field.fill('number');
    await pane.getByRole('status').getByText('20 messages found. Searched back to').waitFor();
    await pane.getByRole('button', { name: 'Search further back' }).click();
    await pane.getByRole('status').getByText('40 messages found. Searched back to').waitFor();
    expect(await pane.locator('.hit').nth(20).evaluate(hasFocus)).toBe(true);
    await field.fill('nowhere');
    await pane.getByRole('status').getByText('Nothing found. Searched all that is stored, back to').waitFor();
    expect(await pane.getByRole('button', { name: 'Search further back' }).isVisible()).toBe(false);
    await field.fill('cafe');
    const far = pane.getByRole('button', { name: 'opens at nine' });
    await far.press('Enter');
    await pane.getByRole('heading', { name: 'Around this message' }).waitFor();
    await expect.poll(() => pane.locator('[aria-current]').evaluate(hasFocus)).toBe(true);
    expect(await pane.locator('[aria-current] .text').textContent()).toBe('The Café opens at nine');
    await pane.getByText('Number 1', { exact: true }).waitFor();
    await pane.getByRole('button', { name: 'Back' }).click();
    expect(await far.evaluate(hasFocus)).toBe(true);
    expect(await far.locator('mark').textContent()).toBe('Café');
    await pane.getByRole('button', { name: 'open?' }).click();
    await ada.locator('.main .message.found').getByText('Is the café open?').waitFor();
    await field.focus();
    await ada.keyboard.press('Escape');
    expect(await pane.isVisible()).toBe(false);
    expect(await ada.getByRole('button', { name: 'Search', exact: true }).evaluate(hasFocus)).toBe(true);
    expect(visitors.complaints).toEqual([]);
  });

  test('on a phone, quotes and pins lead to what is not in memory, or say that it is no longer stored', async () => {
    const ada = await visitors.join(room, 'Ada');
    await ada.setViewportSize({ width: 360, height: 640 });
    const pane = ada.getByRole('complementary', { name: 'Around this message' });
    const quote = row(ada, 'Is the café open?').locator('.quote');
    await quote.click();
    await pane.locator('[aria-current]').getByText('The Café opens at nine').waitFor();
    expect((await pane.boundingBox())?.width).toBeGreaterThan(300);
    await ada.keyboard.press('Escape');
    expect(await quote.evaluate(hasFocus)).toBe(true);
    await ada.getByRole('button', { name: 'Pinned messages' }).click();
    await ada.locator('.side .pinned').click();
    await pane.locator('[aria-current]').waitFor();
    await ada.keyboard.press('Escape');
    expect(await ada.locator('.side .pinned').evaluate(hasFocus)).toBe(true);
    await ada.keyboard.press('Escape');
    const transport = fetchTransport({ token: local.apiKey, endpoint: local.url });
    await transport.call(itemDelete, { cache: 'chat', key: room });
    await quote.click();
    await pane.getByRole('status').getByText('That message is no longer stored.').waitFor();
    expect(visitors.complaints).toEqual([]);
  });

  test('older pages come in their order, in short blocks that the browser leaves undrawn', async () => {
    const ada = await visitors.join(room, 'Ada');
    // A click would scroll there first, which loads as well.
    await ada.getByRole('button', { name: 'Load older' }).press('Enter');
    await row(ada, 'The Café opens at nine').waitFor();
    const numbers = Array.from({ length: 60 }, (_, index) => `Number ${index}`);
    const shown = await ada.locator('.main .message .text').allTextContents();
    expect(shown).toEqual(['The Café opens at nine', ...numbers, 'Is the café open?']);
    const blocks = ada.locator('.main .messages > ol');
    const sizes = await blocks.evaluateAll((lists) => lists.map((list) => list.childElementCount));
    // Those that came late stand between others, in blocks that may be full.
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(48);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('people who are hidden are gone with their messages, and are shown again from the list of people', async () => {
    const ada = await visitors.join(room, 'Ada');
    await choose(ada, 'Is the café open?', 'Hide \u2068Linus\u2069');
    await ada.locator('.main .message').first().waitFor({ state: 'detached' });
    expect(await ada.getByText('Nothing here yet').isVisible()).toBe(false);
    await ada.getByRole('button', { name: '1 here' }).click();
    await ada.getByRole('button', { name: 'Show again: \u2068Linus\u2069' }).press('Enter');
    await sees(ada, 'Is the café open?');
    expect(await ada.getByText('Hidden from you').count()).toBe(0);
    expect(await ada.getByRole('group', { name: 'Who is here' }).evaluate(hasFocus)).toBe(true);
    await say(ada, 'My own');
    await sentRow(ada, 'My own').waitFor();
    await openMenu(ada, 'My own');
    expect(await ada.getByRole('menuitem', { name: /^Hide/ }).count()).toBe(0);
  });
});
