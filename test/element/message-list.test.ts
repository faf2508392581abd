import { expect, it } from 'vitest';
import { MessageList } from '../../src/element/message-list.js';
import type { Message } from '../../src/messages/message.js';
import { makeUi } from './stage.js';

function makeList() {
  const { ui, frame } = makeUi();
  const nothing = () => {};
  const list = new MessageList(
    ui,
    {
      retry: nothing,
      discard: nothing,
      openMenu: nothing,
      react: nothing,
      goTo: nothing,
      files: undefined,
      loadOlder: nothing,
      seenEnd: nothing,
      focusAway: nothing,
    },
    { id: 'room', label: 'Messages' },
  );
  frame.append(list.element);
  const render = (messages: readonly Message[]) =>
    list.render(messages, { isOpening: false, hasOlder: false, unreadFrom: undefined });
  return { list, render };
}

const messageAt = (at: number): Message =>
  ({
    id: String(at),
    text: `m${at}`,
    user: { id: 'bob', name: 'Bob' },
    sentAt: new Date(at),
    status: 'sent',
    reactions: [],
  }) as Partial<Message> as Message;

it('in a full room each message that comes puts one row in, and leaves all others where they are', async () => {
  const all = Array.from({ length: 80 }, (_, at) => messageAt(at));
  const { list, render } = makeList();
  render(all.slice(0, 40));
  const records = new MutationObserver(() => {});
  records.observe(list.element, { childList: true, subtree: true });
  const added = [];
  for (let at = 1; at <= 40; at += 1) {
    render(all.slice(at, at + 40));
    const nodes = records.takeRecords().flatMap(({ addedNodes }) => [...addedNodes]);
    added.push(nodes.filter((node) => node instanceof Element && node.matches('.message')).length);
  }
  records.disconnect();
  list.close();
  expect(new Set(added)).toEqual(new Set([1]));
  expect(list.element.querySelectorAll('.message')).toHaveLength(40);
});
