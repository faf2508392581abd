import { MAX_UNREAD } from '../features/read-state.js';
import { encodeMark, type ThreadMark } from '../features/thread-mark.js';
import { THREAD_EVENT, type ThreadMarks } from '../features/thread-marks.js';
import { isMessageId } from '../messages/message-id.js';
import { isObject } from '../shared/is-object.js';
import { remember } from '../shared/remember.js';
import type { RoomFeatureHost } from './feature-host.js';
import { ThreadEngine, type ThreadFeatures } from './thread-engine.js';
import { storeMark } from './thread-mark-writer.js';
import type { ClosedReading } from './thread-reading.js';
import type { ThreadFace } from './thread-types.js';

/** Threads whose reading is remembered after they were closed. */
const MAX_CLOSED = 200;

/** The open threads of a room: hands them the replies that come live, and has them read what was missed. */
export class Threads {
  readonly #host: RoomFeatureHost;
  readonly #marks: ThreadMarks;
  readonly #features: ThreadFeatures;
  readonly #open = new Map<string, ThreadEngine>();
  /** Of threads that are closed, or are being loaded anew. */
  readonly #closed = new Map<string, ClosedReading>();
  /** Marks that are being stored once more, by version. */
  readonly #storing = new Set<string>();

  constructor(host: RoomFeatureHost, marks: ThreadMarks, features: ThreadFeatures) {
    this.#host = host;
    this.#marks = marks;
    this.#features = features;
    marks.onUnsaved = (root, mark) => this.#storeAgain(root, mark);
    host.onJoined((signal) => {
      for (const engine of this.#open.values()) engine.begin(signal);
    });
    host.onResync(async () => {
      for (const engine of this.#open.values()) engine.resync();
    });
    // Replies may quote their root.
    host.timeline.onRefresh((id) => this.#open.get(id)?.quotes.follow(id));
    host.events.on(THREAD_EVENT, ({ data: { root, message, deleted }, user, own, verifiedUserId }) => {
      if (!isMessageId(root)) return;
      const engine = this.#open.get(root);
      const { readUpTo = '', unread } = (engine?.reading.isLoaded ? undefined : this.#closed.get(root)) ?? {};
      unread?.delete(deleted as string);
      if (isObject(message) && isMessageId(message.id)) {
        engine?.receive(message, verifiedUserId);
        const isNew = message.id > readUpTo && !own && !host.hides(user, verifiedUserId);
        if (isNew && unread && unread.size < MAX_UNREAD) unread.add(message.id);
      }
      if (unread) marks.setUnread(root, Math.min(unread.size, MAX_UNREAD));
    });
  }

  /** Opens a thread. The caller has none of this root open. */
  open(root: string, face: ThreadFace): ThreadEngine {
    const engine = new ThreadEngine({
      host: this.#host,
      marks: this.#marks,
      features: this.#features,
      root,
      face,
      closed: this.#closed.get(root),
      onClose: (reading) => {
        this.#open.delete(root);
        if (reading !== undefined) remember(this.#closed, root, reading, MAX_CLOSED);
      },
    });
    this.#open.set(root, engine);
    if (!this.#host.life.aborted) engine.begin(this.#host.life);
    return engine;
  }

  /** The root of the open thread that holds this reply. */
  rootOf(id: string): string | undefined {
    for (const [root, { core }] of this.#open) if (core.timeline.get(id) !== undefined) return root;
    return undefined;
  }

  /** The mark of a thread could not be stored, as the room was left or for want of a connection. */
  #storeAgain(root: string, mark: ThreadMark): void {
    if (this.#storing.has(mark.version)) return;
    this.#storing.add(mark.version);
    storeMark(this.#host, this.#marks, root, mark)
      .then(() =>
        this.#host.events.send(THREAD_EVENT, { root, mark: encodeMark(mark) }, { id: mark.version }),
      )
      // The next reading is the next occasion.
      .catch(() => {})
      .finally(() => this.#storing.delete(mark.version));
  }
}
