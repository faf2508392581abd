import { COMPOSER } from './composer.js';
import { FRAME } from './frame.js';
import { MESSAGES } from './messages.js';
import { PANES } from './panes.js';
import { ROWS } from './rows.js';
import { THEME } from './theme.js';

let sheet: CSSStyleSheet | undefined;

/** One for all elements of the page. Made by a script, it needs no hole in a Content-Security-Policy. */
export function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([THEME, FRAME, MESSAGES, ROWS, COMPOSER, PANES].join(''));
  }
  return sheet;
}
