import type { Message } from '../messages/message.js';
import { idTime, isMessageId } from '../messages/message-id.js';
import { sleep } from '../shared/clock.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';
import type { RoomEvent } from './room-event.js';
import { covers, decodeMark, STORED_BY_MS, type ThreadMark } from './thread-mark.js';
import { type LiveReply, newThreadState, summaryOf, type ThreadState } from './thread-state.js';

/** Type of the events of threads: `{ root, message }` is a reply, `{ root, mark, deleted? }` a new summary. */
export const THREAD_EVENT = 'thread';

/** Threads that are remembered, and replies of each that no mark covers. */
const MAX_THREADS = 1000;
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
  readonly #threads = new Map<string, ThreadState>();
  /** Threads with live replies that the last reading came too early for. */
  readonly #early = new Set<string>();
  #signal: AbortSignal | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
    const { timeline, events } = host;
    timeline.overlay((message) => this.#show(message));
    timeline.onRead((ids, signal) => this.#read(ids, signal));
    events.on(THREAD_EVENT, (event) => this.#receive(event));
    host.onJoined((signal) => {
      this.#signal = signal;
      this.#early.clear();
    });
  }

  /** Takes over a mark that came live, unless a newer one is known. */
  adopt(root: string, mark: ThreadMark): void {
    this.#host.observe(mark.version);
    const state = this.#state(root);
    if (state.mark !== undefined && state.mark.version >= mark.version) return;
    state.unsaved = false;
    this.#take(root, state, mark);
  }

  /** Takes over a mark that is about to be stored from here. */
  made(root: string, mark: ThreadMark): void {
    const state = this.#state(root);
    state.unsaved = true;
    this.#take(root, state, mark);
  }

  /** The mark that was {@link made} here is stored. */
  saved(root: string, mark: ThreadMark): void {
    const state = this.#state(root);
    if (state.mark?.version === mark.version) state.unsaved = false;
  }

  /** Takes over the stored mark: it was found to be true. */
  confirmed(root: string, mark: ThreadMark): void {
    this.#host.observe(mark.version);
    const state = this.#state(root);
    if (state.unsaved && state.mark !== undefined && state.mark.version > mark.version) return;
    state.unsaved = false;
    if (state.mark?.version !== mark.version) this.#take(root, state, mark);
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
    if (decoded !== undefined) this.adopt(root, decoded);
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
    if (state.mark !== undefined && idTime(state.mark.version) - reply.sentAt > LATE_MS)
      this.#readLater(root);
    const [oldest] = state.live.keys();
    if (state.live.size > MAX_LIVE && oldest !== undefined) {
      state.live.delete(oldest);
      state.folded += 1;
    }
    this.#changed(root, state);
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const host = this.#host;
    const before = new Map(ids.map((id) => [id, this.#threads.get(id)?.mark]));
    const beganAt = host.clock.monotonic();
    const fields = await host.readFields('revisions', ids.map(markField), signal);
    for (const id of ids) {
      const stored = decodeMark(fields.get(markField(id)), host.clock.now());
      const known = this.#threads.get(id);
      if (known === undefined && stored === undefined) continue;
      const state = this.#state(id);
      if (stored !== undefined) this.#takeStored(id, state, stored, before.get(id));
      if (state.unsaved && state.mark !== undefined) {
        if (state.mark.version === stored?.version) state.unsaved = false;
        else this.onUnsaved(id, state.mark);
      }
      this.#dropUnstored(id, state, beganAt);
    }
  }

  /** Storage decides, but for what came, or was made here, since the reading began. */
  #takeStored(root: string, state: ThreadState, stored: ThreadMark, before: ThreadMark | undefined): void {
    if (state.unsaved || state.mark !== before) {
      if (state.mark === undefined || state.mark.version < stored.version) this.adopt(root, stored);
      return;
    }
    this.#host.observe(stored.version);
    if (state.mark?.version !== stored.version) this.#take(root, state, stored);
  }

  /** A live reply that no stored mark knows of in time was never stored. */
  #dropUnstored(root: string, state: ThreadState, beganAt: number): void {
    let dropped = state.folded > 0;
    state.folded = 0;
    for (const [id, { heardAt }] of state.live) {
      if (beganAt - heardAt > STORED_BY_MS) dropped = state.live.delete(id);
    }
    if (dropped) this.#changed(root, state);
    if (state.live.size > 0) this.#readLater(root);
  }

  /** Reads the thread's mark once more, when what came live is stored or never will be. */
  #readLater(root: string): void {
    const signal = this.#signal;
    const waits = this.#early.size > 0;
    this.#early.add(root);
    if (waits || signal === undefined) return;
    const { clock, timeline } = this.#host;
    void sleep(clock, STORED_BY_MS * (1.1 + clock.random() / 2), signal).then(() => {
      if (signal.aborted) return;
      const roots = [...this.#early].filter((id) => timeline.original(id) !== undefined);
      this.#early.clear();
      // One that fails is made good by the next resync.
      if (roots.length > 0) this.#read(roots, signal).catch(() => {});
    });
  }

  #take(root: string, state: ThreadState, mark: ThreadMark): void {
    state.mark = mark;
    state.folded = 0;
    for (const [id, { sentAt }] of state.live) if (covers(mark, id, sentAt)) state.live.delete(id);
    this.#changed(root, state);
  }

  #show(message: Message): Message {
    const state = this.#threads.get(message.id);
    if (state === undefined) return message;
    if (state.shown?.of === message) return state.shown.as;
    const thread = summaryOf(state);
    const as = thread === undefined ? message : { ...message, thread };
    state.shown = { of: message, as };
    return as;
  }

  #changed(root: string, state: ThreadState): void {
    state.shown = undefined;
    this.#host.timeline.refresh(root);
  }

  #state(root: string): ThreadState {
    const known = this.#threads.get(root);
    if (known !== undefined) return known;
    const state = newThreadState();
    this.#threads.set(root, state);
    if (this.#threads.size > MAX_THREADS) this.#forgetOne();
    return state;
  }

  /** Drops the oldest that is of no message in memory: its mark is read again with its page. */
  #forgetOne(): void {
    for (const root of this.#threads.keys()) {
      if (this.#host.timeline.original(root) !== undefined) continue;
      this.#threads.delete(root);
      return;
    }
  }
}
