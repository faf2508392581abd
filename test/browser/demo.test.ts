import { get } from 'node:http';
import { connect } from 'node:net';
import {
  CacheClient,
  Configurations,
  CredentialProvider,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import type { LocalMomento } from 'momento-chat/local';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { joined, say, sees, texts, Visitors } from './chromium.js';
import { visitDemo } from './demo-visit.js';

/** The machine may be busy; what is waited for comes at once or never. */
const WAIT = { timeout: 20_000 };

let url: string;
let local: LocalMomento;
let browser: Browser;
let visitors: Visitors;
let room: string;

visitDemo((visit) => ({ url, local, browser, visitors, room } = visit));

function faults() {
  onTestFinished(() => local.faults.reset());
  return local.faults;
}

const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const log = (page: Page) => page.getByRole('log');
const older = (page: Page) => page.getByRole('button', { name: 'Load older' });
/** Of the page or of the chat in it. */
const focused = (page: Page) =>
  page.evaluate(() => (document.activeElement?.shadowRoot ?? document).activeElement?.id);
const distanceToEnd = (page: Page) =>
  log(page).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);

/** Fills a room's history through the Node SDK, as another app would. */
async function fill(count: number): Promise<void> {
  const cache = new CacheClient({
    configuration: Configurations.Laptop.latest(),
    credentialProvider: CredentialProvider.forMomentoLocal({
      hostname: '127.0.0.1',
      port: local.port,
    }),
    defaultTtlSeconds: 600,
  });
  onTestFinished(() => cache.close());
  const newestFirst = Array.from({ length: count }, (_, index) => count - index).map((number) =>
    JSON.stringify({ username: 'Archivist', message: `entry ${number}` }),
  );
  const stored = await cache.listConcatenateBack('chat', room, newestFirst);
  expect(stored.type).toBe('Success');
}

