import type { LocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildPage, type PageFile } from '../../examples/demo/page.js';
import { startDemo } from '../../examples/demo/server.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { itemDelete } from '../../src/transport/operations/items.js';
import { readable } from '../support/page-coverage.js';
import { launchChromium, Visitors } from './chromium.js';

/** A visit to the demo. */
export interface DemoVisit {
  readonly url: string;
  readonly local: LocalMomento;
  readonly browser: Browser;
  /** Pages of one profile for all tests of a file: each page of another would compile the SDK anew. */
  readonly visitors: Visitors;
  /** A room that nobody was in. */
  readonly room: string;
}

/** Built once for all files that one process tests. */
let built: Promise<ReadonlyMap<string, PageFile>> | undefined;

/** Starts the demo on a local Momento, and a browser, for all tests of a file. Each test begins with `begin`. */
export function visitDemo(begin: (visit: DemoVisit) => void): void {
  let end = async () => {};
  let site: Omit<DemoVisit, 'room'>;
  let rooms = 0;

  beforeAll(async () => {
    built ??= buildPage({ readable });
    const [demo, browser] = await Promise.all([startDemo({ port: 0, files: built }), launchChromium()]);
    end = async () => {
      await browser.close();
      await demo.close();
    };
    const { url, local } = demo;
    if (local === undefined) throw new Error('The demo does not run on a local Momento');
    site = { url, local, browser, visitors: await Visitors.at(url, browser) };
  });
  afterAll(() => end());

  beforeEach(() => {
    rooms += 1;
    begin({ ...site, room: `room-${rooms}` });
  });
  afterEach(async () => {
    await site.visitors.leave();
    await forgetRooms(site.local);
  });
}

/**
 * Empties the list of rooms. Each room in it is followed with a stream of its own, and a browser has six connections to a
 * local Momento: with the rooms of all tests before, calls would wait for each other.
 */
export async function forgetRooms(momento: LocalMomento): Promise<void> {
  const transport = fetchTransport({ token: momento.apiKey, endpoint: momento.url });
  for (const key of ['rooms:directory', 'rooms:titles'])
    await transport.call(itemDelete, { cache: 'chat', key });
}
