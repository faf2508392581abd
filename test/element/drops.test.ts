import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/files.js';
import { ADA, Page } from '../ui/page.js';
import { part, showChat } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** Drops a file; returns whether the browser leaves the page for it. */
function leavesFor(element: Element): boolean {
  const dataTransfer = { types: ['Files'], files: [new File(['.'], 'a')] };
  const happens = (type: string) =>
    element.dispatchEvent(
      Object.assign(new Event(type, { bubbles: true, cancelable: true, composed: true }), { dataTransfer }),
    );
  // A drop is told of only where what is dragged over it was taken.
  return happens('dragover') || happens('drop');
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
