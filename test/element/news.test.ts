import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
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
function listen(): string[] {
  const heard: string[] = [];
  const observer = new MutationObserver((changes) => {
    if (log.getAttribute('aria-live') === 'off') return;
    for (const { addedNodes } of changes)
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        const rows = node.matches('.message') ? [node] : node.querySelectorAll('.message');
        for (const row of rows) heard.push(row.querySelector('.text')?.textContent ?? '');
      }
  });
  observer.observe(log, { childList: true, subtree: true });
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
