import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
import { FAIR } from '../support/weather.js';
import { ADA, Page } from '../ui/page.js';
import { part, showChat } from './shown-chat.js';

let page: Page;
let bob: ChatRoom;
let room: ChatRoom;
let log: HTMLElement;
let fresh: HTMLElement;
let older: HTMLElement;

/** A room with more messages than it has in memory, whose reader is far from its end. */
beforeEach(async () => {
  page = new Page();
  bob = await page.other('lobby');
  for (let at = 0; at < 60; at += 1) await page.result(bob.send(`Old ${at}`));
  room = page.room({ room: 'lobby', user: ADA, history: { pageSize: 20 } });
  page.atEnd(() => room.leave());
  const chat = await showChat(page, { room: room as never });
  log = part(chat, '.main .log');
  fresh = part(chat, '.main .fresh');
  older = part(chat, '#room-older');
  Object.defineProperty(log, 'clientHeight', { value: 300 });
  Object.defineProperty(log, 'scrollHeight', { value: 2000 });
  await page.result(bob.send('Newest'));
  await page.run(1000);
  log.scrollTop = 500;
  log.dispatchEvent(new Event('scroll'));
});
afterEach(() => page.end());

/** Collects the messages that are read aloud. */
function listen(at: Element = log): string[] {
  const heard: string[] = [];
  const observer = new MutationObserver((changes) => {
    if (at.getAttribute('aria-live') === 'off') return;
    for (const { addedNodes } of changes)
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        const rows = node.matches('.message') ? [node] : node.querySelectorAll('.message');
        for (const row of rows) heard.push(row.querySelector('.text')?.textContent ?? '');
      }
  });
  observer.observe(at, { childList: true, subtree: true });
  page.atEnd(() => observer.disconnect());
  return heard;
}

describe('a message that comes', () => {
  it('while older ones are on their way is read aloud, and "New messages" leads to it', async () => {
    const heard = listen();
    page.device.link.fates = () => ({ outcome: 'request-lost' });
    older.click();
    await page.run(1000);
    await page.result(bob.send('News'));
    await page.run(1000);
    expect([heard, fresh.hidden]).toEqual([['News'], false]);
    page.device.link.fates = undefined;
    await page.run(20_000);
    older.click();
    await page.run(1000);
    expect(room.messages.length).toBeGreaterThan(40);
    expect([heard, fresh.hidden]).toEqual([['News'], false]);
  });

  it('after the app loaded older ones, which are not read aloud, is', async () => {
    const heard = listen();
    await page.result(room.loadOlder());
    await page.run(1000);
    expect([heard, fresh.hidden]).toEqual([[], true]);
    await page.result(bob.send('News'));
    await page.run(1000);
    expect([heard, fresh.hidden]).toEqual([['News'], false]);
  });
});

it('older messages are not read aloud, though all that was there before them is hidden', async () => {
  const carol = page.world.room({ room: 'plaza', user: { id: 'carol', name: 'Carol' } });
  await page.join(carol);
  page.atEnd(() => carol.leave());
  await page.result(carol.send('Hello'));
  const spammer = await page.other('plaza');
  for (let at = 0; at < 20; at += 1) await page.result(spammer.send(`Spam ${at}`));
  const plaza = page.room({ room: 'plaza', user: ADA, history: { pageSize: 10 } });
  page.atEnd(() => plaza.leave());
  plaza.hide('bob');
  const chat = await showChat(page, { room: plaza as never });
  const heard = listen(part(chat, '.main .log'));
  for (let at = 0; at < 3; at += 1) {
    part(chat, '#room-older').click();
    await page.run(2000);
  }
  expect(chat.shadowRoot?.querySelectorAll('.main .message')).toHaveLength(1);
  expect(heard).toEqual([]);
});

it('a message that was written before the only one, and comes after it, is read aloud', async () => {
  const device = page.world.client({ userId: 'carol' });
  const carol = device.room({ room: 'plaza', user: { id: 'carol', name: 'Carol' } });
  await page.join(carol);
  page.atEnd(() => carol.leave());
  const other = await page.other('plaza');
  const chat = await showChat(page, { room: 'plaza' });
  const heard = listen(part(chat, '.main .log'));
  device.link.weather = { ...FAIR, loseRequest: 1 };
  const sending = carol.send('Late');
  await page.run(1000);
  await page.result(other.send('First'));
  await page.run(1000);
  device.link.weather = FAIR;
  await page.result(sending);
  await page.run(2000);
  const texts = [...(chat.shadowRoot?.querySelectorAll('.main .text') ?? [])];
  expect(texts.map(({ textContent }) => textContent)).toEqual(['Late', 'First']);
  expect([...new Set(heard)]).toEqual(['First', 'Late']);
});
