import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LocalMomento } from 'momento-chat/local';
import { createTokenVendor } from 'momento-chat/server';
import type { Page } from 'playwright-core';
import { buildPage } from '../support/built-page.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** As an app serves files that do not change: else every page would ask for each of them again. */
const SCRIPT = { 'Content-Type': 'text/javascript', 'Cache-Control': 'max-age=3600' };

export interface App {
  readonly url: string;
  close(): void;
}

/**
 * The server of an app: a page with the element on it, whose attributes stand in the query, the element's module, and a token
 * vendor. The page allows what its own server sends, and Momento, and nothing else. A route of the browser would not do:
 * Chromium keeps pages without an address of this machine away from it.
 */
export async function serveApp(local: LocalMomento): Promise<App> {
  // The modules of the element and of the storage, and their chunks, as an app would serve them.
  const files = await buildPage({ element: source('element/index.ts'), storage: source('storage/index.ts') });
  const vendorFor = (endpoint: string) =>
    createTokenVendor({
      auth: { apiKey: local.apiKey, endpoint: local.url },
      endpoint,
      cache: 'chat',
      authorize: (_identity, rooms) => ({ rooms, role: 'member' }),
      rateLimit: false,
    });
  // A browser opens six connections to one host name, and two tabs with a list of rooms hold as many streams.
  const otherName = local.url.replace('127.0.0.1', 'localhost');
  const [vendor, otherVendor] = [vendorFor(local.url), vendorFor(otherName)];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const script = files.get(pathname.slice('/lib'.length));
    if (pathname === '/token') vendor(request, response);
    else if (pathname === '/token-of-another-tab') otherVendor(request, response);
    else if (script !== undefined) response.writeHead(200, SCRIPT).end(script);
    else if (pathname === '/')
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': `default-src 'self'; connect-src 'self' ${local.url} ${otherName}`,
        })
        .end(page([...searchParams]));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function page(attributes: readonly (readonly [name: string, value: string])[]): string {
  const given = attributes.map(([name, value]) => `${name}="${value}"`).join(' ');
  return `<!doctype html><html lang="en"><link rel="icon" href="/lib/element.js"><title>An app</title>
<script type="module" src="/lib/element.js"></script>
<main><h1>An app</h1><momento-chat ${given} token="/token"></momento-chat></main></html>`;
}

/** Findings of an accessibility checker: the broken rules, and where. `only`: the rules to look at; default: all. */
export async function findings(page: Page, only?: readonly string[]): Promise<string[]> {
  // A message that fades in has little contrast for a moment.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  }, only);
}

interface Axe {
  run(options: { resultTypes: string[]; runOnly?: readonly string[] }): Promise<{
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>;
}
