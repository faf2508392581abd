import type { Message } from '../messages/message.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import { findStored } from './stored-messages.js';

/** For pins that are heard storage is looked through so often at most (ms): anybody may pin what is not stored, again and again. */
const LOOK_EVERY_MS = 5000;

/** The messages that pins are of. Those that are not in memory are looked for in storage. */
export class PinnedMessages {
  readonly #host: FeatureHost;
  readonly #options: {
    /** Ids of the messages to show. */
    wanted(): readonly string[];
    /** Whether there is, or was, a pin of it. */
    isKnown(id: string): boolean;
    onFound(): void;
  };
  /** As they were sent; undefined where storage has none. */
  readonly #found = new Map<string, Message | undefined>();
  readonly #loadLater: (ids: readonly [], ms: number) => void;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    host: FeatureHost,
    options: { wanted(): readonly string[]; isKnown(id: string): boolean; onFound(): void },
  ) {
    this.#host = host;
    this.#options = options;
    this.#loadLater = gather(host, (_, signal) => this.#load(signal));
  }

  /** The message as it is to be shown, as far as it is known. */
  get(id: string): Message | undefined {
    const { timeline } = this.#host;
    const found = this.#found.get(id);
    return timeline.get(id) ?? (found && timeline.show(found));
  }

  /** It was found elsewhere. */
  set(id: string, message: Message): void {
    this.#found.set(id, message);
  }

  /** Reads what changed of messages that left memory, and looks for those that are missing. */
  async read(signal: AbortSignal): Promise<void> {
    const { timeline } = this.#host;
    const left = [...this.#found.keys()].filter((id) => timeline.original(id) === undefined);
    if (left.length > 0) await timeline.read(left, signal);
    await this.#load(signal);
  }

  /** A message was pinned: those that come while it waits, or while storage is looked through, are looked for together. */
  lookSoon(): void {
    const rest = this.#lookedAt + LOOK_EVERY_MS - this.#host.clock.monotonic();
    if (this.#missing().length > 0) this.#loadLater([], Math.max(0, rest));
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { timeline, clock } = this.#host;
    const missing = this.#missing();
    if (missing.length === 0) return;
    this.#lookedAt = clock.monotonic();
    const found = await findStored(this.#host, missing, signal);
    if (found.size > 0) await timeline.read([...found.keys()], signal);
    for (const id of missing) this.#found.set(id, found.get(id));
    this.#options.onFound();
  }

  /** Ids of those that are neither in memory nor were looked for. */
  #missing(): string[] {
    const { timeline } = this.#host;
    const missing: string[] = [];
    for (const id of this.#options.wanted()) {
      const original = timeline.original(id);
      if (original !== undefined) this.#found.set(id, original);
      else if (!this.#found.has(id)) missing.push(id);
    }
    for (const id of this.#found.keys()) if (!this.#options.isKnown(id)) this.#found.delete(id);
    return missing;
  }
}
