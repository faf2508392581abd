import { expect, it } from 'vitest';
import { menu } from '../../src/element/menu.js';
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