describe('joining', () => {
  test('the form joins, and puts room and name into the address', async () => {
    const page = await visitors.open();
    await page.getByRole('textbox', { name: 'Room' }).fill(room);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('button', { name: 'Join' }).click();
    await joined(page);
    expect(new URL(page.url()).search).toBe(`?room=${room}&name=Ada`);
    expect(await focused(page)).toBe('composer-text');
    expect(await page.getByRole('status').textContent()).toBe('Connected as Ada');
    expect(visitors.complaints).toEqual([]);
  });

  test('the address alone joins, and says that nothing was written yet', async () => {
    const page = await visitors.join(room, 'Ada');
    await page.getByText('Write the first message').waitFor();
    expect(await page.getByRole('heading', { name: room }).isVisible()).toBe(true);
  });

  test('a room that cannot be is refused in words, in the form', async () => {
    const page = await visitors.open();
    await page.getByRole('textbox', { name: 'Room' }).fill('a:b');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('button', { name: 'Join' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(/:/);
    expect(await page.getByRole('button', { name: 'Join' }).isVisible()).toBe(true);
  });

  test('leaving goes back to the form, and the back button into the room again', async () => {
    const page = await visitors.join(room, 'Ada');
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('button', { name: 'Join' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.goBack();
    await joined(page);
  });

  test('the back button, and a reload, lead to the text that was being written', async () => {
    const page = await visitors.join(room, 'Ada');
    await box(page).fill('Half a sen');
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.goBack();
    await expect.poll(() => box(page).inputValue(), WAIT).toBe('Half a sen');
    await page.reload();
    await expect.poll(() => box(page).inputValue(), WAIT).toBe('Half a sen');
    await page.goto(`${url}?${new URLSearchParams({ room, name: 'Grace' })}`);
    await joined(page);
    expect(await box(page).inputValue()).toBe('');
  });
});

describe('talking', () => {
  test('two people talk both ways, and a reload shows what was said', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await say(ada, 'Hello Grace');
    await sees(grace, 'Hello Grace');
    await say(grace, 'Hello Ada');
    await sees(ada, 'Hello Ada');

    await ada.reload();
    await sees(ada, 'Hello Ada');
    expect(await texts(ada)).toEqual(['Hello Grace', 'Hello Ada']);
    expect(await ada.locator('.message.own').allInnerTexts()).toHaveLength(1);
    expect(await log(ada).locator('time').first().getAttribute('datetime')).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(visitors.complaints).toEqual([]);
  });

  test('twelve tabs of one browser all receive', { timeout: 180_000 }, async () => {
    const tabs: Page[] = [];
    for (let number = 0; number < 12; number++) tabs.push(await visitors.joinInTab(room, `Tab ${number}`));
    await say(tabs[0] as Page, 'Who hears me?');
    await Promise.all(tabs.map((tab) => sees(tab, 'Who hears me?')));
    await say(tabs[11] as Page, 'All of us');
    await Promise.all(tabs.map((tab) => sees(tab, 'All of us')));
    expect(visitors.complaints).toEqual([]);
  });

  test('an app of the article and the page see each other', async () => {
    const credentialProvider = CredentialProvider.forMomentoLocal({
      hostname: '127.0.0.1',
      port: local.port,
    });
    const topics = new TopicClient({
      configuration: TopicConfigurations.Default.latest(),
      credentialProvider,
    });
    const page = await visitors.join(room, 'Ada');
    await topics.publish(
      'chat',
      `${room}-chat`,
      JSON.stringify({ username: 'Seed', message: 'From the article' }),
    );
    await sees(page, 'From the article');
    await log(page).getByText('Seed').waitFor();
  });

  test('markup is shown as it was typed, long words stay inside, and each text has its own direction', async () => {
    const page = await visitors.join(room, 'Ada');
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
    await say(page, markup);
    await sees(page, markup);
    const word = 'w'.repeat(600);
    await say(page, word);
    await sees(page, word);
    await say(page, 'שלום עולם');
    await sees(page, 'שלום עולם');
    expect(await log(page).locator('img, b').count()).toBe(0);
    expect(await log(page).evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    const hebrew = log(page).getByText('שלום עולם');
    expect(await hebrew.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    expect(visitors.complaints).toEqual([]);
  });

  test('Enter sends, Shift+Enter starts a line, and nothing but blanks is not sent', async () => {
    const page = await visitors.join(room, 'Ada');
    await box(page).pressSequentially('first line');
    await box(page).press('Shift+Enter');
    await box(page).pressSequentially('second line');
    await box(page).press('Enter');
    await sees(page, 'first line\nsecond line');
    expect(await box(page).inputValue()).toBe('');
    await say(page, '   ');
    await say(page, 'last');
    await sees(page, 'last');
    expect(await texts(page)).toEqual(['first line\nsecond line', 'last']);
  });

  test('a message that is too long stays in the box, with a reason', async () => {
    const page = await visitors.join(room, 'Ada');
    const long = 'x'.repeat(5000);
    await say(page, long);
    await page.getByRole('alert').getByText('too long').waitFor();
    expect(await box(page).inputValue()).toBe(long);
    expect(await texts(page)).toEqual([]);
    await say(page, 'short');
    await sees(page, 'short');
    expect(await page.getByRole('alert').isVisible()).toBe(false);
  });
});

describe('when sending fails', () => {
  test('Retry sends the same message, to everyone once', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    // Only messages are pushed; presence and typing publish as well.
    faults().failNext({ rpc: 'ListPushFront', code: 'INVALID_ARGUMENT' });
    await say(ada, 'Once more');
    const retry = ada.getByRole('button', { name: 'Retry' });
    await retry.waitFor();
    await ada.getByRole('alert').waitFor();
    await retry.press('Enter');
    await retry.waitFor({ state: 'detached' });
    expect(await focused(ada)).toBe('composer-text');
    await sees(grace, 'Once more');
    expect(await texts(grace)).toEqual(['Once more']);
    expect(await texts(ada)).toEqual(['Once more']);
  });

  test('Discard takes it away', async () => {
    const page = await visitors.join(room, 'Ada');
    // Only messages are pushed; presence and typing publish as well.
    faults().failNext({ rpc: 'ListPushFront', code: 'INVALID_ARGUMENT' });
    await say(page, 'Never mind');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Never mind').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('composer-text');
  });
});

describe('when the connection fails', () => {
  test('the status line says so, and what was written meanwhile arrives when it is back', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await visitors.setOffline(true);
    const restore = faults().goOffline();
    await ada.locator('[role=status][data-status=reconnecting]').waitFor();
    await grace.locator('[role=status][data-status=reconnecting]').waitFor();
    expect(await ada.getByRole('status').textContent()).toMatch(/Reconnecting/);
    await say(ada, 'From the tunnel');
    await ada.locator('.message[data-state=sending]').waitFor();
    restore();
    await visitors.setOffline(false);
    await joined(ada);
    await joined(grace);
    await ada.locator('.message[data-state=sent]').waitFor();
    await sees(grace, 'From the tunnel');
    expect(await texts(ada)).toEqual(['From the tunnel']);
    expect(await texts(grace)).toEqual(['From the tunnel']);
  });

  test('who is not let in is told why, keeps what they typed, and can try again', async () => {
    const page = await visitors.open();
    await page.route('**/token*', (route) => route.fulfill({ status: 403, json: {} }));
    await page.getByRole('textbox', { name: 'Room' }).fill(room);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('alert').getByText('You may not do that in this room.').waitFor();
    await say(page, 'Let me in');
    await expect.poll(() => box(page).inputValue(), WAIT).toBe('Let me in');
    await page.unroute('**/token*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await joined(page);
    await box(page).press('Enter');
    await sees(page, 'Let me in');
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(false);
  });
});

describe('history', () => {
  test('Load older adds pages above, keeps the reader where they were, and ends', async () => {
    await fill(120);
    const page = await visitors.join(room, 'Ada');
    await sees(page, 'entry 120');
    expect(await texts(page)).toHaveLength(50);
    expect(await distanceToEnd(page)).toBeLessThan(2);

    // Scrolled to by the keyboard: by other means the older messages would come by themselves.
    await older(page).focus();
    await log(page).evaluate((element) => element.scrollTo(0, 0));
    const first = log(page).getByText('entry 71', { exact: true });
    const before = await first.boundingBox();
    await page.keyboard.press('Enter');
    await sees(page, 'entry 21');
    const after = await first.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    expect(await focused(page)).toBe('room-older');

    await page.keyboard.press('Enter');
    await older(page).waitFor({ state: 'hidden' });
    expect(await focused(page)).toBe('room-log');
    expect(await texts(page)).toEqual(Array.from({ length: 120 }, (_, index) => `entry ${index + 1}`));
    expect(visitors.complaints).toEqual([]);
  });

  test('history is not read aloud, new messages are', async () => {
    await fill(60);
    const page = await visitors.open();
    // Collects the text that a screen reader would announce: all that is added to the log while it is live.
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      const observer = new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          const region = target instanceof Element ? target.closest('[role=log]') : null;
          const live = target instanceof Element ? target.closest('[aria-live]') : null;
          if (region === null || live?.getAttribute('aria-live') === 'off') continue;
          for (const node of addedNodes) heard.push(node.textContent ?? '');
        }
      });
      // The chat comes with the join, and its log must be watched from its first moment.
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (init) {
        const root = attach.call(this, init);
        observer.observe(root, { childList: true, subtree: true });
        return root;
      };
    });
    await page.getByRole('textbox', { name: 'Room' }).fill(room);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByRole('button', { name: 'Join' }).click();
    await sees(page, 'entry 60');
    await page.locator('[role=log][aria-live=polite]').waitFor();
    const grace = await visitors.join(room, 'Grace');
    await say(grace, 'News');
    await sees(page, 'News');
    const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    expect(heard.filter((text) => text.includes('entry'))).toEqual([]);
    expect(heard.join()).toMatch(/Grace.*News/);
  });

  test('a new message touches no row but its own', async () => {
    await fill(100);
    const ada = await visitors.join(room, 'Ada');
    // A click would scroll there first, which loads as well, and then there is no button to click.
    await older(ada).press('Enter');
    await sees(ada, 'entry 1');
    const grace = await visitors.join(room, 'Grace');
    await log(ada).evaluate((region) => {
      const touched: string[] = [];
      Object.assign(window, { touched });
      new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
          // Rows stand in blocks: a row was added to one, or a block with its rows.
          const added = [...addedNodes].flatMap((node) =>
            node instanceof HTMLOListElement ? [...node.children] : [node],
          );
          const holdsRows =
            target instanceof HTMLOListElement || target === region.querySelector('.messages');
          for (const row of holdsRows ? added : [target])
            touched.push((row as Element).closest?.('li')?.textContent ?? '');
        }
      }).observe(region.querySelector('.messages') as Element, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    await say(grace, 'Only me');
    await sees(ada, 'Only me');
    const touched = await ada.evaluate(() => (window as unknown as { touched: string[] }).touched);
    expect(touched.length).toBeGreaterThan(0);
    // "Today" may have to be said for a new day; all else must be the new row.
    expect(touched.filter((text) => !text.includes('Only me') && !text.includes('Today'))).toEqual([]);
  });

  test('a reader above the end is not moved, and gets a button to the new messages', async () => {
    await fill(60);
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await log(ada).evaluate((element) => element.scrollTo(0, 100));
    await expect.poll(() => distanceToEnd(ada), WAIT).toBeGreaterThan(200);
    const before = await log(ada).evaluate((element) => element.scrollTop);
    await say(grace, 'Down here');
    const button = ada.getByRole('button', { name: 'New messages' });
    await button.waitFor();
    expect(await log(ada).evaluate((element) => element.scrollTop)).toBe(before);
    await button.click();
    await button.waitFor({ state: 'hidden' });
    await expect.poll(() => distanceToEnd(ada), WAIT).toBeLessThan(2);
    await say(grace, 'And here');
    await sees(ada, 'And here');
    await expect.poll(() => distanceToEnd(ada), WAIT).toBeLessThan(2);
  });
});

