import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { chatSite, closeChromium, expectChat } from './support/chat-site.js';
import { consumer, htmlOf, readmePage } from './support/consumer.js';

afterAll(closeChromium);

test("README's page chats when webpack bundles it", async () => {
  const site = await chatSite();
  const app = await consumer(['webpack@5.112.2'], {
    'dist/index.html': htmlOf('/main.js'),
    'main.js': await readmePage(),
    'build.js': `import { promisify } from 'node:util';
import webpack from 'webpack';
const stats = await promisify(webpack)({ entry: './main.js', mode: 'production', target: 'web' });
if (stats.hasErrors()) throw new Error(stats.toString());
`,
  });
  await app.run('node', 'build.js');
  site.show(join(app.folder, 'dist'));
  await expectChat(site.url);
});
