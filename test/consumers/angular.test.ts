import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { chatSite, closeChromium, expectChat } from './support/chat-site.js';
import { consumer, readmePage } from './support/consumer.js';

const ANGULAR = ['core', 'common', 'compiler', 'compiler-cli', 'platform-browser'].map(
  (name) => `@angular/${name}@20.3.35`,
);
const TOOLS = ['@angular/build@20.3.41', '@angular/cli@20.3.41', 'rxjs@7.8.2', 'typescript@5.9.3'];

afterAll(closeChromium);

test("README's page chats in a build of Angular 20, beside the recipe for its signals", async () => {
  const site = await chatSite();
  const app = await consumer([...ANGULAR, ...TOOLS], {
    'angular.json': JSON.stringify(workspace),
    'tsconfig.json': JSON.stringify(tsconfig),
    'src/index.html':
      '<!doctype html><html lang="en"><base href="/"><link rel="icon" href="data:,"><body><app-root></app-root></body></html>',
    'src/main.ts': MAIN,
    'src/page.ts': await readmePage(),
    'src/recipe.ts': await readFile(new URL('../docs/snippets/angular.ts', import.meta.url), 'utf8'),
  });
  await app.run('@angular/cli/bin/ng.js', 'build');
  site.show(join(app.folder, 'dist/browser'));
  const page = await expectChat(site.url);
  await page.locator('p', { hasText: 'Ada said Hello' }).first().waitFor();
});

const MAIN = `import { Component, provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { ChatRoom } from 'momento-chat';
import { messagesOf } from './recipe';

@Component({
  selector: 'app-root',
  template: '@for (message of messages(); track message.id) { <p>{{ message.user.name }} said {{ message.text }}</p> }',
})
class App {
  readonly room = new ChatRoom({ room: 'general', user: { name: 'Bob' }, token: '/token' });
  readonly messages = messagesOf(this.room);
  constructor() {
    this.room.join().catch((error) => console.error(error));
  }
}

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
  files: ['src/main.ts', 'src/page.ts', 'src/recipe.ts'],
};
