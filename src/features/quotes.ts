import type { Message, Quote } from '../messages/message.js';
import { cut } from '../shared/cut.js';
import { oncePerTurn } from '../shared/once-per-turn.js';
import type { FeatureHost } from './feature.js';
import { FoundMessages } from './found-messages.js';
import { showWith } from './show-with.js';

/** Characters of a preview, at most. */
const MAX_TEXT = 140;
/** The replies of so many originals are remembered, and so many replies of each, before those that left memory are forgotten. */
const MAX_REPLIES = 1000;
const GONE = { user: { name: '' }, text: '', state: 'deleted' } as const;

/**
 * Fills in what a message quotes. The payload names only the id of the original: a copy of its text would outlive its
 * deletion. An original that is not in memory is looked for in storage, in the background.
 */
export class Quotes {
  readonly #host: FeatureHost;
  readonly #elsewhere: ((id: string) => Message | undefined) | undefined;
  readonly #originals: FoundMessages;
  /** The replies of an original, and how they quote it. */
  readonly #replies = new Map<string, { ids: Set<string>; quoted: string }>();
  readonly #changed = new Set<string>();
  readonly #refreshChanged = oncePerTurn(() => {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#refresh(changed);
  });

  /** `elsewhere` gives messages as they are shown that are not among those of the host, such as a thread's root. */
  constructor(host: FeatureHost, elsewhere?: (id: string) => Message | undefined) {
    this.#host = host;
    this.#elsewhere = elsewhere;
    const { timeline } = host;
    showWith(
      timeline,
      (message) => this.#look(message),
      (message, quote) => ({ ...message, replyTo: JSON.parse(quote) as Quote }),
    );
    this.#originals = new FoundMessages(host, (ids) => this.#refresh(ids));
    timeline.onRefresh((id) => {
      if (timeline.original(id) === undefined) this.follow(id);
    });
    host.onHidden(() => {
      for (const id of this.#replies.keys()) this.follow(id);
    });
    host.onResync((signal) => {
      // Those that were quoted before the join, or could not be looked for.
      this.#originals.want([]);
      return this.#originals.read(signal);
    });
  }

  /** Returns what the message quotes, as it is now: as a text, so that two of them can be compared. */
  #look(message: Message): string | undefined {
    // One that is not in memory, such as a pinned one, is not what its replies quote until it is found here as well.
    if (this.#host.timeline.original(message.id) !== undefined) this.follow(message.id, message);
    const { replyTo } = message;
    if (replyTo === undefined) return undefined;
    const quote = JSON.stringify(this.#quote(replyTo));
    this.#note(replyTo.id, message.id, quote);
    return quote;
  }

  #quote(unknown: Quote): Quote {
    const { id } = unknown;
    const original = this.#original(id);
    if (original !== undefined) return this.#quoteOf(original);
    if (this.#originals.has(id)) return { id, ...GONE };
    this.#originals.want([id]);
    return unknown;
  }

  #quoteOf({ id, user, text, editedAt, deletedAt, verifiedUserId }: Message): Quote {
    if (deletedAt !== undefined) return { id, user, text: '', state: 'deleted' };
    const said = this.#host.hides(user, verifiedUserId) ? '' : cut(text, MAX_TEXT);
    return { id, user, text: said, state: editedAt === undefined ? 'sent' : 'edited' };
  }

  #original(id: string): Message | undefined {
    return this.#originals.get(id) ?? this.#elsewhere?.(id);
  }

  #note(original: string, reply: string, quoted: string): void {
    const known = this.#replies.get(original) ?? { ids: new Set(), quoted };
    known.quoted = quoted;
    this.#replies.set(original, known);
    if (known.ids.has(reply)) return;
    known.ids.add(reply);
    if (this.#replies.size <= MAX_REPLIES && known.ids.size <= MAX_REPLIES) return;
    for (const [id, { ids }] of this.#replies) {
      for (const one of ids)
        if (one !== reply && this.#host.timeline.original(one) === undefined) ids.delete(one);
      if (ids.size === 0) this.#replies.delete(id);
    }
  }

  /** An original may have changed: its replies show that once it is at its place. */
  follow(id: string, original = this.#original(id)): void {
    const replies = this.#replies.get(id);
    if (replies === undefined || original === undefined) return;
    const quoted = JSON.stringify(this.#quoteOf(original));
    // Otherwise two messages that quote each other would follow each other for ever.
    if (quoted === replies.quoted) return;
    replies.quoted = quoted;
    this.#changed.add(id);
    this.#refreshChanged();
  }

  #refresh(originals: readonly string[]): void {
    for (const id of originals)
      for (const reply of [...(this.#replies.get(id)?.ids ?? [])]) this.#host.timeline.refresh(reply);
  }
}
