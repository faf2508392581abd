import { expect, it } from 'vitest';
import { emojiPicker } from '../../src/element/emoji-picker.js';
import { menu } from '../../src/element/menu.js';
import { ADA, Page } from '../ui/page.js';
import { menuOf, showChat } from './shown-chat.js';
import { makeUi } from './stage.js';

it.each([
  [{}, true],
  [{ ctrlKey: true }, false],
  [{ metaKey: true }, false],
  [{ altKey: true }, false],
])('a letter goes to its item, a key of the browser to the browser: %j', (init, isTaken) => {
  const box = menu(
    'Actions',
    [
      { label: 'Copy', act() {} },
      { label: 'Reply', act() {} },
    ],
    () => {},
  );
  makeUi().frame.append(box);
  const event = new KeyboardEvent('keydown', { key: 'r', bubbles: true, cancelable: true, ...init });
  box.querySelector('button')?.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(isTaken);
});

it('a letter goes to the item that begins with it, also by a name, and again to the next, and round', () => {
  const { ui, frame } = makeUi();
  const labels = ['React', 'Reply', 'Copy', 'Reply in thread', '\u2068Bob\u2069 ausblenden'];
  const items = labels.map((label) => ({ label, act() {} }));
  const box = menu('Actions', items, () => {});
  frame.append(box);
  box.querySelector('button')?.focus();
  const reached = ['r', 'r', 'R', 'c', 'b', 'x'].map((key) => {
    ui.focused?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    return ui.focused?.textContent;
  });
  expect(reached).toEqual(['Reply', 'Reply in thread', 'React', 'Copy', labels[4], labels[4]]);
});

it('in the picker of emoji, the arrows up and down go to the row above and below', () => {
  const { ui, frame } = makeUi();
  const box = emojiPicker('React', () => {});
  frame.append(box);
  const all = [...box.querySelectorAll('button')];
  all[0]?.focus();
  const reached = ['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowUp'].map((key) => {
    ui.focused?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    return all.indexOf(ui.focused as HTMLButtonElement);
  });
  expect(reached).toEqual([7, 8, 1, all.length - 6]);
});

it('of the oldest message in memory it stays open, with the focus, when another message comes', async () => {
  const page = new Page();
  const bob = await page.other('lobby');
  for (let at = 0; at < 20; at += 1) await page.result(bob.send(`Old ${at}`));
  const room = page.room({ room: 'lobby', user: ADA, history: { pageSize: 20, maxInMemory: 20 } });
  page.atEnd(() => room.leave());
  const chat = await showChat(page, { room: room as never });
  const [item] = menuOf(chat);
  await page.result(bob.send('New'));
  await page.run(1000);
  expect(room.messages.map(({ text }) => text)).not.toContain('Old 0');
  expect(chat.shadowRoot?.activeElement).toBe(item);
  await page.end();
});
