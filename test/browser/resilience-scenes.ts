import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { App, OpenRoom } from './resilience-app.js';

declare const app: App;

/** The machine may be busy, and a backoff may have grown; what is waited for comes or never comes. */
const WAIT = { timeout: 45_000, interval: 100 };

export interface Guest {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
}

/** A page in a profile of its own that has joined a room. */
export async function enter(browser: Browser, url: string, room: string, name: string): Promise<Guest> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'app' in globalThis);
  await page.evaluate(
    async ([room, name]) => {
      app.room = app.openRoom(room, name);
      await app.room.join();
    },
    [room, name] as const,
  );
  return { name, page, context };
}

/** Sends without waiting for the outcome, which {@link expectSame} looks at. */
export async function post({ page }: Guest, texts: readonly string[]): Promise<void> {
  await page.evaluate((texts) => {
    for (const text of texts) app.room?.post(text);
  }, texts);
}

export const statusOf = ({ page }: Guest) => page.evaluate(() => app.room?.status());
export const diaryOf = ({ page }: Guest): Promise<OpenRoom['diary'] | undefined> =>
  page.evaluate(() => app.room?.diary);
export const shownBy = ({ page }: Guest) => page.evaluate(() => app.room?.shown() ?? []);

/** Waits until all show exactly these texts, sent, in one order, and checks that nothing was told twice. */
export async function expectSame(
  guests: readonly Guest[],
  texts: readonly string[],
  wait = WAIT,
): Promise<void> {
  const expected = texts.map((text) => `${text} sent`).sort();
  for (const guest of guests) {
    await vi.waitFor(async () => {
      const shown = await shownBy(guest);
      expect(shown.map(({ text, status }) => `${text} ${status}`).sort()).toEqual(expected);
      expect(await statusOf(guest)).toBe('joined');
    }, wait);
  }
  const orders = await Promise.all(guests.map(async (guest) => (await shownBy(guest)).map(({ id }) => id)));
  for (const order of orders) {
    expect(order).toEqual([...order].sort());
    expect(order).toEqual(orders[0]);
  }
  for (const guest of guests) {
    const diary = await diaryOf(guest);
    expect(new Set(diary?.ids).size, 'message events').toBe(diary?.ids.length);
    expect(diary?.openGaps).toBe(0);
  }
}

/** How long something may last is what these scenes are about, so here time really passes. */
export const last = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** One page loses the network for a while, both go on talking; resolves with the seconds from its return to calm. */
export async function offlineScene(
  browser: Browser,
  url: string,
  seconds: number,
): Promise<{ recoveredIn: number; statuses: readonly string[] }> {
  const room = `offline-${seconds}`;
  const [ada, bob] = await Promise.all([enter(browser, url, room, 'Ada'), enter(browser, url, room, 'Bob')]);
  try {
    await post(ada, ['before']);
    await expectSame([ada, bob], ['before']);
    await ada.context.setOffline(true);
    const said = ['before'];
    const say = async (guest: Guest, text: string) => {
      said.push(text);
      await post(guest, [text]);
    };
    await say(bob, 'unheard 1');
    await say(ada, 'typed in the tunnel 1');
    await say(ada, 'typed in the tunnel 2');
    await last(seconds);
    await say(bob, 'unheard 2');
    await ada.context.setOffline(false);
    const back = Date.now();
    await expectSame([ada, bob], said);
    const recoveredIn = (Date.now() - back) / 1000;
    await say(bob, 'after');
    await say(ada, 'after, too');
    await expectSame([ada, bob], said);
    return { recoveredIn, statuses: (await diaryOf(ada))?.statuses ?? [] };
  } finally {
    await Promise.all([ada.context.close(), bob.context.close()]);
  }
}
