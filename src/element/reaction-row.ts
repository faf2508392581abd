import type { Message, Reaction } from '../messages/message.js';
import { button, h, isolated } from './dom.js';
import type { Ui } from './ui.js';

/** So many are shown before somebody asks for more. */
const SHOWN = 12;
const NAMED = 8;

/** The reactions to a message, as buttons that add one's own or take it back. Its class is `all` once all were asked for. */
export function reactionRow(
  { reactions }: Message,
  ui: Ui,
  { showsAll, onToggle }: { showsAll: boolean; onToggle: (emoji: string) => void },
): HTMLElement {
  const chips = reactions.map((reaction) => chip(reaction, ui, onToggle));
  const row = h('div', { class: 'reactions', part: 'reactions' }, ...chips.slice(0, SHOWN));
  const rest = chips.slice(SHOWN);
  const showAll = () => {
    row.append(...rest);
    row.classList.add('all');
  };
  if (showsAll) showAll();
  else if (rest.length > 0) {
    const more = button(
      {
        class: 'reaction',
        label: ui.texts.moreReactions(rest.length),
        onclick: () => {
          more.remove();
          showAll();
          rest[0]?.focus();
        },
      },
      `+${rest.length}`,
    );
    row.append(more);
  }
  return row;
}

function chip({ emoji, count, mine, users, clipped }: Reaction, ui: Ui, onToggle: (emoji: string) => void) {
  const names = users.map((id) => ui.people.nameOf(id)).filter((name) => name !== undefined);
  const shown = names.slice(0, NAMED).map(isolated).join(', ');
  const more = clipped || users.length > Math.min(names.length, NAMED);
  const total = ui.format.count(count);
  return button(
    {
      class: 'reaction',
      part: 'reaction',
      'aria-pressed': String(mine),
      'aria-label': ui.texts.reactionBy(emoji, total, mine),
      title: shown === '' ? undefined : `${shown}${more ? ', …' : ''}`,
      'data-emoji': emoji,
      onclick: () => onToggle(emoji),
    },
    h('span', { class: 'emoji-of' }, emoji),
    h('span', { class: 'count' }, total),
  );
}
