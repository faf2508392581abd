import type { Message } from '../messages/message.js';
import { button, h } from './dom.js';
import type { Member } from './faces.js';
import type { Ui } from './ui.js';

/** Returns the list of the people here. Those with an id can be told from others of the same name by their color. */
export function peopleList(ui: Ui, members: readonly Member[], count: number): HTMLElement {
  const rows = members.map(({ user, own }) =>
    h(
      'li',
      { class: 'person', part: 'person' },
      ui.avatar(user),
      h('span', { class: 'person-name', dir: 'auto', title: user.name }, user.name),
      own && h('span', { class: 'muted' }, ui.texts.you),
    ),
  );
  const rest = count - members.length;
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': ui.texts.people },
    h(
      'ul',
      { class: 'people' },
      ...rows,
      rest > 0 && h('li', { class: 'muted' }, `+${ui.format.count(rest)}`),
    ),
  );
}

/** Returns the list of the pinned messages, each as a button to it. */
export function pinList(ui: Ui, pinned: readonly Message[], goTo: (id: string) => void): HTMLElement {
  if (pinned.length === 0) return h('p', { class: 'hint' }, ui.texts.noPins);
  const rows = pinned.map((message) =>
    h(
      'li',
      {},
      button(
        { class: 'pinned', part: 'pinned', onclick: () => goTo(message.id) },
        h('span', { class: 'quote-author', dir: 'auto' }, message.user.name),
        ' ',
        h('span', { class: 'pinned-text', dir: 'auto' }, message.text || (message.files?.[0]?.name ?? '…')),
      ),
    ),
  );
  return h('div', { class: 'scroll' }, h('ul', { class: 'pins' }, ...rows));
}
