import type { Conversation } from './faces.js';

/**
 * The text that is being written in a conversation, for as long as the page has it: it may be shown anew. One from the
 * storage is here once it is changed.
 */
export const drafts = new WeakMap<Conversation, string>();

/** Returns a text that could not be sent above the one that was begun since. */
export function above(text: string, later = ''): string {
  return later === '' ? text : `${text}\n${later}`;
}
