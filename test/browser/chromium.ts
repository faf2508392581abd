import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { CHROMIUM_HELP, findChromium } from '../../scripts/chromium.mjs';
import { coverPages } from '../support/page-coverage.js';

/** A Chromium of its own with a fresh profile, that talks to nobody but the pages it is given. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_HELP);
  const browser = await chromium.launch({
    executablePath,
    // Without a GPU Chromium would imitate one, which takes as much time as all the rest.
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-gpu'],
  });
  return coverPages(browser);
}

/** Pages of one profile, and what went wrong in any of them. */
export class Visitors {
  /** Errors in the console, uncaught exceptions, and what the Content-Security-Policy refused. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, url: string) {
    this.#context = context;
    this.#url = url;
  }

  static async at(url: string, browser: Browser, options: BrowserContextOptions = {}): Promise<Visitors> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const visitors = new Visitors(context, url);
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

  /** A new tab at the page as it is without a query. */
  async open(): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(this.#url);
    return page;
  }

  /** A new tab that has joined a room. */
  async join(room: string, name: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(`${this.#url}?${new URLSearchParams({ room, name })}`);
    await joined(page);
    return page;
  }

  /** Takes the whole browser off the network, or back onto it. */
  setOffline(offline: boolean): Promise<void> {
    return this.#context.setOffline(offline);
  }

  /** Closes all tabs, and forgets what went wrong in them. */
  async leave(): Promise<void> {
    await this.setOffline(false);
    await Promise.all(this.#context.pages().map((page) => page.close()));
    this.complaints.length = 0;
  }

  close(): Promise<void> {
    return this.#context.close();
  }
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
