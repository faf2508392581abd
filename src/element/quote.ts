import type { Quote } from '../messages/message.js';
import { button, h, isolated } from './dom.js';
import type { Ui } from './ui.js';

/** Returns the message that another one answers, as a button to it. */
export function quoteOf(quote: Quote, { texts }: Ui, goTo: () => void): HTMLButtonElement {
  const { user, text, state } = quote;
  const gone = state === 'deleted' || text === '';
  return button(
    { class: 'quote', part: 'quote', title: texts.quoteOf(isolated(user.name)), onclick: goTo },
    h('span', { class: 'quote-author', dir: 'auto' }, user.name),
    ' ',
    h('span', { class: 'quote-text', dir: 'auto' }, gone ? texts.quoteDeleted : text),
  );
}
