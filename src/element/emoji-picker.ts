import { button, h } from './dom.js';
import { roam } from './menu.js';

/** Offered in the menu of a message. */
export const QUICK: readonly string[] = ['👍', '❤️', '😂', '🎉', '👀', '🙏'];

const EMOJIS: readonly string[] = [
  ...QUICK,
  ...['😀', '😊', '😍', '🤔', '😅', '😢', '😮', '😡', '😴', '🥳', '😎', '🙄'],
  ...['👏', '🙌', '💪', '👋', '🤝', '👎', '✌️', '🤞', '💯', '🔥', '⭐', '✨'],
  ...['✅', '❌', '❓', '❗', '💡', '🚀', '🐛', '☕', '🍕', '🎂', '🌈', '☀️'],
];

/** As many as the styles put into a row. */
const COLUMNS = 7;

/** A small choice of emojis. */
export function emojiPicker(label: string, onPick: (emoji: string) => void): HTMLElement {
  const buttons = EMOJIS.map((emoji, index) =>
    button({ class: 'emoji', tabindex: index === 0 ? 0 : -1, onclick: () => onPick(emoji) }, emoji),
  );
  const box = h(
    'div',
    { class: 'popup picker', part: 'picker', role: 'dialog', 'aria-label': label },
    ...buttons,
  );
  roam(box, buttons, COLUMNS);
  return box;
}
