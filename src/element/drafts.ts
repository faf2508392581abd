import type { Conversation, Room } from './faces.js';

/**
 * The text that is being written in a conversation, for as long as the page has it: it may be shown anew. One from the
 * storage is here once it is changed.
 */
export const drafts = new WeakMap<Conversation, string>();

/** The draft of one conversation, for a later page. */
export interface DraftKeeper {
  load(): Promise<string>;
  save(text: string): void;
}

export function draftsOf(conversation: Conversation, room: Room, threadId?: string): DraftKeeper {
  let loading: Promise<unknown> = Promise.resolve();
  return {
    async load() {
      const load = room.loadDraft?.(threadId);
      loading = load ?? loading;
      return (await load) ?? '';
    },
    save(text) {
      drafts.set(conversation, text);
      const keep = () => room.saveDraft?.(text, threadId);
      // The stored one is read before it is replaced.
      loading.then(keep, keep).catch(() => {});
    },
  };
}

/** Returns a text that could not be sent above the one that was begun since. */
export function above(text: string, later = ''): string {
  return later === '' ? text : `${text}\n${later}`;
}
