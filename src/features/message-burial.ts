import type { Message } from '../messages/message.js';
import { sleep } from '../shared/clock.js';
import type { FeatureHost } from './feature.js';
import { LateWrites } from './late-writes.js';
import type { Revision } from './revision.js';
import type { RevisionKeeper } from './revision-keeper.js';
import { tellRevision } from './tell-revision.js';

/** The known revisions; see `Revisions`. */
interface KnownRevisions {
  of(message: Message): Revision | undefined;
  apply(id: string, revision: Revision): void;
  stored(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Revision>>;
  readonly keeper: RevisionKeeper;
}

/** How often it is looked whether a message that was deleted while it was being sent has been sent (ms). */
const LOOK_MS = 1000;
/** A push that was given up may yet take effect: after so long, so many windows from the head are looked through again. */
const LATE_MS = 10_000;
const LATE_WINDOWS = 1;

/** Deletes messages that may be stored or published: a tombstone first, then the entries in the list. */
export class MessageBurial {
  readonly #host: FeatureHost;
  readonly #known: KnownRevisions;
  readonly #late: LateWrites;
  #signal: AbortSignal | undefined;

  constructor(host: FeatureHost, known: KnownRevisions) {
    this.#host = host;
    this.#known = known;
    this.#late = new LateWrites(host);
    host.onJoined((signal) => {
      this.#signal = signal;
    });
  }

  /** Deletes it, without asking whether it may be. `message`: as far as it is known. */
  async bury(id: string, message?: Message): Promise<void> {
    const known = message && this.#known.of(message);
    const deleted = known !== undefined && known.content === undefined;
    const tombstone = deleted ? known : { id: this.#host.nextId(), by: this.#host.author() };
    const { keeper } = this.#known;
    let isRejected = true;
    const store = () => keeper.store(id, tombstone);
    await this.#late.write(tombstone.id, store, () => {
      if (isRejected) this.#found(id, tombstone, message).catch(() => {});
    });
    isRejected = false;
    await this.#buried(id, tombstone, message, deleted);
  }

  /** A deletion that was rejected may be stored all the same: then it is completed. */
  async #found(id: string, tombstone: Revision, message: Message | undefined): Promise<void> {
    const stored = await this.#known.stored([id], this.#signal ?? AbortSignal.abort());
    if (stored.get(id)?.id === tombstone.id) await this.#buried(id, tombstone, message, false);
  }

  /** The tombstone is stored: the message goes. */
  async #buried(
    id: string,
    tombstone: Revision,
    message: Message | undefined,
    deleted: boolean,
  ): Promise<void> {
    const { keeper } = this.#known;
    this.#known.apply(id, tombstone);
    const removed = keeper.remove(new Set([id]), message === undefined ? LATE_WINDOWS : undefined);
    await Promise.all([removed, deleted ? undefined : tellRevision(this.#host, id, tombstone)]);
    // A call that was given up may take effect after all this.
    keeper.mend({ stale: [id], listed: [] });
    void this.#removeLate(id);
  }

  /** The message was deleted while it was being sent: what becomes of it is removed. */
  async follow(id: string): Promise<void> {
    const signal = this.#signal;
    while (signal !== undefined && !signal.aborted) {
      await sleep(this.#host.clock, LOOK_MS, signal);
      const status = this.#host.timeline.original(id)?.status;
      if (status === 'sending' || signal.aborted) continue;
      if (status === 'failed') this.#host.timeline.discard(id);
      await this.#known.keeper.remove(new Set([id]), LATE_WINDOWS).catch(() => {});
      return;
    }
  }

  /** Looks once more, in a while: a call that was given up may take effect late. */
  async #removeLate(id: string): Promise<void> {
    const signal = this.#signal;
    await sleep(this.#host.clock, LATE_MS, signal);
    if (signal?.aborted !== false) return;
    await this.#known.keeper.remove(new Set([id]), LATE_WINDOWS).catch(() => {});
  }
}
