import type { Message } from '../messages/message.js';
import { button, h, isolated } from './dom.js';
import type { Room } from './faces.js';
import { replaceKeepingFocus } from './keep-focus.js';
import type { Ui } from './ui.js';

/** The content of a pane, which can be brought up to date. */
export interface Pane {
  readonly element: HTMLElement;
  render(): void;
}

/**
 * Returns the list of the people here, and of those that the reader hides. Those with an id can be told from others of the
 * same name by their color.
 */
export function peoplePane(ui: Ui, room: Room, unhide: (id: string) => void): Pane {
  const { texts } = ui;
  const element = h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': texts.people });
  const here = () => {
    const { members = [], count = 0 } = room.presence ?? {};
    const rest = count - members.length;
    return h(
      'ul',
      { class: 'people' },
      ...members.map(({ user, own }) =>
        h(
          'li',
          { class: 'person', part: 'person' },
          ui.avatar(user),
          h('span', { class: 'person-name', dir: 'auto', title: user.name }, user.name),
          own && h('span', { class: 'muted' }, texts.you),
        ),
      ),
      rest > 0 && h('li', { class: 'muted' }, `+${ui.format.count(rest)}`),
    );
  };
  const hidden = (id: string) => {
    const name = ui.people.nameOf(id) ?? id;
    const label = `${texts.showAgain}: ${isolated(name)}`;
    return h(
      'li',
      { class: 'person', part: 'person' },
      h('span', { class: 'person-name', dir: 'auto', title: name }, name),
      button({ class: 'quiet', label, 'data-key': id, onclick: () => unhide(id) }, texts.showAgain),
    );
  };
  return {
    element,
    render() {
      const parts: HTMLElement[] = [here()];
      const ids = [...(room.hidden ?? [])];
      if (ids.length > 0)
        parts.push(
          h(
            'section',
            { class: 'hidden-people', 'aria-labelledby': 'hidden-title' },
            h('h3', { id: 'hidden-title', class: 'muted' }, texts.hiddenPeople),
            h('ul', { class: 'people' }, ...ids.map(hidden)),
          ),
        );
      replaceKeepingFocus(ui, element, ...parts);
    },
  };
}

/** Returns the list of the pinned messages, each as a button to it. */
export function pinsPane(ui: Ui, room: Room, goTo: (id: string) => void): Pane {
  const element = h('div', { class: 'scroll', tabindex: -1 });
  const row = (message: Message) =>
    h(
      'li',
      {},
      button(
        { class: 'pinned', part: 'pinned', 'data-key': message.id, onclick: () => goTo(message.id) },
        h('span', { class: 'quote-author', dir: 'auto' }, message.user.name),
        ' ',
        h('span', { class: 'pinned-text', dir: 'auto' }, message.text || (message.files?.[0]?.name ?? '…')),
      ),
    );
  return {
    element,
    render() {
      const rows = (room.pinned ?? []).map(row);
      const list =
        rows.length > 0 ? h('ul', { class: 'pins' }, ...rows) : h('p', { class: 'hint' }, ui.texts.noPins);
      replaceKeepingFocus(ui, element, list);
    },
  };
}
