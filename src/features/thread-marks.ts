import type { Message, ThreadSummary } from '../messages/message.js';
import { idTime, isMessageId } from '../messages/message-id.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';
import type { RoomEvent } from './room-event.js';
import { covers, decodeMark, participants, type Reply, type ThreadMark } from './thread-mark.js';

/** Type of the events of threads: `{ root, message }` is a reply, `{ root, mark, deleted? }` a new summary. */
export const THREAD_EVENT = 'thread';

/** Threads that are remembered, and replies of each that no mark covers. */
const MAX_THREADS = 1000;
const MAX_LIVE = 100;

interface ThreadState {
  mark: ThreadMark | undefined;
  /** Replies that came live and are in no mark yet; `folded` more were forgotten. */
  live: Map<string, Reply & { sentAt: number }>;
  folded: number;
  /** Replies that are deleted: a late event does not bring them back. */
  deleted: Set<string>;
  unread: number;
  /** The message as it was shown last, and the one it was made of. */
  shown?: { of: Message; as: Message } | undefined;
}

/** Returns the field of a thread's mark in the dictionary of revisions. */
export function markField(root: string): string {
  return `${root}/thread`;
}

/** Shows on each message what its thread holds: what is stored, and what came live since. */
export class ThreadMarks {
  readonly #host: FeatureHost;
  readonly #threads = new Map<string, ThreadState>();

  constructor(host: FeatureHost) {
    this.#host = host;
    const { timeline, events } = host;
    timeline.overlay((message) => this.#show(message));
    timeline.onRead((ids, signal) => this.#read(ids, signal));
    events.on(THREAD_EVENT, (event) => this.#receive(event));
  }

  /** Takes over a mark, unless a newer one is known. */
  adopt(root: string, mark: ThreadMark): void {
    this.#host.observe(mark.version);
    const state = this.#state(root);
    if (state.mark !== undefined && state.mark.version >= mark.version) return;
    state.mark = mark;
    state.folded = 0;
    for (const [id, { sentAt }] of state.live) if (covers(mark, id, sentAt)) state.live.delete(id);
    this.#changed(root, state);
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
    const reply = { id, user, at: Math.min(idTime(id), sentAt.getTime()), sentAt: sentAt.getTime() };
    if (state.live.has(id) || state.deleted.has(id)) return;
    if (state.mark !== undefined && covers(state.mark, id, reply.sentAt)) return;
    state.live.set(id, reply);
    const [oldest] = state.live.keys();
    if (state.live.size > MAX_LIVE && oldest !== undefined) {
      state.live.delete(oldest);
      state.folded += 1;
    }
    this.#changed(root, state);
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const host = this.#host;
    const fields = await host.readFields('revisions', ids.map(markField), signal);
    for (const id of ids) {
      const mark = decodeMark(fields.get(markField(id)), host.clock.now());
      if (mark !== undefined) this.adopt(id, mark);
    }
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
    const state: ThreadState = { mark: undefined, live: new Map(), folded: 0, deleted: new Set(), unread: 0 };
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

function summaryOf({ mark, live, folded, unread }: ThreadState): ThreadSummary | undefined {
  if (mark === undefined && live.size === 0) return undefined;
  const newestFirst = [...live.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const lastAt = Math.max(mark?.lastAt ?? 0, newestFirst[0]?.at ?? 0);
  return {
    replyCount: (mark?.count ?? 0) + live.size + folded,
    ...(lastAt === 0 ? {} : { lastReplyAt: new Date(lastAt) }),
    participants: participants([...newestFirst.map(({ user }) => user), ...(mark?.who ?? [])]),
    unread,
  };
}
