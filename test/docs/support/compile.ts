import { join } from 'node:path';
import { compile } from 'svelte/compiler';
import ts from 'typescript';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';
import { placeOf, ROOT, type Snippet } from './pages.js';

/** Where the files of the pages seem to be: below the root, so that imports are resolved as they are there. */
const VIRTUAL = join(ROOT, '.pages');

/** The complaints of the compilers about these snippets, each with the place on its page. Empty when all compile. */
export function complaints(snippets: readonly Snippet[], borrowed: Borrowed = {}): string[] {
  const files = new Map<string, { snippet: Snippet; code: string }>();
  const found: string[] = [];
  for (const snippet of snippets) {
    try {
      for (const [extension, code] of scriptsOf(snippet))
        files.set(pathFor(snippet, extension), { snippet, code });
    } catch (error) {
      found.push(`${placeOf(snippet)}: ${String(error)}`);
    }
  }
  const extra = Object.entries(borrowed).map(([path, code]) => [join(VIRTUAL, path), code] as const);
  return [...found, ...typeErrors(files, new Map(extra))];
}

/** Files that a page takes from another page: their paths below a page's folder, and their code. */
export type Borrowed = Readonly<Record<string, string>>;

function pathFor({ page, line, file }: Snippet, extension: string): string {
  const name = file?.replace(/\.\w+$/, '') ?? `line-${line}`;
  return join(VIRTUAL, page.replace(/\.md$/, ''), `${name}.${extension}`);
}

/** The code for TypeScript to check, by the extension of a file. Throws what another compiler complains about. */
function scriptsOf({ language, code, file }: Snippet): [extension: string, code: string][] {
  const script = (source: string) => `${source}\nexport {};\n`;
  if (language === 'html')
    return [
      [
        'mjs',
        script([...code.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, body]) => body).join('\n')),
      ],
    ];
  if (language === 'svelte') {
    compile(code, { generate: 'client', filename: 'page.svelte' });
    const body = /<script[^>]*>(.*?)<\/script>/s.exec(code)?.[1] ?? '';
    return [['ts', script(`/// <reference types="svelte" />\n${body}`)]];
  }
  if (language === 'vue') return [['ts', script(vueScript(code))]];
  if (language === 'js') return [[file?.endsWith('.mjs') ? 'mjs' : 'js', script(code)]];
  return [[language, script(code)]];
}

function vueScript(code: string): string {
  const { descriptor, errors } = parse(code);
  if (errors.length > 0) throw errors[0];
  const { bindings } = compileScript(descriptor, { id: 'page' });
  const template = compileTemplate({
    source: descriptor.template?.content ?? '',
    filename: 'page.vue',
    id: 'page',
    compilerOptions: { bindingMetadata: bindings ?? {} },
  });
  if (template.errors.length > 0) throw template.errors[0];
  return descriptor.scriptSetup?.content ?? '';
}

function typeErrors(
  files: ReadonlyMap<string, { snippet: Snippet; code: string }>,
  extra: ReadonlyMap<string, string>,
): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  const settings: ts.CompilerOptions = {
    ...options,
    // A fragment need not use all that it declares.
    noUnusedLocals: false,
    noUnusedParameters: false,
    allowJs: true,
    checkJs: true,
  };
  // Plain JavaScript states no types, so it is not asked to be strict about those that it has.
  const scripts = [...files.keys()].filter((path) => /\.m?js$/.test(path));
  const typed = [...files.keys()].filter((path) => !scripts.includes(path));
  const host = virtualHost(settings, (path) => files.get(path)?.code ?? extra.get(path));
  return [...errorsIn(typed, settings, host), ...errorsIn(scripts, { ...settings, strict: false }, host)].map(
    ([path, problem]) => say(files.get(path)?.snippet, problem),
  );
}

function errorsIn(
  paths: readonly string[],
  settings: ts.CompilerOptions,
  host: ts.CompilerHost,
): [path: string, problem: ts.Diagnostic][] {
  const context = ['context', 'tools'].map((name) => join(ROOT, `test/docs/${name}.d.ts`));
  const program = ts.createProgram([...context, ...paths], settings, host);
  return paths.flatMap((path) => {
    const source = program.getSourceFile(path);
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return problems.map((problem): [string, ts.Diagnostic] => [path, problem]);
  });
}

/** A host that has files in memory beside those of the disk, and parses each once. */
function virtualHost(
  settings: ts.CompilerOptions,
  textOf: (path: string) => string | undefined,
): ts.CompilerHost {
  const host = ts.createCompilerHost(settings);
  const parsed = new Map<string, ts.SourceFile | undefined>();
  const { readFile, fileExists, getSourceFile, directoryExists } = host;
  host.readFile = (path) => textOf(path) ?? readFile.call(host, path);
  host.fileExists = (path) => textOf(path) !== undefined || fileExists.call(host, path);
  host.directoryExists = (path) => path.startsWith(VIRTUAL) || (directoryExists?.call(host, path) ?? true);
  host.getSourceFile = (path, target, ...rest) => {
    const text = textOf(path);
    if (!parsed.has(path))
      parsed.set(
        path,
        text === undefined
          ? getSourceFile.call(host, path, target, ...rest)
          : ts.createSourceFile(path, text, target),
      );
    return parsed.get(path);
  };
  return host;
}

function say(snippet: Snippet | undefined, { file, start, messageText }: ts.Diagnostic): string {
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  return `${snippet ? placeOf({ ...snippet, line: snippet.line + line }) : file?.fileName}: ${message}`;
}
