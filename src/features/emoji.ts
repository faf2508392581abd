import { exceeds } from '../messages/payload-size.js';
import { isBlank } from '../shared/blank.js';

const MAX_BYTES = 64;
/** Space, controls, halves of a character, and marks that turn the direction of the text around. */
const REFUSED = /[\s\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;
/** Text presentation, emoji presentation: they say how an emoji looks, and not which one it is. */
const VARIATION = /[\ufe0e\ufe0f]/g;
/** Looks like text unless a variation selector follows; none may stand before a skin tone. */
const LOOKS_LIKE_TEXT =
  /(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?![\u{1f3fb}-\u{1f3ff}])|^[\d#*](?=\u20e3$)/gu;

/** Returns the emoji as it is stored and compared: without variation selectors, so that "❤" and "❤️" are the same. */
export function bareEmoji(emoji: string): string {
  return emoji.normalize('NFC').replace(VARIATION, '');
}

/** Whether `emoji` may be stored. Laxer than what may be added here: clients of other ages must agree on it. */
export function isStorable(emoji: string): boolean {
  return !exceeds(emoji, MAX_BYTES) && !REFUSED.test(emoji) && !isBlank(emoji);
}

/** Returns the emoji as it is shown: "❤️" for "❤". */
export function shownEmoji(bare: string): string {
  return bare.replace(LOOKS_LIKE_TEXT, '$&\ufe0f');
}
