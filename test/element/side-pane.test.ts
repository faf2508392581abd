import { afterEach, beforeEach, expect, it } from 'vitest';
import { SidePane } from '../../src/element/side-pane.js';
import { Page } from '../ui/page.js';
import { choose, part, press, showChat } from './shown-chat.js';
import { makeUi } from './stage.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it.each([
  [{ isComposing: true }, 'people'],
  [{ keyCode: 229 }, 'people'],
  [{}, undefined],
])('Escape closes the pane, unless it ends the composition of a character: %j', (init, open) => {
  const { ui, frame } = makeUi();
  const pane = new SidePane(ui.texts, {
    banner: document.createElement('p'),
    shown: () => {},
    refocus: () => {},
    uncovered: () => {},
  });
  const content = document.createElement('textarea');
  frame.append(pane.element);
  pane.show({ name: 'people', title: 'People', content });
  content.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, ...init }));
  expect(pane.open).toBe(open);
});

it('the buttons of the header say which pane is open', async () => {
  const chat = await showChat(page);
  const opener = (name: string) => part(chat, `[part=${name}-button]`);
  const open = () => ['people', 'search', 'pins'].filter((name) => opener(name).ariaExpanded === 'true');
  expect(open()).toEqual([]);
  opener('people').click();
  expect(open()).toEqual(['people']);
  opener('pins').click();
  expect(open()).toEqual(['pins']);
  press('Escape', part(chat, '.side button'));
  expect(open()).toEqual([]);
});

it('that a message is pinned or no longer pinned is read aloud', async () => {
  const bob = await page.other('lobby');
  await page.result(bob.send('Look'));
  const chat = await showChat(page);
  for (const [label, told] of [
    ['Pin', 'Message pinned.'],
    ['Unpin', 'Message unpinned.'],
  ] as const) {
    choose(chat, label);
    await page.run(2000);
    expect(part(chat, '#announcer').textContent).toBe(told);
  }
});
