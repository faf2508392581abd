import { idTime, isMessageId } from '../messages/message-id.js';
import { isObject } from '../shared/is-object.js';
import { AboutMessages } from './about-messages.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import type { RoomEvent } from './room-event.js';
import { showWith } from './show-with.js';
import { covers, decodeMark, STORED_BY_MS, type ThreadMark } from './thread-mark.js';
import { type LiveReply, newThreadState, summaryOf, type ThreadState } from './thread-state.js';

/** Type of the events of threads: `{ root, message }` is a reply, `{ root, mark, deleted? }` a new summary. */
export const THREAD_EVENT = 'thread';

/** Threads of messages that are not in memory are remembered, so many at least, and replies of each that no mark covers. */
const SPARE = 500;
const MAX_LIVE = 100;
/** Replies that are sent at one moment come in any order, within so long (ms). */
const LATE_MS = 2000;

/** Returns the field of a thread's mark in the dictionary of revisions. */
export function markField(root: string): string {
  return `${root}/thread`;
}

/**
 * Shows on each message what its thread holds: the stored mark, and what came live since. With each reading storage
 * decides: a reply that came live and was not stored in time counts no more.
 */
export class ThreadMarks {
  /** Called when a reading met a mark that was made here and could not be stored. */
  onUnsaved: (root: string, mark: ThreadMark) => void = () => {};
  readonly #host: FeatureHost;
  readonly #threads: AboutMessages<ThreadState>;
  /** Reads marks once more, when what came live is stored or never will be. */
  readonly #readLater: (roots: readonly string[], ms: number) => void;

  constructor(host: FeatureHost) {
    this.#host = host;
    const { timeline, events } = host;
    this.#threads = new AboutMessages(SPARE, (root) => timeline.kept(root) !== undefined);
    showWith(
      timeline,
      ({ id }) => this.#threads.get(id)?.summary,
      (message, thread) => ({ ...message, thread }),
    );
    timeline.onRead((ids, signal) => this.#read(ids, signal));
    events.on(THREAD_EVENT, (event) => this.#receive(event));
    this.#readLater = gather(host, (roots, signal) => {
      const shown = roots.filter((id) => timeline.original(id) !== undefined);
      return this.#read(shown, signal);
    });
  }

  /**
   * Takes over a stored mark that is newer than the known one. One that `decides` replaces a newer one as well: nothing came,
   * or was made here, since storage was asked.
   */
  adopt(root: string, mark: ThreadMark, decides = false): void {
    this.#host.observe(mark.version);
    const state = this.#state(root);
    const version = state.mark?.version ?? '';
    if (mark.version < version && !(decides && !state.unsaved)) return;
    state.unsaved = false;
    if (mark.version !== version) this.#take(root, state, mark);
  }

  /** Takes over a mark that is about to be stored from here. */
  made(root: string, mark: ThreadMark): void {
    const state = this.#state(root);
    state.unsaved = true;
    this.#take(root, state, mark);
  }

  /** The mark that is known. */
  markOf(root: string): ThreadMark | undefined {
    return this.#threads.get(root)?.mark;
  }

  /** Sets how many replies were not read here. */
  setUnread(root: string, unread: number): void {
    const state = this.#state(root);
    if (state.unread === unread) return;
    state.unread = unread;
    this.#changed(root, state);
  }

  #receive({ data, user, sentAt }: RoomEvent): void {
    const { root, message, mark, deleted } = data;
    if (!isMessageId(root)) return;
    const state = this.#state(root);
    if (isMessageId(deleted) && state.deleted.size < MAX_LIVE) {
      state.deleted.add(deleted);
      if (state.live.delete(deleted)) this.#changed(root, state);
    }
    const decoded = isObject(mark) ? decodeMark(mark, this.#host.clock.now()) : undefined;
    if (decoded !== undefined) {
      this.adopt(root, decoded);
      // By a clock that is behind, it may be the newer one all the same.
      if (state.mark?.version !== decoded.version) this.#readSoon(root);
    }
    // A reply that its thread would not show is not counted.
    if (!isObject(message) || !isMessageId(message.id) || typeof message.message !== 'string') return;
    const { id } = message;
    const at = Math.min(idTime(id), sentAt.getTime());
    const heardAt = this.#host.clock.monotonic();
    const reply: LiveReply = { id, user, at, sentAt: sentAt.getTime(), heardAt };
    if (state.live.has(id) || state.deleted.has(id)) return;
    if (state.mark !== undefined && covers(state.mark, id, reply.sentAt)) return;
    state.live.set(id, reply);
    // It is late: the mark was made when the reply was stored, and is without it. It may have been deleted.
    if (state.mark !== undefined && idTime(state.mark.version) - reply.sentAt > LATE_MS) this.#readSoon(root);
    const [oldest] = state.live.keys();
    if (state.live.size > MAX_LIVE && oldest !== undefined) {
      state.live.delete(oldest);
      state.folded += 1;
    }
    this.#changed(root, state);
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const host = this.#host;
    this.#threads.expect(ids);
    const before = new Map(ids.map((id) => [id, this.#threads.get(id)?.mark]));
    const beganAt = host.clock.monotonic();
    const fields = await host.readFields('revisions', ids.map(markField), signal);
    for (const id of ids) {
      const stored = decodeMark(fields.get(markField(id)), host.clock.now());
      const known = this.#threads.get(id);
      if (known === undefined && stored === undefined) continue;
      const state = this.#state(id);
      // Storage decides, but for what came since the reading began.
      if (stored !== undefined) this.adopt(id, stored, state.mark === before.get(id));
      if (state.unsaved && state.mark !== undefined) this.onUnsaved(id, state.mark);
      this.#dropUnstored(id, state, beganAt);
    }
  }

  /** A live reply that no stored mark knows of in time was never stored. */
  #dropUnstored(root: string, state: ThreadState, beganAt: number): void {
    let dropped = state.folded > 0;
    state.folded = 0;
    for (const [id, { heardAt }] of state.live) {
      if (beganAt - heardAt > STORED_BY_MS) dropped = state.live.delete(id);
    }
    if (dropped) this.#changed(root, state);
    if (state.live.size > 0) this.#readSoon(root);
  }

  #readSoon(root: string): void {
    this.#readLater([root], STORED_BY_MS * (1.1 + this.#host.clock.random() / 2));
  }

  #take(root: string, state: ThreadState, mark: ThreadMark): void {
    state.mark = mark;
    state.folded = 0;
    for (const [id, { sentAt }] of state.live) if (covers(mark, id, sentAt)) state.live.delete(id);
    this.#changed(root, state);
  }

  #changed(root: string, state: ThreadState): void {
    state.summary = summaryOf(state);
    this.#host.timeline.refresh(root);
  }

  #state(root: string): ThreadState {
    const known = this.#threads.get(root);
    if (known !== undefined) return known;
    const state = newThreadState();
    this.#threads.set(root, state);
    return state;
  }
}
