import { invalidArgument } from '../shared/errors.js';
import { bareEmoji, isStorable } from './emoji.js';

/** Longest short text in the place of an emoji, such as `:+1:` (characters). */
const MAX_TEXT = 32;
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
const PART =
  '(?:\\p{Regional_Indicator}{2}|[\\p{Emoji}\\p{Extended_Pictographic}](?:[\\u{1f3fb}-\\u{1f3ff}]|\\u20e3|[\\u{e0020}-\\u{e007e}]+\\u{e007f})?)';

/**
 * Returns the emoji that somebody gives, as it is stored. Throws a ChatError `invalid-argument` for what is neither one emoji nor a
 * short text; `action` completes "unable to …".
 */
export function toEmoji(action: string, given: string): string {
  const emoji = typeof given === 'string' ? bareEmoji(given) : '';
  const isOne = PICTURE.test(emoji)
    ? new RegExp(`^${PART}(?:\\u200d${PART})*$`, 'u').test(emoji)
    : emoji.length <= MAX_TEXT;
  if (isStorable(emoji) && isOne) return emoji;
  throw invalidArgument(action, 'it must be one emoji, or text of up to 32 characters without space');
}