describe('the title of the page', () => {
  test('tells how many messages of others were not read, until they are', async () => {
    await fill(60);
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(room, 'Grace');
    await expect.poll(() => ada.title(), WAIT).toBe(`${room} · Momento chat`);
    await log(ada).evaluate((element) => element.scrollTo(0, 100));
    await expect.poll(() => distanceToEnd(ada), WAIT).toBeGreaterThan(200);
    await say(grace, 'One');
    await say(grace, 'Two');
    await expect.poll(() => ada.title(), WAIT).toBe(`(2) ${room} · Momento chat`);
    expect(await grace.title()).toBe(`${room} · Momento chat`);
    await ada.getByRole('button', { name: 'New messages' }).click();
    await expect.poll(() => ada.title(), WAIT).toBe(`${room} · Momento chat`);
  });

  test('is of the room that was chosen, and of no room after leaving', async () => {
    const ada = await visitors.join(room, 'Ada');
    const grace = await visitors.join(`${room}-other`, 'Grace');
    await say(grace, 'Over here');
    await ada.locator(`[data-room="${room}-other"]`).click();
    await sees(ada, 'Over here');
    await expect.poll(() => ada.title(), WAIT).toBe(`${room}-other · Momento chat`);
    await ada.getByRole('button', { name: 'Leave' }).click();
    expect(await ada.title()).toBe('Momento chat');
  });
});

