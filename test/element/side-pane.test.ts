import { expect, it } from 'vitest';
import { SidePane } from '../../src/element/side-pane.js';
import { makeUi } from './stage.js';

it.each([
  [{ isComposing: true }, 'people'],
  [{ keyCode: 229 }, 'people'],
  [{}, undefined],
])('Escape closes the pane, unless it ends the composition of a character: %j', (init, open) => {
  const { ui, frame } = makeUi();
  const pane = new SidePane(ui.texts, { refocus: () => {}, uncovered: () => {} });
  const content = document.createElement('textarea');
  frame.append(pane.element);
  pane.show({ name: 'people', title: 'People', content });
  content.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, ...init }));
  expect(pane.open).toBe(open);
});
