import type { FileRef, Message } from '../messages/message.js';
import type { Conversation, Room } from './faces.js';

/** A text, and the ids of those whom it mentions. */
export interface Written {
  readonly text: string;
  readonly mentions: readonly string[];
}

/** A message that was sent, until the room has it. */
export interface Draft extends Written {
  readonly files: readonly FileRef[];
  readonly replyTo: Message | undefined;
  /** Called when it need not be kept for a later page any more: the room has it, or the composer. */
  readonly handedOver?: () => void;
}

/** Texts that were sent from a conversation, while they wait for the room or for their files. */
type Held = Set<{ readonly text: string }>;

/** A composer that shows a draft. */
interface Showing {
  giveBack(draft: Draft, edited: Message | undefined): void;
}

/** The draft of a conversation, for as long as the page has it: it may be shown anew. */
interface PageDraft {
  /** Those that show it now, the newest last: a page may show it anew, or twice. */
  readonly composers: Set<Showing>;
  /** The one from the storage is here once it is changed. */
  written: Written | undefined;
  readonly held: Held;
  /** The last reading of the stored draft: a view that was closed may have begun it. */
  reading: Promise<unknown>;
  /** The stored draft was read once: what is stored is from here, or was seen. */
  wasRead: boolean;
  /** The stored draft was given to a view, or joined to what was written here. */
  isTaken: boolean;
  /** Reads the stored draft once more, where that failed. */
  again?: (() => void) | undefined;
}

const pageDrafts = new WeakMap<Conversation, PageDraft>();

/** Drafts of one user by room and thread: a room that is made anew under its name has those of the one before. */
export type Drafts = Map<string, PageDraft>;

const handedOn = new WeakMap<Room, Drafts>();

/** Has a room take over the drafts of those of its name, and hand on its own. One with a storage finds them there. */
export function handOn(drafts: Drafts, room: Room): void {
  handedOn.set(room, drafts);
}

/** A room or a thread, of whichever objects: the storage of one user has one draft of it. */
interface Place {
  readonly held: Set<Held>;
  /** How often its draft was stored from here. */
  writes: number;
}

const places = new Map<string, Place>();

/** The draft of one conversation, for a later page. */
export interface DraftKeeper {
  readonly page: PageDraft;
  /** Reads the stored one. */
  load(): Promise<string>;
  save(written: Written): void;
  /** Has a later page find a text that was sent in its draft, until the returned function is called: the room has it. */
  hold(text: string): () => void;
}

export function draftsOf(conversation: Conversation, room: Room, threadId?: string): DraftKeeper {
  const key = JSON.stringify([room.room, threadId]);
  const place = placeOf(key);
  const drafts = handedOn.get(room);
  const draft: PageDraft = pageDrafts.get(conversation) ??
    drafts?.get(key) ?? {
      composers: new Set(),
      written: undefined,
      held: new Set(),
      reading: Promise.resolve(),
      wasRead: false,
      isTaken: false,
    };
  pageDrafts.set(conversation, draft);
  drafts?.set(key, draft);
  const { held } = draft;
  // The stored one is read before it is replaced, and one that cannot be read is not.
  const later = (work: () => Promise<unknown> | undefined) => void draft.reading.then(work).catch(() => {});
  const read = async () => (await room.loadDraft?.(threadId)) ?? '';
  const store = () => {
    place.writes += 1;
    later(() => room.saveDraft?.(above(textOf(held), draft.written?.text), threadId));
  };
  /** Another object may have stored a draft since, which stays. */
  const forget = (sent: string) => {
    const { writes } = place;
    later(async () => {
      const stored = await read();
      const rest = without(stored, sent);
      if (rest !== stored && writes === place.writes)
        await room.saveDraft?.(above(textOf(held), rest), threadId);
    });
  };
  return {
    page: draft,
    async load() {
      const load = read();
      draft.reading = load.then(
        () => {
          draft.wasRead = true;
        },
        (problem) => {
          if (!draft.wasRead) throw problem;
        },
      );
      draft.reading.catch(() => {});
      // A text that waits in this page is no draft in it.
      return [...place.held].map(textOf).reduce(without, await load);
    },
    save(written) {
      draft.written = written;
      draft.again?.();
      store();
    },
    hold(text) {
      const one = { text };
      if (text !== '') held.add(one);
      place.held.add(held);
      return () => {
        const sent = textOf(held);
        if (held.delete(one)) forget(sent);
        if (held.size === 0) place.held.delete(held);
      };
    },
  };
}

function placeOf(key: string): Place {
  const place = places.get(key) ?? { held: new Set(), writes: 0 };
  places.set(key, place);
  return place;
}

function textOf(held: Held): string {
  return [...held].map(({ text }) => text).join('\n');
}

/** Returns a stored text without what was sent, if it begins with that. */
function without(stored: string, sent: string): string {
  return sent !== '' && `${stored}\n`.startsWith(`${sent}\n`) ? stored.slice(sent.length + 1) : stored;
}

/** Returns a text that could not be sent above the one that was begun since. */
export function above(text: string, later = ''): string {
  return [text, later].filter((one) => one !== '').join('\n');
}