describe('for everyone', () => {
  test('all of it works with the keyboard alone', async () => {
    const page = await visitors.open();
    // The room has a name already, so the keyboard starts at the visitor's.
    expect(await focused(page)).toBe('join-name');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(room);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    await joined(page);
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await sees(page, 'By keyboard');
    expect(await focused(page)).toBe('composer-text');
    await page.keyboard.type('And with the button');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await sees(page, 'And with the button');
    expect(await focused(page)).toBe('composer-text');
  });

  test('every part has its role and name', async () => {
    await fill(51);
    const page = await visitors.join(room, 'Ada');
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    for (const part of [
      page.getByRole('log', { name: 'Messages' }),
      page.getByRole('textbox', { name: 'Message', exact: true }),
      page.getByRole('status'),
      page.getByRole('heading', { level: 1 }),
      button('Send'),
      button('Leave'),
      button('Load older'),
    ]) {
      await part.waitFor();
      expect(await part.count()).toBe(1);
    }
    // Live again once the history is in.
    await page.locator('[role=log][aria-live=polite]').waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`a phone shows all of it, without scrolling sideways, in ${colorScheme}`, async () => {
      await fill(60);
      const phone = await Visitors.at(url, browser, {
        colorScheme,
        viewport: { width: 360, height: 640 },
        reducedMotion: 'reduce',
      });
      onTestFinished(() => phone.close());
      const page = await phone.join(room, 'Ada with a very long name that does not fit in a line');
      await sees(page, 'entry 60');
      const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(fits).toBe(true);
      for (const name of ['Send', 'Leave']) {
        const place = await page.getByRole('button', { name }).boundingBox();
        expect((place?.x ?? 0) + (place?.width ?? 999)).toBeLessThanOrEqual(360);
        expect(place?.height).toBeGreaterThanOrEqual(40);
      }
      expect(await contrast(page, '.message .text')).toBeGreaterThan(4.5);
      expect(await contrast(page, '.meta:not(.aside) time')).toBeGreaterThan(4.5);
      expect(phone.complaints).toEqual([]);
    });
  }

  test('the page may do nothing but talk to its server and to Momento', async () => {
    const response = await fetch(url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(/<script(?![^>]* src=)|<style|style=|onclick=/);
  });

  test.each(['/', '/token?room=x'])(
    '%s is for this machine: a name that resolves to it gets nothing',
    async (path) => {
      const { port } = new URL(url);
      const status = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const headers = { host };
          get({ host: '127.0.0.1', port, path, headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).on('error', reject);
        });
      for (const host of [`localhost:${port}`, `t1.localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
        expect(await status(host), host).toBe(200);
      for (const host of [`evil.example:${port}`, `localhost.evil.example:${port}`, `evil.example#localhost`])
        expect(await status(host), host).toBe(403);
    },
  );
});

/** Of a text against the nearest background that is painted, by the formula of WCAG. */
function contrast(page: Page, selector: string): Promise<number> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string) => {
        const [red = 0, green = 0, blue = 0] = channels(color)
          .slice(0, 3)
          .map((value) => value / 255)
          .map((value) => (value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      };
      let painted: Element | null = element;
      while (painted && channels(getComputedStyle(painted).backgroundColor)[3] === 0)
        painted = painted.parentElement;
      const ground = luminance(getComputedStyle(painted ?? document.body).backgroundColor);
      const text = luminance(getComputedStyle(element).color);
      return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
    });
}

