import { COMPOSER } from './composer.js';
import { FRAME } from './frame.js';
import { MESSAGES } from './messages.js';
import { PANES } from './panes.js';
import { ROWS } from './rows.js';
import { THEME } from './theme.js';

/** The font size of the element: all its measures follow it, whatever that of the page's root is. */
const REM = '--momento-chat-rem';

let sheet: CSSStyleSheet | undefined;

/** One for all elements of the page. Made by a script, it needs no hole in a Content-Security-Policy. */
export function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    const styles = [THEME, FRAME, MESSAGES, ROWS, COMPOSER, PANES].join('');
    // Firefox before 128 resolves it in each place: there it must not be relative.
    const fixed = (globalThis.CSS?.registerProperty as unknown)
      ? ''
      : `:host{${REM}:var(--momento-chat-font-size,16px)}`;
    sheet.replaceSync(styles.replace(/([\d.]+)rem/g, `calc($1 * var(${REM}))`) + fixed);
    try {
      // As a length it is resolved where it is set, and inherited in pixels.
      CSS.registerProperty({ name: REM, syntax: '<length>', inherits: true, initialValue: '16px' });
    } catch {
      // Another copy of the library did it, or the browser cannot.
    }
  }
  return sheet;
}
