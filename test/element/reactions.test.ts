import { afterEach, beforeEach, expect, it } from 'vitest';
import { Page } from '../ui/page.js';
import { part, showChat } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it('all reactions that somebody asked for stay in sight, and keep the focus, when they change', async () => {
  const bob = await page.other('lobby');
  const { id } = await page.result(bob.send('Hello'));
  const emoji = [...'👍👎😀😁😂😃😄😅😆😇😈😉😊😋'];
  for (const one of emoji) await page.result(bob.react(id, one));
  const chat = await showChat(page);
  const shown = () => [...part(chat, '.reactions').querySelectorAll<HTMLElement>('.reaction')];
  expect(shown()).toHaveLength(13);
  shown().at(-1)?.click();
  expect(shown()).toHaveLength(14);
  shown().at(-1)?.focus();
  shown().at(-1)?.click();
  await page.run(2000);
  expect(shown()).toHaveLength(14);
  expect(shown().at(-1)?.ariaPressed).toBe('true');
  expect(chat.shadowRoot?.activeElement).toBe(shown().at(-1));
});
