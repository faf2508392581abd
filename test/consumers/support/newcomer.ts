import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Snippet, snippetsOf, textOf } from '../../docs/support/pages.js';
import { packedPackage } from '../../support/packed-package.js';
import { freePort } from './chat-site.js';
import { answers, end, finish, type Running, start } from './consumer.js';

/** A command of a page, and how long it took, in seconds. */
export interface Step {
  readonly command: string;
  readonly seconds: number;
}

type Ports = Readonly<Record<'page' | 'vendor' | 'momento', number>>;

const SERVER_PAGE = 'docs/getting-started.md';

/**
 * Does what a page of docs/start says, word for word, in an empty folder: runs its commands, saves its files, starts what is
 * to be started. Only the package comes from here and not from npm, and ports are free ones.
 */
export class Newcomer {
  readonly steps: Step[] = [];
  readonly #page: string;
  readonly #ports: Ports;
  #folder: string;

  private constructor(page: string, folder: string, ports: Ports) {
    this.#page = page;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** @param borrowed - Files that the page takes from other pages. */
  static async follow(page: string, borrowed: readonly Snippet[] = []): Promise<Newcomer> {
    const folder = await mkdtemp(join(tmpdir(), 'momento-chat-newcomer-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const ports = { page: await freePort(), vendor: await freePort(), momento: await freePort() };
    const newcomer = new Newcomer(page, folder, ports);
    const snippets = snippetsOf(page);
    const [setUp = [], ...run] = snippets
      .filter(({ language }) => language === 'sh')
      .map(({ code }) => code.trim().split('\n'));
    for (const command of setUp) await newcomer.#setUp(command);
    const server = textOf(page).includes('#the-token-server') ? snippetsOf(SERVER_PAGE) : [];
    for (const snippet of [...server, ...borrowed, ...snippets]) await newcomer.#save(snippet);
    for (const command of run.flat()) await newcomer.#run(command, snippets);
    return newcomer;
  }

  get url(): string {
    return `http://localhost:${this.#ports.page}/`;
  }

  async timed(command: string, action: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await action();
    this.steps.push({ command, seconds: (performance.now() - began) / 1000 });
  }

  /** Runs a command to its end. */
  async #setUp(command: string): Promise<void> {
    const { tarball } = await packedPackage();
    const words = command.split(' ').map((word) => (word === 'momento-chat' ? tarball : word));
    const [name = '', ...args] = words;
    if (name === 'cd') this.#folder = join(this.#folder, args[0] ?? '');
    else await this.timed(command, async () => void (await finish(name, start(this.#folder, name, args))));
  }

  async #save({ file, code }: Pick<Snippet, 'file' | 'code'>): Promise<void> {
    if (file === undefined) return;
    await mkdir(dirname(join(this.#folder, file)), { recursive: true });
    await writeFile(join(this.#folder, file), this.#here(code));
  }

  /** Starts a command that goes on until the test ends; resolves when it is ready. */
  async #run(command: string, snippets: readonly Snippet[]): Promise<void> {
    const { page, vendor } = this.#ports;
    const [name = '', ...args] = this.#here(command).split(' ');
    const ports = this.#page.endsWith('next.md')
      ? ['--port', String(page)]
      : ['--port', String(page), '--strictPort'];
    const serves = command === 'npm run dev' || command === 'npx vite';
    const more = serves ? [...(name === 'npm' ? ['--'] : []), ...ports] : [];
    const running = start(this.#folder, name, [...args, ...more]);
    onTestFinished(() => end(running.child));
    await this.timed(command, async () => {
      if (serves) await answers(this.url, running);
      else if (name === 'node') await answers(`http://localhost:${vendor}/token?room=lobby`, running);
      else await this.#saveKey(running, snippets);
    });
  }

  /** Waits for the API key that the local Momento prints, and puts it where the page says. */
  async #saveKey(running: Running, snippets: readonly Snippet[]): Promise<void> {
    const key = await vi.waitUntil(() => /API key\s+(\S+)/.exec(running.output())?.[1], { timeout: 120_000 });
    const settings = snippets.find(({ language }) => language === 'ini')?.code ?? '';
    await this.#save({ file: '.env.local', code: settings.replace('the key that was printed', key) });
  }

  #here(text: string): string {
    const { vendor, momento } = this.#ports;
    return text.replaceAll('3000', String(vendor)).replaceAll('8080', String(momento));
  }
}
