import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/files.js';
import { ADA, Page } from '../ui/page.js';
import { part, showChat } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** Returns whether the browser is to do with a file what it does by itself. */
function happens(type: 'dragover' | 'drop', element: Element): boolean {
  const dataTransfer = { types: ['Files'], files: [new File(['.'], 'a')] };
  return element.dispatchEvent(
    Object.assign(new Event(type, { bubbles: true, cancelable: true, composed: true }), { dataTransfer }),
  );
}

/** Drops a file; returns whether the browser leaves the page for it. */
function leavesFor(element: Element): boolean {
  // A drop is told of only where what is dragged over it was taken.
  return happens('dragover', element) || happens('drop', element);
}

it.each([true, false])(
  'a file that is dropped anywhere onto the chat does not take the page away: events %s',
  async (events) => {
    const room = page.room({ room: 'lobby', user: ADA, events });
    page.atEnd(() => room.leave());
    const chat = await showChat(page, { room: room as never });
    expect(['[part=title]', '.main .log'].map((selector) => leavesFor(part(chat, selector)))).toEqual([
      false,
      false,
    ]);
    expect(chat.shadowRoot?.querySelectorAll('.upload')).toHaveLength(events ? 1 : 0);
  },
);

it.each(['header', 'composer'])(
  'a field for files that the page put into the %s takes its own',
  async (slot) => {
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    const chat = await showChat(page, { room: room as never });
    const field = Object.assign(document.createElement('input'), { type: 'file', slot });
    chat.append(field);
    expect(field.assignedSlot).not.toBeNull();
    expect(happens('dragover', field)).toBe(true);
    expect(happens('drop', field)).toBe(true);
    expect(chat.shadowRoot?.querySelectorAll('.upload')).toHaveLength(0);
  },
);
