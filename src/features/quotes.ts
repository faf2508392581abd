import type { Message, Quote } from '../messages/message.js';
import { remember } from '../shared/remember.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import { showWith } from './show-with.js';
import { findStored } from './stored-messages.js';

/** Characters of a preview, at most. */
const MAX_TEXT = 140;
/** So many originals that are not in memory are kept. */
const KEPT = 500;
/** Originals that several messages quote are looked for together (ms). */
const GATHER_MS = 50;
/** After storage was looked through in vain it is left alone for so long (ms): anybody may quote what is not stored. */
const REST_MS = 5000;
const GONE = { user: { name: '' }, text: '', state: 'deleted' } as const;

/**
 * Fills in what a message quotes. The payload names only the id of the original: a copy of its text would outlive its
 * deletion. An original that is not in memory is looked for in storage, in the background.
 */
export class Quotes {
  readonly #host: FeatureHost;
  readonly #elsewhere: ((id: string) => Message | undefined) | undefined;
  /** Originals that are not in memory as they were sent; undefined where storage has none. */
  readonly #found = new Map<string, Message | undefined>();
  /** The replies of an original, and how they quote it. */
  readonly #replies = new Map<string, { ids: Set<string>; quoted: string }>();
  readonly #changed = new Set<string>();
  readonly #findLater: (ids: readonly string[], ms: number) => void;
  #restsUntil = Number.NEGATIVE_INFINITY;

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
    this.#findLater = gather(host, (ids, signal) => this.#find(ids, signal));
    timeline.onRefresh((id) => {
      if (timeline.original(id) === undefined) this.follow(id);
    });
    host.onHidden(() => {
      for (const id of this.#replies.keys()) this.follow(id);
    });
    host.onResync(async (signal) => {
      // Those that were quoted before the join, or could not be looked for.
      this.#want([]);
      const ids = [...this.#found.keys()].filter((id) => this.#isStored(id));
      if (ids.length > 0) await timeline.read(ids, signal);
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
    if (this.#found.has(id)) return { id, ...GONE };
    this.#want([id]);
    return unknown;
  }

  #quoteOf({ id, user, text, editedAt, deletedAt, verifiedUserId }: Message): Quote {
    if (deletedAt !== undefined) return { id, user, text: '', state: 'deleted' };
    const said = this.#host.hides(user, verifiedUserId) ? '' : preview(text);
    return { id, user, text: said, state: editedAt === undefined ? 'sent' : 'edited' };
  }

  #original(id: string): Message | undefined {
    const inMemory = this.#host.timeline.get(id);
    if (inMemory !== undefined) {
      // It may leave memory before its reply does.
      if (this.#found.get(id) === undefined) this.#keep(id, this.#host.timeline.original(id));
      return inMemory;
    }
    const found = this.#found.get(id);
    return found ? this.#host.timeline.show(found) : this.#elsewhere?.(id);
  }

  /** Whether an original is kept that is neither in memory nor deleted. */
  #isStored(id: string): boolean {
    const { timeline } = this.#host;
    const found = timeline.original(id) === undefined ? this.#found.get(id) : undefined;
    return found !== undefined && timeline.show(found).deletedAt === undefined;
  }

  #note(original: string, reply: string, quoted: string): void {
    const known = this.#replies.get(original) ?? { ids: new Set(), quoted };
    known.quoted = quoted;
    this.#replies.set(original, known);
    if (known.ids.has(reply)) return;
    known.ids.add(reply);
    if (this.#replies.size <= 2 * KEPT && known.ids.size <= 2 * KEPT) return;
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
    if (this.#changed.size === 1) queueMicrotask(() => this.#refresh());
  }

  #refresh(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed)
      for (const reply of [...(this.#replies.get(id)?.ids ?? [])]) this.#host.timeline.refresh(reply);
  }

  #want(ids: readonly string[]): void {
    this.#findLater(ids, Math.max(GATHER_MS, this.#restsUntil - this.#host.clock.monotonic()));
  }

  async #find(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, timeline } = this.#host;
    const missing = ids.filter((id) => timeline.original(id) === undefined && !this.#found.has(id));
    const found = await findStored(this.#host, missing, signal);
    if (found.size < missing.length) this.#restsUntil = clock.monotonic() + REST_MS;
    if (found.size > 0) await timeline.read([...found.keys()], signal);
    for (const id of missing) this.#keep(id, found.get(id));
    for (const id of ids) this.#changed.add(id);
    this.#refresh();
  }

  #keep(id: string, message: Message | undefined): void {
    remember(this.#found, id, message, KEPT);
  }
}

/** The beginning of a text; no character is cut in two. */
function preview(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const cut = text.slice(0, MAX_TEXT);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
