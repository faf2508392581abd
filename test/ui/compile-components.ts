import { compile } from 'svelte/compiler';
import { type Plugin, transformWithEsbuild } from 'vite';
import { compileScript, parse } from 'vue/compiler-sfc';

/** Vite's plugin for components of Svelte and Vue, as far as these tests need one. */
export const compileComponents: Plugin = {
  name: 'compile-components',
  async transform(code, id) {
    if (id.endsWith('.svelte')) return compile(code, { filename: id, generate: 'client' }).js.code;
    if (!id.endsWith('.vue')) return undefined;
    const { descriptor } = parse(code, { filename: id });
    const script = compileScript(descriptor, { id, inlineTemplate: true });
    return (await transformWithEsbuild(script.content, `${id}.ts`)).code;
  },
};
