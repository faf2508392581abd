import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatRoom } from '../../src/index.js';
import { ADA, Page } from '../ui/page.js';
import { choose, showChat } from './shown-chat.js';

/** As of a browser, except that the test says what is seen, and how much of it. */
class Observer {
  static seen = 1;
  static readonly all = new Set<Observer>();
  readonly #tell: () => void;
  constructor(callback: IntersectionObserverCallback) {
    this.#tell = () =>
      callback(
        [{ isIntersecting: true, intersectionRatio: Observer.seen } as IntersectionObserverEntry],
        this as unknown as IntersectionObserver,
      );
  }
  static show(seen: number): void {
    Observer.seen = seen;
    for (const one of Observer.all) one.#tell();
  }
  observe(): void {
    Observer.all.add(this);
    queueMicrotask(this.#tell);
  }
  unobserve(): void {}
  disconnect(): void {
    Observer.all.delete(this);
  }
}

let page: Page;
let bob: ChatRoom;
let room: ChatRoom;

beforeEach(async () => {
  page = new Page();
  Observer.seen = 1;
  vi.stubGlobal('IntersectionObserver', Observer);
  const height = vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(100);
  page.atEnd(() => height.mockRestore());
  bob = await page.other('lobby');
  bob.on('read', () => {});
  room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
});
afterEach(async () => {
  await page.end();
  vi.unstubAllGlobals();
});

async function comes(text: string): Promise<string> {
  const { id } = await page.result(bob.send(text));
  await page.run(2000);
  return id;
}

describe('messages that are marked as unread', () => {
  it('stay so while the reader sees what else comes, until they come back', async () => {
    await page.result(bob.send('First'));
    const chat = await showChat(page, { room: room as never });
    expect(room.read.unread.count).toBe(0);
    choose(chat, 'Mark as unread');
    await page.run(2000);
    await comes('Second');
    expect(room.read.unread.count).toBe(2);
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await page.run(2000);
    expect(room.read.unread.count).toBe(0);
  });
});

describe('an element that is out of sight, but not hidden', () => {
  it('what comes is unread, below a line and without a receipt, until it was on the screen', async () => {
    const chat = await showChat(page, { room: room as never });
    await comes('Seen');
    expect([room.read.unread.count, bob.read.receipts.has('ada')]).toEqual([0, true]);
    Observer.show(0);
    await comes('First');
    const last = await comes('Second');
    expect([room.read.unread.count, bob.read.receipts.get('ada')]).not.toContain(last);
    expect(room.read.unread.count).toBe(2);
    const line = chat.shadowRoot?.querySelector('.unread')?.closest('.message');
    expect(line?.querySelector('.text')?.textContent).toBe('First');
    Observer.show(1);
    await page.run(2000);
    expect([room.read.unread.count, bob.read.receipts.get('ada')]).toEqual([0, last]);
  });

  it('a room that was joined before is unread as well, and nothing is observed any more when it goes', async () => {
    await page.join(room);
    room.on('read', () => {});
    await page.run(2000);
    await comes('Before');
    Observer.seen = 0;
    const chat = await showChat(page, { room: room as never });
    await comes('Since');
    expect(room.read.unread.count).toBe(2);
    expect(Observer.all.size).toBe(1);
    chat.remove();
    await page.run(2000);
    expect(Observer.all.size).toBe(0);
  });
});

it('where a browser cannot tell what is on the screen, what is not hidden is read', async () => {
  vi.stubGlobal('IntersectionObserver', undefined);
  await showChat(page, { room: room as never });
  await comes('Hello');
  expect([room.read.unread.count, bob.read.receipts.has('ada')]).toEqual([0, true]);
});
