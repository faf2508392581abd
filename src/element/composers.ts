import type { Composer } from './composer.js';
import type { Conversation } from './faces.js';

const composers = new WeakMap<Conversation, Set<Composer>>();

/** The composers that a conversation has now, the newest last: a page may show it anew, or twice. */
export function composersOf(conversation: Conversation): Set<Composer> {
  const all = composers.get(conversation) ?? new Set();
  composers.set(conversation, all);
  return all;
}

/** The text that is being written in a conversation, for as long as the page has it: it may be shown anew. */
export const drafts = new WeakMap<Conversation, string>();

/** Returns a text that could not be sent above the one that was begun since. */
export function above(text: string, later = ''): string {
  return later === '' ? text : `${text}\n${later}`;
}
