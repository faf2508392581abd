import type { Message } from '../messages/message.js';
import { RecentSet } from '../messages/recent-set.js';
import { unable } from '../shared/errors.js';
import { AboutMessages } from './about-messages.js';
import type { FeatureHost } from './feature.js';
import { isFromFuture } from './from-future.js';
import { gather } from './gather.js';
import {
  DELETE,
  decodeRevision,
  EDIT,
  isByAuthor,
  isDeletion,
  MAX_REVISION_BYTES,
  REVISIONS,
  type Revision,
  revised,
  wins,
} from './revision.js';
import { decodeEvent, type RoomEvent } from './room-event.js';
import { showWith } from './show-with.js';

/** Revisions are kept of so many messages that are not in memory; those of others are read again with their page. */
const KEPT = 1000;
/** Authors whose revisions of one message are kept until it is known who wrote it. */
const MAX_CLAIMS = 4;
/** Fields asked for in one call. */
const FIELDS = 500;
/** A live message older than this may have been revised before this client listened (ms). */
const LATE_MS = 3000;
/** Revisions that are in doubt are read so often at most (ms): a member may put them in doubt again and again. */
const ASK_EVERY_MS = 2000;

const INSTANCES = new WeakMap<FeatureHost, Revisions>();

/** The room's revisions, for what is loaded when it is used. */
export function revisionsOf(host: FeatureHost): Revisions {
  return INSTANCES.get(host) ?? new Revisions(host);
}

/** The half of the feature that changes what is stored; it is loaded when it is first needed. */
export interface WritingHalf {
  delete(id: string): Promise<void>;
  /** Puts storage right, in a while: the revisions of `stale`, and the list, which still holds `deleted`. */
  mend(stale: readonly string[], deleted: readonly string[]): void;
}

