import type { Message } from '../messages/message.js';
import { assertMessageId } from '../messages/message-id.js';
import { byId } from '../messages/timeline.js';
import { isBlank } from '../shared/blank.js';
import { raceAbort } from '../shared/clock.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { FeatureHost, StoredStretch } from './feature.js';
import { givenSignal } from './given-signal.js';

/** Messages that a search finds, newest first. */
export interface SearchResults extends AsyncIterable<Message> {
  /** Whether all that is stored was looked through. */
  readonly reachedEnd: boolean;
  /** When the oldest message was sent that was looked at. */
  readonly reached: Date | undefined;
}

/** How far a search has come. */
export interface SearchProgress {
  reachedEnd: boolean;
  reached: Date | undefined;
}

/** Entries of the list asked for in one call; the next call overlaps, as others add and remove meanwhile. */
const PAGE = 200;
const OVERLAP = 8;
/** So often a place that was lost is looked for further up. */
const MAX_STEPS_BACK = 3;
const BACKOFF = { baseMs: 250, maxMs: 4000 };
const PATIENCE_MS = 15_000;
const MARKS = /\p{M}/gu;

/** Makes texts comparable that differ in case, accents or width. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(MARKS, '').toUpperCase();
}

/** Looks things up among what is stored; nothing of it is added to the messages in memory. */
export class MessageSearch {
  readonly #host: FeatureHost;

  constructor(host: FeatureHost) {
    this.#host = host;
  }

  /** Up to `count` messages around one, oldest first; none when it is no longer stored. */
  async around(id: string, count = 50): Promise<readonly Message[]> {
    const action = 'load messages around it';
    assertMessageId(id, action);
    if (!Number.isSafeInteger(count) || count < 1)
      throw invalidArgument(action, 'the count must be a positive integer');
    const before = Math.floor((count - 1) / 2);
    const newestFirst: Message[] = [];
    let index = -1;
    for await (const page of this.#pages(action)) {
      newestFirst.push(...page);
      if (index === -1) index = newestFirst.findIndex((message) => message.id === id);
      if (index !== -1 && newestFirst.length > index + before) break;
    }
    if (index === -1) return [];
    const end = Math.min(newestFirst.length, index + before + 1);
    return newestFirst
      .slice(Math.max(0, end - count), Math.max(end, Math.min(count, newestFirst.length)))
      .flatMap((message) => this.#shown(message) ?? [])
      .sort(byId);
  }

  /** Messages whose text holds `query`, newest first. */
  async *find(
    query: string,
    options: { signal?: AbortSignal | undefined } = {},
    progress: SearchProgress,
  ): AsyncGenerator<Message, void, undefined> {
    const action = 'search the room';
    const signal = givenSignal(options, action);
    if (typeof query !== 'string' || isBlank(query))
      throw invalidArgument(action, 'the query must be a string that is not blank');
    const wanted = fold(query.trim());
    for await (const page of this.#pages(action, signal)) {
      for (const message of page) {
        if (signal?.aborted) throw cancelled('search the room');
        progress.reached = message.sentAt;
        const shown = this.#shown(message);
        if (shown && shown.deletedAt === undefined && fold(shown.text).includes(wanted)) yield shown;
      }
    }
    progress.reachedEnd = true;
  }

  /** A message as it is by now: it may have been changed since it was read, or its user hidden. */
  #shown(message: Message): Message | undefined {
    const { timeline, hides } = this.#host;
    return hides(message.user, message.verifiedUserId) ? undefined : timeline.show(message);
  }

  /** Yields the stored messages, newest first, each once. */
  async *#pages(action: string, signal?: AbortSignal): AsyncGenerator<Message[], void, undefined> {
    const seen = new Set<string>();
    for (let start = 0, steps = 0; ; ) {
      const page = await this.#page(start, action, signal);
      const lost = start > 0 && page.messages.length > 0 && !page.messages.some(({ id }) => seen.has(id));
      if (lost && steps < MAX_STEPS_BACK) {
        steps += 1;
        start = Math.max(0, start - PAGE);
        continue;
      }
      const fresh = page.messages.filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      yield fresh;
      if (page.end) return;
      start = Math.max(start + 1, page.stop - OVERLAP);
    }
  }

  async #page(start: number, action: string, signal = new AbortController().signal): Promise<StoredStretch> {
    if (signal.aborted) throw cancelled(action);
    const reading = retry(() => this.#host.timeline.stored(start, PAGE), {
      scheduler: this.#host.clock,
      signal,
      backoff: BACKOFF,
      patienceMs: PATIENCE_MS,
    });
    // A call that waits for its answer takes no notice of the signal.
    const page = await raceAbort(reading, signal);
    if (page === undefined || signal.aborted) throw cancelled(action);
    return page;
  }
}

function cancelled(action: string): ChatError {
  return unable('closed', action, 'it was cancelled');
}
