import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../setup.mjs';

/**
 * A program of the declarations that TypeScript makes of these sources: what an app sees of them. They stand where their
 * sources do, and are in memory only.
 *
 * @param {readonly string[]} sources
 * @returns {ts.Program}
 */
export function declarations(sources) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const settings = {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
  };
  const emitted = new Map();
  const { emitSkipped, diagnostics } = ts
    .createProgram(sources, settings)
    .emit(undefined, (path, text) => emitted.set(path, text), undefined, true);
  if (emitSkipped || diagnostics.length > 0) throw new Error('the sources cannot be declared');

  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const isSource = (path) => path.startsWith(join(root, 'src')) && !path.endsWith('.d.ts');
  host.fileExists = (path) => emitted.has(path) || (!isSource(path) && fileExists.call(host, path));
  host.readFile = (path) => emitted.get(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, target, ...rest) =>
    emitted.has(path)
      ? ts.createSourceFile(path, emitted.get(path), target, true)
      : getSourceFile.call(host, path, target, ...rest);
  return ts.createProgram([...emitted.keys()], { ...options, paths: {} }, host);
}
