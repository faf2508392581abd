import { ChatRoom } from 'momento-chat/lite';
import { startDemo } from '../../examples/demo/server.js';
import { joined, launchChromium } from './chromium.js';
import { findings } from './element-page.js';

const demo = await startDemo({ port: 0 });
const browser = await launchChromium();
const room = 'shots';
const linus = new ChatRoom({ room, user: { id: 'linus', name: 'Linus' }, token: `${demo.url}token` });
await linus.join();
const first = await linus.send(
  'The Café opens at nine, and if it rains we meet inside; otherwise at the tables in front of it, as we did last week when everybody came.',
);
await linus.pin(first.id);
for (let n = 1; n <= 70; n++) await linus.send(`Number ${n}`);
await linus.send('Is the café open?', { replyTo: first.id });
const shot = async (name: string, ctx: object, dir?: string) => {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...ctx });
  const page = await context.newPage();
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()));
  await page.goto(`${demo.url}?${new URLSearchParams({ room, name: 'Ada' })}`);
  if (dir)
    await page.evaluate((d) => {
      document.documentElement.dir = d;
    }, dir);
  await joined(page);
  const save = (part: string) => page.screenshot({ path: `/tmp/el/${name}-${part}.png` });
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('searchbox').fill('cafe');
  await page.getByText('2 messages found').waitFor();
  await save('search');
  console.log(name, 'search', await findings(page));
  await page.getByRole('searchbox').fill('number');
  await page.getByText('20 messages found').waitFor();
  await page.getByRole('button', { name: 'Search further back' }).scrollIntoViewIfNeeded();
  await save('further');
  await page.getByRole('searchbox').fill('opens');
  await page.getByText('1 message found').waitFor();
  await page.locator('.hit').click();
  await page.locator('.target').waitFor();
  await save('around');
  console.log(name, 'around', await findings(page));
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  const row = page.locator('.main .message').last();
  await row.hover();
  await row.locator('.more').click();
  await save('menu');
  await page.getByRole('menuitem', { name: /^Hide/ }).click();
  await page.getByRole('button', { name: /here|Hidden/ }).click();
  await save('people');
  console.log(name, 'people', await findings(page));
  await context.close();
};
try {
  if (!process.env.SKIP) await shot('light', { viewport: { width: 1180, height: 780 } });
  await shot('phone', { viewport: { width: 360, height: 700 }, deviceScaleFactor: 2 });
  await shot('dark-rtl', { viewport: { width: 1180, height: 780 }, colorScheme: 'dark' }, 'rtl');
} catch (e) {
  console.log(e);
} finally {
  await linus.leave().catch(() => {});
  await browser.close();
  await demo.close();
}
process.exit();