/** Knows edits and deletions of messages, and shows them. Every room has it, so that none shows text that was deleted. */
export class Revisions {
  /** Loads the other half. */
  writer: (() => Promise<WritingHalf>) | undefined;
  readonly #host: FeatureHost;
  readonly #known: AboutMessages<Revision[]>;
  /** Revisions that are shown before they are stored, by message. */
  readonly #early = new Map<string, readonly Revision[]>();
  /** Ids whose revision was asked for, or that came live. */
  readonly #met = new RecentSet(5 * KEPT);
  /** Deleted messages that the list still holds, until the other half takes them over. */
  readonly #unswept = new Set<string>();
  readonly #readLater: (ids: readonly string[], ms: number) => void;
  /** When revisions that were in doubt were read last (monotonic, ms). */
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(host: FeatureHost) {
    this.#host = host;
    INSTANCES.set(host, this);
    this.#known = new AboutMessages(KEPT, (id) => host.timeline.kept(id) !== undefined);
    this.#readLater = gather(host, (ids, signal) => {
      this.#askedAt = host.clock.monotonic();
      return host.timeline.read(ids, signal);
    });
    host.events.on(EDIT, (event) => this.#heard(event));
    host.events.on(DELETE, (event) => this.#heard(event));
    showWith(
      host.timeline,
      (message) => this.#look(message),
      (message, revision) => revised(message, revision, host.author().id),
    );
    host.timeline.onRead((ids, signal) => this.read(ids, signal));
  }

  /** The revision that counts for a message, as far as it is known. */
  of(message: Message): Revision | undefined {
    let best: Revision | undefined;
    const { id } = message;
    for (const revision of [...(this.#known.get(id) ?? []), ...this.#earlyOf(id)])
      if (wins(revision, best) && this.allows(message, revision)) best = revision;
    return best;
  }

  /** Whether `revision` may be made; `message` is as it was sent. */
  allows(message: Message, revision: Omit<Revision, 'id'>): boolean {
    if (revision.content !== undefined) return isByAuthor(message, revision);
    const { by, verifiedUserId } = revision;
    const who = {
      ...(by.id === undefined ? {} : { userId: by.id }),
      ...(verifiedUserId === undefined ? {} : { verifiedUserId }),
    };
    try {
      return this.#host.mayDelete?.(message, who) ?? true;
    } catch (cause) {
      this.#host.report(unable('invalid-argument', 'judge a deletion', '`mayDelete` threw', { cause }));
      return false;
    }
  }

  /** Takes a revision that was made here or heard; shows it. */
  apply(id: string, revision: Revision): void {
    if (!this.#take(id, revision)) return;
    this.#host.timeline.refresh(id);
  }

  /** Shows a revision before it is stored. The returned function ends that. */
  show(id: string, revision: Revision): () => void {
    this.#early.set(id, [...this.#earlyOf(id), revision]);
    this.#host.timeline.refresh(id);
    return () => {
      const others = this.#earlyOf(id).filter((other) => other.id !== revision.id);
      if (others.length > 0) this.#early.set(id, others);
      else this.#early.delete(id);
      this.#host.timeline.refresh(id);
    };
  }

  #earlyOf(id: string): readonly Revision[] {
    return this.#early.get(id) ?? [];
  }

  /** Reads the stored revisions of messages. */
  async read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    this.#known.expect(ids);
    const stale: string[] = [];
    const listed: string[] = [];
    for (let start = 0; start < ids.length; start += FIELDS) {
      const fields = ids.slice(start, start + FIELDS);
      const stored = await this.stored(fields, signal);
      for (const id of fields) {
        this.#met.add(id);
        const revision = stored.get(id);
        if (revision !== undefined) {
          if (this.#take(id, revision, 'stored')) this.#host.timeline.refresh(id);
          if (isDeletion(revision) && this.#host.timeline.original(id) === undefined) listed.push(id);
        }
        const better = this.better(id, revision);
        if (better === undefined) continue;
        stale.push(id);
        // An edit that was written over the deletion may have kept its author from removing the message.
        if (isDeletion(better)) listed.push(id);
      }
    }
    this.#mend(stale, listed);
  }

  /** The stored revisions of these messages. Where they cannot be read there are none. */
  async stored(fields: readonly string[], signal: AbortSignal): Promise<Map<string, Revision>> {
    const host = this.#host;
    const revisions = new Map<string, Revision>();
    const values = await host.readFields(REVISIONS, fields, signal);
    for (const [id, value] of values) {
      const event = decodeEvent(value, MAX_REVISION_BYTES);
      const { of, revision } = (event && decodeRevision(event)) ?? {};
      if (of === id && revision !== undefined && !isFromFuture(host, revision.id))
        revisions.set(id, revision);
    }
    return revisions;
  }

  /** The revision that storage ought to have; undefined where the stored one may stay. */
  better(id: string, stored: Revision | undefined, wrote?: Revision): Revision | undefined {
    const original = this.#host.timeline.kept(id);
    if (original === undefined) {
      // An edit that storage holds no more may have expired with its message.
      const isLost = stored === undefined ? isDeletion(wrote) : wrote && wins(wrote, stored);
      return isLost ? wrote : undefined;
    }
    const best = this.of(original);
    if (best === undefined || stored === undefined) return best;
    return wins(best, stored) || !this.allows(original, stored) ? best : undefined;
  }

  /** A client that may not change what is stored, or cannot, leaves it to others. */
  #mend(stale: readonly string[], deleted: readonly string[]): void {
    for (const id of deleted) if (this.#unswept.size < KEPT) this.#unswept.add(id);
    if (stale.length + this.#unswept.size === 0) return;
    this.writer?.().then(
      (writer) => {
        writer.mend(stale, [...this.#unswept]);
        this.#unswept.clear();
      },
      // It cannot be loaded now, or the room was left. What is stale is found again.
      () => {},
    );
  }

  #heard(event: RoomEvent): void {
    const { of, revision } = decodeRevision(event) ?? {};
    if (of === undefined) return;
    if (revision === undefined) this.#readSoon(of);
    else this.apply(of, revision);
  }

  /** False when it changes nothing. */
  #take(id: string, revision: Revision, from?: 'stored'): boolean {
    const original = this.#host.timeline.kept(id);
    if (original !== undefined && !this.allows(original, revision)) return false;
    const known = this.#known.get(id) ?? [];
    const same = known.findIndex((other) => isSameClaim(other, revision));
    const other = known[same];
    if (other === undefined && known.length >= MAX_CLAIMS) {
      // Where the author is known, one that is void makes place.
      const least = original ? known.findIndex((one) => !this.allows(original, one)) : from ? 0 : -1;
      if (least < 0) return false;
      known.splice(least, 1);
    }
    const changes = wins(revision, other);
    if (changes && other !== undefined) known[same] = revision;
    else if (changes) known.push(revision);
    this.#known.set(id, known);
    return changes;
  }

  #look(message: Message): Revision | undefined {
    const revision = this.of(message);
    // One that came live, for the first time.
    if (this.#met.add(message.id)) this.#meet(message, revision);
    return revision;
  }

  #meet({ id, status, sentAt }: Message, revision: Revision | undefined): void {
    if (status !== 'sent') return;
    if (isDeletion(revision)) this.#mend([], [id]);
    else if (this.#host.clock.now() - sentAt.getTime() > LATE_MS) this.#readSoon(id);
  }

  /** Reads what there is about a message, with others that are in doubt, and not at once on all clients. */
  #readSoon(id: string): void {
    const { clock } = this.#host;
    const rest = this.#askedAt + ASK_EVERY_MS - clock.monotonic();
    this.#readLater([id], Math.max(rest, 100 + 900 * clock.random()));
  }
}

/** Whether two revisions are of one kind and claim the same author, so that one of them is enough. */
function isSameClaim(a: Revision, b: Revision): boolean {
  return (
    (a.content === undefined) === (b.content === undefined) &&
    a.by.id === b.by.id &&
    (a.by.id !== undefined || a.by.name === b.by.name) &&
    a.verifiedUserId === b.verifiedUserId
  );
}
