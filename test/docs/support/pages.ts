import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');

/** A fenced block of a page. */
export interface Snippet {
  /** Path of the page, from the root of the repository. */
  readonly page: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** Reasons not to compile or not to run it, as its fence states them: `ts no-run: it needs an account`. */
  readonly exempt: Readonly<Partial<Record<'compile' | 'run', string>>>;
  readonly code: string;
  /** The name in the comment before it, `snippet: …`: a file below `test/`, or what another test knows it by. */
  readonly marker?: string | undefined;
  /** The path in the line before it: where a reader saves it. */
  readonly file?: string | undefined;
}

/** Pages that a reader sees: those of the site, and the rest of the repository's. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md'));
  const rest = readdirSync(ROOT).filter((path) => path.endsWith('.md'));
  return [...rest, ...docs, 'bench/README.md'].sort();
}

export const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** A page without its code. */
export const proseOf = (page: string): string =>
  textOf(page)
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '');

const FENCE = /(?:^`([^`\n]+)`:\n\n)?(?:^<!-- snippet: (\S+) -->\n\n?)?^```(\w+)([^\n]*)\n(.*?)^```$/gms;

/** The fenced blocks of a page that name a language. */
export function snippetsOf(page: string): Snippet[] {
  const text = textOf(page);
  return [...text.matchAll(FENCE)].map((match) => {
    const [whole, file, marker, language = '', info = '', code = ''] = match;
    const fence = match.index + whole.indexOf('```');
    return {
      page,
      line: text.slice(0, fence).split('\n').length,
      language,
      exempt: exemptions(page, info.trim()),
      code,
      marker,
      file,
    };
  });
}

/** A fence may say `no-run: reason` or `no-compile: reason`, and nothing else. */
function exemptions(page: string, info: string): Snippet['exempt'] {
  if (info === '') return {};
  const [, what, reason] = /^no-(run|compile): (.{10,})$/.exec(info) ?? [];
  if (what === undefined || reason === undefined)
    throw new Error(`${page}: a fence may only state why it is not run or compiled, not "${info}"`);
  return { [what]: reason };
}

export const placeOf = ({ page, line }: Snippet): string => `${page}:${line}`;

/** Languages that a compiler reads. The others are commands, output and configuration. */
export const COMPILED = ['ts', 'tsx', 'js', 'vue', 'svelte', 'html'];

export const allSnippets = (): Snippet[] => pages().flatMap(snippetsOf);
