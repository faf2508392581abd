import type { Message } from '../messages/message.js';
import { remember } from '../shared/remember.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import { findStored } from './stored-messages.js';

/** So many that are not in memory are kept. */
const KEPT = 500;
/** Those that are wanted at one moment are looked for together (ms). */
const GATHER_MS = 50;
/** After storage was looked through in vain it is left alone for so long (ms): anybody may point to what is not stored. */
const REST_MS = 5000;

/** Messages that others point to, such as quoted and pinned ones. Those that are not in memory are looked for in storage. */
export class FoundMessages {
  readonly #host: FeatureHost;
  readonly #onFound: (ids: readonly string[]) => void;
  /** As they were sent; undefined where storage has none. */
  readonly #found = new Map<string, Message | undefined>();
  readonly #findLater: (ids: readonly string[], ms: number) => void;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(host: FeatureHost, onFound: (ids: readonly string[]) => void) {
    this.#host = host;
    this.#onFound = onFound;
    const { kept } = host.timeline;
    host.timeline.kept = (id) => kept(id) ?? this.#found.get(id);
    this.#findLater = gather(host, (ids, signal) => this.find(ids, signal));
  }

  /** The message as it is shown, as far as it is known. */
  get(id: string): Message | undefined {
    const { timeline } = this.#host;
    const inMemory = timeline.get(id);
    const found = this.#found.get(id);
    if (inMemory === undefined) return found && timeline.show(found);
    // It may leave memory before those that point to it do.
    if (found === undefined) this.set(id, timeline.original(id));
    return inMemory;
  }

  /** Whether it was looked for, be it found or not. */
  has(id: string): boolean {
    return this.#found.has(id);
  }

  set(id: string, message: Message | undefined): void {
    remember(this.#found, id, message, KEPT);
  }

  /** Looks for those that are not known yet, in the background. */
  want(ids: readonly string[]): void {
    this.#findLater(ids, Math.max(GATHER_MS, this.#restsUntil - this.#host.clock.monotonic()));
  }

  /** Looks for those that are not known yet. Rejects as a call does. */
  async find(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, timeline } = this.#host;
    const missing = ids.filter((id) => this.get(id) === undefined && !this.#found.has(id));
    const found = await findStored(this.#host, missing, signal);
    if (found.size < missing.length) this.#restsUntil = clock.monotonic() + REST_MS;
    if (found.size > 0) await timeline.read([...found.keys()], signal);
    for (const id of missing) this.set(id, found.get(id));
    this.#onFound(ids);
  }

  /** Reads what changed of those that are not in memory. Rejects as a call does. */
  async read(signal: AbortSignal): Promise<void> {
    const { timeline } = this.#host;
    const ids = [...this.#found.keys()].filter((id) => {
      const found = timeline.original(id) === undefined ? this.#found.get(id) : undefined;
      return found !== undefined && timeline.show(found).deletedAt === undefined;
    });
    if (ids.length > 0) await timeline.read(ids, signal);
  }
}
