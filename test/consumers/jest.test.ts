import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { consumer } from './support/consumer.js';

const PACKAGES = [
  'jest@30.5.2',
  'jest-environment-jsdom@30.5.2',
  '@babel/plugin-transform-modules-commonjs@7.28.6',
];

/** The first test that docs/testing.md shows, for Jest. */
async function documentedTest(): Promise<string> {
  const file = new URL('../testing/snippets/offline.test.ts', import.meta.url);
  return (await readFile(file, 'utf8')).replace("import { it } from 'vitest';\n", '');
}

test("docs/testing.md's test runs under Jest with jsdom", async () => {
  const app = await consumer(
    PACKAGES,
    {
      'offline.test.js': await documentedTest(),
      'jest.setup.js': SETUP,
      'babel.config.json': '{ "plugins": ["@babel/plugin-transform-modules-commonjs"] }',
    },
    { type: 'commonjs' },
  );
  expect(await app.run('jest/bin/jest.js', '--env=jsdom', '--setupFiles=./jest.setup.js')).toContain(
    '1 passed',
  );
});

// As docs/testing.md says.
const SETUP = `const { TextDecoder, TextEncoder } = require('node:util');
Object.assign(globalThis, { TextDecoder, TextEncoder });
`;
