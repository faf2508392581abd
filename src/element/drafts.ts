import type { FileRef, Message } from '../messages/message.js';
import type { Conversation, Room } from './faces.js';

/** A text, and the ids of those whom it mentions. */
export interface Written {
  readonly text: string;
  readonly mentions: readonly string[];
}

/** What was sent, until the room has it. */
export interface Draft extends Written {
  readonly files: readonly FileRef[];
  readonly replyTo: Message | undefined;
  /** Called when it need not be kept for a later page any more: the room has it, or the composer. */
  readonly handedOver?: () => void;
}

/**
 * What is being written in a conversation, for as long as the page has it: it may be shown anew. What the storage has is here once
 * it is changed.
 */
export const drafts = new WeakMap<Conversation, Written>();
/** Texts that were sent, while they wait for the room or for their files. */
const waiting = new WeakMap<Conversation, Set<{ text: string }>>();

/** The draft of one conversation, for a later page. */
export interface DraftKeeper {
  load(): Promise<string>;
  save(written: Written): void;
  /** Has a later page find a text that was sent in its draft, until the returned function is called: the room has it. */
  hold(text: string): () => void;
}

export function draftsOf(conversation: Conversation, room: Room, threadId?: string): DraftKeeper {
  const held = waiting.get(conversation) ?? new Set();
  waiting.set(conversation, held);
  let loading: Promise<unknown> = Promise.resolve();
  const sent = () => [...held].map(({ text }) => text).join('\n');
  const store = () => {
    const keep = () => room.saveDraft?.(above(sent(), drafts.get(conversation)?.text), threadId);
    // The stored one is read before it is replaced.
    loading.then(keep, keep).catch(() => {});
  };
  return {
    async load() {
      const load = room.loadDraft?.(threadId);
      loading = load ?? loading;
      const before = sent();
      const text = (await load) ?? '';
      // What waits in this page is no draft in it.
      const isHeld = before !== '' && `${text}\n`.startsWith(`${before}\n`);
      return isHeld ? text.slice(before.length + 1) : text;
    },
    save(written) {
      drafts.set(conversation, written);
      store();
    },
    hold(text) {
      const one = { text };
      held.add(one);
      return () => {
        if (held.delete(one)) store();
      };
    },
  };
}

/** Returns a text that could not be sent above the one that was begun since. */
export function above(text: string, later = ''): string {
  return [text, later].filter((one) => one !== '').join('\n');
}
