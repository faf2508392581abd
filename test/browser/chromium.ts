import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { CHROMIUM_HELP, findChromium } from '../../scripts/chromium.mjs';
import { coverPages } from '../support/page-coverage.js';

/**
 * Parts of Chromium that the tests do without. Its address bar has two pages of its own, which every window would load: as
 * much work as all that a test does in that window.
 */
const UNUSED = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/** What Playwright turns off as well. Chromium heeds the last such list, so that it has to have all of them. */
const UNUSED_BY_PLAYWRIGHT = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/** A Chromium of its own with a fresh profile, that talks to nobody but the pages it is given. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_HELP);
  const browser = await chromium.launch({
    executablePath,
    // Without a GPU Chromium would imitate one, which takes as much time as all the rest.
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-gpu',
      // To start a process for each window is a fifth of what Chromium does here.
      '--renderer-process-limit=1',
      `--disable-features=${[...UNUSED, ...UNUSED_BY_PLAYWRIGHT]}`,
    ],
  });
  return coverPages(browser);
}

/** Pages of one profile, and what went wrong in any of them. */
export class Visitors {
  /** Errors in the console, uncaught exceptions, and what the Content-Security-Policy refused. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  readonly #url: string;
  readonly #options: BrowserContextOptions;
  /** Windows that a test has, and those that tests before it have left: to open one takes as long as to load the page. */
  readonly #used = new Set<Page>();
  readonly #left: Page[] = [];

  private constructor(
    browser: Browser,
    context: BrowserContext,
    url: string,
    options: BrowserContextOptions,
  ) {
    this.#browser = browser;
    this.#context = context;
    this.#url = url;
    this.#options = options;
  }

  static async at(url: string, browser: Browser, options: BrowserContextOptions = {}): Promise<Visitors> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const visitors = new Visitors(browser, context, url, options);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`);
      });
    });
    context.on('console', (message) => {
      if (message.type() === 'error') visitors.complaints.push(message.text());
    });
    context.on('weberror', (error) => visitors.complaints.push(String(error.error())));
    return visitors;
  }

  /** A window at the page, with this query. Default: none. */
  async open(query: Record<string, string> = {}): Promise<Page> {
    const page = await this.#window();
    await page.goto(addressOf(this.#url, query));
    return page;
  }

  /** A window that has joined a room. */
  async join(room: string, name: string): Promise<Page> {
    return this.#joined(await this.#window(), room, name);
  }

  /** A new tab that has joined a room, in one window with the other tabs. */
  async joinInTab(room: string, name: string): Promise<Page> {
    return this.#joined(await this.#context.newPage(), room, name);
  }

  /** Takes the whole browser off the network, or back onto it. */
  setOffline(offline: boolean): Promise<void> {
    return this.#context.setOffline(offline);
  }

  /** Leaves all pages, and forgets what went wrong in them. */
  async leave(): Promise<void> {
    await this.setOffline(false);
    const others = this.#context
      .pages()
      .filter((page) => !this.#used.has(page) && !this.#left.includes(page));
    await Promise.all([
      ...others.map((page) => page.close()),
      ...[...this.#used].map((page) => this.#clear(page)),
    ]);
    this.#used.clear();
    this.complaints.length = 0;
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  async #window(): Promise<Page> {
    const page = this.#left.pop() ?? (await newWindow(this.#browser, this.#context));
    this.#used.add(page);
    return page;
  }

  /** Makes a window like a new one, but for its history. */
  async #clear(page: Page): Promise<void> {
    if (page.isClosed()) return;
    page.removeAllListeners();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto('about:blank');
    const {
      viewport = { width: 1280, height: 720 },
      colorScheme = null,
      reducedMotion = null,
    } = this.#options;
    await page.emulateMedia({ colorScheme, reducedMotion });
    if (viewport) await page.setViewportSize(viewport);
    this.#left.push(page);
  }

  async #joined(page: Page, room: string, name: string): Promise<Page> {
    await page.goto(addressOf(this.#url, { room, name }));
    await joined(page);
    return page;
  }
}

function addressOf(url: string, query: Record<string, string>): string {
  return Object.keys(query).length === 0 ? url : `${url}?${new URLSearchParams(query)}`;
}

/**
 * A page in a window of its own. Of the tabs in one window only the newest is drawn at full speed, the others once a
 * second, and a click waits for two frames.
 */
async function newWindow(browser: Browser, context: BrowserContext): Promise<Page> {
  // The protocol's name of the context is known to its pages alone.
  const [first] = context.pages();
  if (first === undefined) return context.newPage();
  const ofPage = await context.newCDPSession(first);
  const { targetInfo } = await ofPage.send('Target.getTargetInfo');
  await ofPage.detach();
  const { browserContextId } = targetInfo;
  const ofBrowser = await browser.newBrowserCDPSession();
  const opened = context.waitForEvent('page');
  await ofBrowser.send('Target.createTarget', {
    url: 'about:blank',
    newWindow: true,
    ...(browserContextId === undefined ? {} : { browserContextId }),
  });
  await ofBrowser.detach();
  return opened;
}

export async function joined(page: Page): Promise<void> {
  await page.locator('[role=status][data-status=joined]').waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(text);
  await box.press('Enter');
}

/** Waits for a text in the log of messages. */
export async function sees(page: Page, text: string): Promise<void> {
  await page.getByRole('log').getByText(text, { exact: true }).waitFor();
}

/** The texts of the messages shown, in their order. */
export function texts(page: Page): Promise<string[]> {
  return page.getByRole('log').locator('.message .text').allTextContents();
}
