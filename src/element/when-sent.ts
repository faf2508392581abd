import type { Conversation } from './faces.js';

/** The changes that were asked of a conversation, and have not ended: sends, edits, reactions. */
const works = new WeakMap<Conversation, Set<Promise<unknown>>>();

/** Notes a change, for {@link whenSent}: one in a thread is one in its room as well. */
export function sending<Work extends Promise<unknown> | undefined>(
  work: Work,
  ...conversations: Conversation[]
): Work {
  if (work === undefined) return work;
  for (const conversation of conversations) {
    const all = works.get(conversation) ?? new Set();
    works.set(conversation, all.add(work));
    const end = () => all.delete(work);
    work.then(end, end);
  }
  return work;
}

/** Resolves once nothing of a conversation is on its way: left before, it would not send what was written last. */
export async function whenSent(conversation: Conversation): Promise<void> {
  const all = works.get(conversation);
  // More may be written meanwhile, by whoever comes back to it.
  while (all?.size) await Promise.allSettled(all);
}