describe('hostile input', () => {
  test("G6: what cannot be read raises no alert on anybody's page, however often it comes", async () => {
    const cache = new CacheClient({
      configuration: Configurations.Laptop.latest(),
      credentialProvider: CredentialProvider.forMomentoLocal({
        hostname: '127.0.0.1',
        port: local.port,
      }),
      defaultTtlSeconds: 600,
    });
    const topics = new TopicClient({
      configuration: TopicConfigurations.Default.latest(),
      credentialProvider: CredentialProvider.forMomentoLocal({
        hostname: '127.0.0.1',
        port: local.port,
      }),
    });
    onTestFinished(() => cache.close());
    const junk = ['not JSON', '{"username":1}', '[]', '{"v":99}', 'x'.repeat(9000), '{"message":"no name"}'];
    await cache.listConcatenateBack('chat', room, junk);
    const page = await visitors.join(room, 'Ada');
    // Everything that ever stands in an alert is kept, also when it goes away again.
    await page.evaluate(() => {
      const notice = document.querySelector('momento-chat')?.shadowRoot?.getElementById('notice');
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => seen.push(notice?.textContent?.trim() ?? '')).observe(notice ?? document, {
        attributes: true,
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    const noted = () => page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    for (let round = 0; round < 3; round++)
      for (const text of junk) await topics.publish('chat', `${room}-chat`, text);
    await topics.publish(
      'chat',
      `${room}-chat`,
      JSON.stringify({ username: 'Bo', message: 'after the junk' }),
    );
    await sees(page, 'after the junk');
    expect(await noted()).toEqual([]);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(visitors.complaints).toEqual([]);
  });

  const head = (line: string, ...headers: string[]) => [line, ...headers, '', ''].join('\r\n');
  const host = 'Host: localhost';
  test.each<[name: string, bytes: string]>([
    ['//', head('GET // HTTP/1.1', host)],
    ['///', head('GET /// HTTP/1.1', host)],
    ['//[', head('GET //[ HTTP/1.1', host)],
    ['//token', head('GET //a:b@c:99999/token HTTP/1.1', host)],
    ['an absolute form', head('GET http://localhost/ HTTP/1.1', host)],
    ['a broken absolute form', head('GET http://[/ HTTP/1.1', host)],
    ['an asterisk', head('OPTIONS * HTTP/1.1', host)],
    ['an authority form', head('CONNECT localhost:1 HTTP/1.1', host)],
    ['broken percent-encoding', head('GET /%E0%A4%A?room=%ff%zz HTTP/1.1', host)],
    ['a broken query for a token', head('GET /token?room=%ff%zz&room=%E0%A4%A HTTP/1.1', host)],
    ['an empty target', head('GET  HTTP/1.1', host)],
    ['dots', head('GET /../../etc/passwd HTTP/1.1', host)],
    ['an upgrade', head('GET / HTTP/1.1', host, 'Connection: Upgrade', 'Upgrade: websocket')],
    ['an expectation', head('GET / HTTP/1.1', host, 'Expect: the-unexpected')],
    ['a broken host', head('GET / HTTP/1.1', 'Host: [::1')],
    ['a host of spaces', head('GET / HTTP/1.1', 'Host:   a b ')],
    ['two hosts', head('GET / HTTP/1.1', host, 'Host: evil.example')],
    ['no host', head('GET / HTTP/1.1')],
    ['no host in HTTP/1.0', head('GET / HTTP/1.0')],
    ['huge headers', head('GET / HTTP/1.1', host, `X: ${'x'.repeat(100_000)}`)],
    ['a huge target', head(`GET /${'x'.repeat(100_000)} HTTP/1.1`, host)],
    ['a false length', head('GET / HTTP/1.1', host, 'Content-Length: -1')],
    ['a body that breaks off', `${head('POST /token HTTP/1.1', host, 'Content-Length: 100')}{"rooms":`],
    ['a torn chunk', `${head('POST /token HTTP/1.1', host, 'Transfer-Encoding: chunked')}zz\r\n`],
    ['no HTTP', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['NULs', '\0'.repeat(1000)],
  ])('%s does not end the process', async (_name, bytes) => {
    const thrown = await thrownDuring(async () => {
      await exchange(bytes);
      // Whatever the first did, the second is answered.
      expect((await fetch(url)).status).toBe(200);
    });
    expect(thrown).toEqual([]);
  });

  test('requests of random bytes do not end the process', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    let state = seed;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const parts = [
      '/',
      '//',
      '%',
      '%ff',
      '[',
      ']',
      ':',
      '@',
      '?',
      '#',
      '..',
      ' ',
      '\\',
      'token',
      'http:',
      '*',
      '\t',
      'é',
    ];
    const target = () => Array.from({ length: 1 + random(6) }, () => parts[random(parts.length)]).join('');
    const thrown = await thrownDuring(async () => {
      for (let n = 0; n < 150; n++) {
        const method = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS'][random(5)];
        const host = random(3) === 0 ? target() : 'localhost';
        await exchange(head(`${method} ${target()} HTTP/1.1`, `Host: ${host}`, 'Connection: close'));
      }
      expect((await fetch(url)).status).toBe(200);
    });
    expect(thrown, `seed ${seed}`).toEqual([]);
  });
});

/** Sends the bytes and ends the sending side; resolves when the connection is over, however it ends. */
function exchange(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.end(Buffer.from(bytes, 'latin1'));
    });
    // A connection that the server keeps alive is closed here, as soon as an answer came.
    socket.once('data', () => socket.destroy());
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('error', () => {});
    socket.once('close', () => resolve());
  });
}

/** Errors that would have ended the process: exceptions and rejections that nobody handled. */
async function thrownDuring(act: () => Promise<void>): Promise<string[]> {
  const thrown: string[] = [];
  const note = (error: unknown) => thrown.push(String(error));
  process.on('uncaughtException', note).on('unhandledRejection', note);
  try {
    await act();
    // A rejection is told of only after the microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  }
  return thrown;
}
