import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { chatSite, closeChromium, expectChat } from './support/chat-site.js';
import { consumer, readmePage } from './support/consumer.js';

const ANGULAR = ['core', 'common', 'compiler', 'compiler-cli', 'platform-browser'].map(
  (name) => `@angular/${name}@20.3.35`,
);
const TOOLS = ['@angular/build@20.3.41', '@angular/cli@20.3.41', 'rxjs@7.8.2', 'typescript@5.9.3'];

afterAll(closeChromium);

test("README's page chats in a build of Angular 20", async () => {
  const site = await chatSite();
  const app = await consumer([...ANGULAR, ...TOOLS], {
    'angular.json': JSON.stringify(workspace),
    'tsconfig.json': JSON.stringify(tsconfig),
    'src/index.html':
      '<!doctype html><html lang="en"><base href="/"><link rel="icon" href="data:,"><body><app-root></app-root></body></html>',
    'src/main.ts': MAIN,
    'src/page.ts': await readmePage(),
  });
  await app.run('@angular/cli/bin/ng.js', 'build');
  site.show(join(app.folder, 'dist/browser'));
  await expectChat(site.url);
});

const MAIN = `import { Component, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';

@Component({ selector: 'app-root', template: '<h1>Chat</h1>' })
class App {}

await bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] });
await import('./page');
`;

const workspace = {
  version: 1,
  cli: { analytics: false, cache: { enabled: false } },
  projects: {
    consumer: {
      projectType: 'application',
      root: '',
      sourceRoot: 'src',
      architect: {
        build: {
          builder: '@angular/build:application',
          options: {
            browser: 'src/main.ts',
            index: 'src/index.html',
            outputPath: 'dist',
            tsConfig: 'tsconfig.json',
            optimization: { scripts: true, styles: false, fonts: false },
          },
        },
      },
    },
  },
};

const tsconfig = {
  compilerOptions: {
    strict: true,
    target: 'ES2022',
    module: 'ES2022',
    moduleResolution: 'bundler',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: [],
  },
  files: ['src/main.ts', 'src/page.ts'],
};
