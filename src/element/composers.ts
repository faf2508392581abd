import type { Composer } from './composer.js';
import type { Conversation } from './faces.js';

const composers = new WeakMap<Conversation, Set<Composer>>();

/** The composers that a conversation has now, the newest last: a page may show it anew, or twice. */
export function composersOf(conversation: Conversation): Set<Composer> {
  const all = composers.get(conversation) ?? new Set();
  composers.set(conversation, all);
  return all;
}
