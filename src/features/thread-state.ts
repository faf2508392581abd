import type { ThreadSummary } from '../messages/message.js';
import { participants, type Reply, type ThreadMark } from './thread-mark.js';

/** A reply that came live. */
export interface LiveReply extends Reply {
  readonly sentAt: number;
  /** When it came, by the monotonic clock (ms). */
  readonly heardAt: number;
}

/** The state of one thread, as far as it is known. */
export interface ThreadState {
  mark: ThreadMark | undefined;
  /** The mark was made here, and is not known to be stored: what is stored does not replace it. */
  unsaved: boolean;
  /** Replies that came live and are in no mark yet; `folded` more were forgotten. */
  live: Map<string, LiveReply>;
  folded: number;
  /** Replies that are deleted: a late event does not bring them back. */
  deleted: Set<string>;
  unread: number;
  /** The sum of all this, as it is shown. */
  summary?: ThreadSummary | undefined;
}

export function newThreadState(): ThreadState {
  return { mark: undefined, unsaved: false, live: new Map(), folded: 0, deleted: new Set(), unread: 0 };
}

/** Sums up the stored mark, and what came live since. Undefined for a message without a thread. */
export function summaryOf({ mark, live, folded, unread }: ThreadState): ThreadSummary | undefined {
  // A mark of no reply at all takes back one that was heard and never stored: that makes no thread.
  const isEmpty = mark === undefined || (mark.count === 0 && mark.gone.length === 0);
  if (isEmpty && live.size + folded === 0) return undefined;
  const newestFirst = [...live.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const lastAt = Math.max(mark?.lastAt ?? 0, newestFirst[0]?.at ?? 0);
  return {
    replyCount: (mark?.count ?? 0) + live.size + folded,
    ...(lastAt === 0 ? {} : { lastReplyAt: new Date(lastAt) }),
    participants: participants([...newestFirst.map(({ user }) => user), ...(mark?.who ?? [])]),
    unread,
  };
}
