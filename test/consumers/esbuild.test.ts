import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { chatSite, closeChromium, expectChat } from './support/chat-site.js';
import { consumer, htmlOf, readmePage } from './support/consumer.js';

afterAll(closeChromium);

test("README's page chats when esbuild splits it", async () => {
  const site = await chatSite();
  const app = await consumer(['esbuild@0.28.2'], {
    'dist/index.html': htmlOf('/main.js'),
    'main.ts': await readmePage(),
    'build.js': `import { build } from 'esbuild';
await build({ entryPoints: ['main.ts'], bundle: true, splitting: true, format: 'esm', outdir: 'dist', minify: true });
`,
  });
  await app.run('node', 'build.js');
  site.show(join(app.folder, 'dist'));
  await expectChat(site.url);
});
