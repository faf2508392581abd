import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { chatSite, closeChromium, expectChat, freePort } from './support/chat-site.js';
import { consumer, htmlOf, readmePage } from './support/consumer.js';

const VITE = 'vite/bin/vite.js';

afterAll(closeChromium);

test.each(['6.4.6', '7.3.8', '8.3.8'])(
  "README's page chats under Vite %s, in development and built",
  async (version) => {
    const site = await chatSite();
    const port = await freePort();
    // The page awaits at its top level, which the browsers that Vite 6 builds for by default cannot all do.
    const build = { target: 'es2022', chunkSizeWarningLimit: 2000 };
    const server = { proxy: { '/token': site.url } };
    const app = await consumer([`vite@${version}`], {
      'index.html': htmlOf('/main.ts'),
      'main.ts': await readmePage(),
      'vite.config.js': `export default ${JSON.stringify({ server, build })};`,
    });
    const url = `http://localhost:${port}/`;
    await app.serve(url, VITE, '--host', 'localhost', '--port', String(port), '--strictPort');
    await expectChat(url);
    await app.run(VITE, 'build');
    site.show(join(app.folder, 'dist'));
    await expectChat(site.url);
  },
);
