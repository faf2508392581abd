// Typedoc's plugin for the site: guides are called by their headings and stand in their groups, entries are called by what an
// app imports.
import { relative } from 'node:path';
import { Converter } from 'typedoc';
import { GUIDES } from '../typedoc.config.mjs';
import { entries } from './entries.mjs';
import { root } from './setup.mjs';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = document.project.files.getReflectionPath(document) ?? '';
    const page = relative(root, path).replaceAll('\\', '/');
    const text = document.content.map((part) => part.text).join('');
    document.name = /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? document.name;
    document.frontmatter.group =
      Object.keys(GUIDES).find((group) => GUIDES[group].includes(page)) ?? 'Guides';
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const path =
        project.files.getReflectionPath(module) ?? project.getSymbolIdFromReflection(module)?.fileName ?? '';
      const entry = entries.find(
        ({ source }) => path.endsWith(source) || source.replace(/(\/index)?\.ts$/, '').endsWith(module.name),
      );
      if (entry !== undefined) module.name = entry.name;
    }
  });
}
