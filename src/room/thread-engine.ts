import { Quotes } from '../features/quotes.js';
import type { ReactionWriter } from '../features/reaction-writer.js';
import { reactionsOf } from '../features/reactions.js';
import type { EditOptions } from '../features/revision.js';
import type { RevisionWriter } from '../features/revision-writer.js';
import { revisionsOf } from '../features/revisions.js';
import type { ThreadMarks } from '../features/thread-marks.js';
import type { Typing } from '../features/typing.js';
import { textToSend } from '../messages/compose.js';
import type { Message } from '../messages/message.js';
import { asChatError } from '../shared/as-chat-error.js';
import { ChatError, invalidArgument, unable } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import { featureKey } from '../shared/room-address.js';
import { Recovery } from '../sync/recovery.js';
import { Troubles } from '../sync/troubles.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { RoomCore } from './room-core.js';
import type { ReplyOptions } from './send-options.js';
import { maxReplyBytes, threadCalls } from './thread-calls.js';
import { type ThreadHost, threadHost } from './thread-host.js';
import { ThreadMarkWriter } from './thread-mark-writer.js';
import { type ClosedReading, ThreadReading } from './thread-reading.js';
import type { ThreadFace } from './thread-types.js';
import { UnstoredReplies } from './unstored-replies.js';

/** A first reading that has not succeeded after this many milliseconds fails `open()`. */
const OPEN_PATIENCE_MS = 15_000;

/**
 * The features of the room that each thread has as well. They are handed in, not imported: a part that is a file of its own may not
 * be a dependency of another, which could not be loaded where the browser remembers a failure of the first.
 */
export interface ThreadFeatures {
  readonly RevisionWriter: typeof RevisionWriter;
  readonly ReactionWriter: typeof ReactionWriter;
  readonly Typing: typeof Typing;
}

/** An open thread: its replies, read now and once more after the settle window whenever events may have been missed (G2). */
export class ThreadEngine {
  readonly core: RoomCore;
  readonly reactions: ReactionWriter;
  readonly revisions: RevisionWriter;
  readonly typing: Typing;
  readonly quotes: Quotes;
  readonly reading: ThreadReading;
  readonly #host: RoomFeatureHost;
  readonly #root: string;
  readonly #face: ThreadFace;
  readonly #writer: ThreadMarkWriter;
  readonly #own: ThreadHost;
  readonly #unstored = new UnstoredReplies();
  readonly #onClose: (reading: ClosedReading | undefined) => void;
  #join: AbortSignal | undefined;
  /** Of the current join. */
  #troubles: Troubles | undefined;
  #recovery: Recovery | undefined;
  #loading: Promise<unknown> | undefined;
  /** Changes of the replies in memory may have been missed. */
  #stale = false;
  #closed = false;

  constructor(options: {
    host: RoomFeatureHost;
    marks: ThreadMarks;
    features: ThreadFeatures;
    root: string;
    face: ThreadFace;
    closed: ClosedReading | undefined;
    onClose: (reading: ClosedReading | undefined) => void;
  }) {
    const { host, marks, features, root, face } = options;
    this.#host = host;
    this.#root = root;
    this.#face = face;
    this.#onClose = options.onClose;
    const list = featureKey(host.room, `thread:${root}`);
    const maxMessageBytes = maxReplyBytes(host, root);
    this.core = host.openCore({
      maxMessageBytes,
      beforeShow: (ids) => this.#own.timeline.read(ids),
      calls: threadCalls(host, { root, list, unstored: this.#unstored }),
      sink: {
        message: (message) => {
          this.#own.listeners.message.tell(message);
          this.reading.recount();
          this.#writer.changed();
          face.emit('message', message);
        },
        update: (message) => {
          this.reading.recount();
          this.#writer.changed();
          face.emit('update', message);
        },
        history: (page) => face.emit('history', page),
        change: () => {
          face.change();
          // The thread's own features come after its messages.
          this.#own?.listeners.change.tell();
        },
        gap: () => {},
        error: (error) => face.emit('error', error),
        needsResync: () => this.resync(),
      },
    });
    this.reading = new ThreadReading(this.core, options.closed, (unread) => {
      marks.setUnread(root, unread.count);
      face.emit('read', unread);
    });
    this.core.sender.outbox.kept = host.core.sender.outbox.kept?.thread(root);
    this.#own = threadHost(host, this.core, list, maxMessageBytes);
    this.#own.onHidden(() => this.reading.recount());
    this.revisions = new features.RevisionWriter(this.#own, revisionsOf(this.#own));
    this.quotes = new Quotes(this.#own, (id) => (id === root ? host.timeline.get(id) : undefined));
    this.reactions = new features.ReactionWriter(this.#own, reactionsOf(this.#own));
    this.typing = new features.Typing(
      this.#own,
      () => face.emit('typing', this.typing.users, this.typing.many),
      {
        scope: root,
      },
    );
    // Others count a reply that could be stored and not published; its sender may send it again.
    const isStored = ({ id, status }: Message) =>
      status === 'sent' ? !this.#unstored.has(id) : this.core.sender.outbox.isStored(id);
    this.#writer = new ThreadMarkWriter({
      host,
      own: this.#own,
      marks,
      root,
      list,
      core: this.core,
      read: () => this.core.read({ doubted: true, expected: 0 }),
      isStored,
    });
  }

  /** A join began, of which it may be told twice; the thread is read as soon as something asks for it. */
  begin(signal: AbortSignal): void {
    if (signal === this.#join) return;
    this.#join = signal;
    const troubles = new Troubles((error) => this.#face.emit('error', error));
    this.#troubles = troubles;
    this.#own.begin(signal);
    this.#writer.begin();
    this.#recovery = new Recovery({
      read: async (how) => {
        await this.#readChanges();
        const caughtUp = await this.core.read({ ...how, expected: 0 });
        troubles.over();
        return caughtUp;
      },
      scheduler: this.#host.clock,
      signal: this.#own.life,
      onTrouble: (error) => troubles.tell(error),
    });
    this.#loading = undefined;
  }

  /**
   * Resolves when the thread was read in this join, at once where it holds the reply `id`: a change of that waits for the
   * connection itself. Rejects with a ChatError.
   */
  async opened(id = ''): Promise<void> {
    if (this.core.timeline.get(id) === undefined) await this.#read();
  }

  /** Reads now, and once more after the settle window: only then what was published before is stored for sure. */
  resync(): void {
    this.#stale = true;
    this.#loading = undefined;
    this.#read().catch((problem: unknown) => {
      if (!this.#closed && !(problem instanceof ChatError && problem.code === 'closed'))
        this.#troubles?.tell(asChatError('read the thread', problem));
    });
  }

  /** Reads what changed of the replies in memory, where that may have been missed. */
  async #readChanges(): Promise<void> {
    if (!this.#stale) return;
    this.#stale = false;
    try {
      await this.#own.resync();
    } catch (problem) {
      this.#stale = true;
      throw problem;
    }
  }

  /** Takes a reply that came live. */
  receive(message: Record<string, unknown>, verifiedUserId: string | undefined): void {
    const { id } = message;
    if (typeof id === 'string')
      this.#unstored.heard(id, this.#host.clock.monotonic(), this.core.timeline.get(id) !== undefined);
    this.core.receive({ value: JSON.stringify(message), publisherId: verifiedUserId });
  }

  async send(text: string, given: ReplyOptions): Promise<Message> {
    if (!isObject(given as unknown)) throw invalidArgument('send the reply', 'its options are not an object');
    const { alsoInRoom, ...options } = given;
    if (alsoInRoom !== undefined && typeof alsoInRoom !== 'boolean')
      throw invalidArgument('send the reply', '`alsoInRoom` is not a boolean');
    const said = textToSend(text, options.files);
    this.#host.assertJoined('send the reply');
    const extras = { ...options, ...(alsoInRoom ? { threadId: this.#root } : {}) };
    const id = this.#host.nextId();
    const startedAt = this.#host.clock.monotonic();
    const sending = this.core.send(said, extras, id);
    // A reply that the thread rejects is not sent to the room either.
    const accepted = this.core.timeline.get(id) !== undefined;
    const inRoom = alsoInRoom && accepted ? this.#host.core.send(said, extras, id) : undefined;
    inRoom?.catch(() => {});
    this.#read().catch(() => {});
    const reply = await (accepted ? this.#marked(sending, startedAt) : sending);
    await inRoom;
    return reply;
  }

  /** Has the mark of the thread follow what becomes of a reply of which others heard after `startedAt`, if at all. */
  async #marked(sending: Promise<Message>, startedAt: number): Promise<Message> {
    try {
      const reply = await sending;
      this.#writer.replied(startedAt);
      return reply;
    } catch (problem) {
      this.#writer.failed();
      throw problem;
    }
  }

  async retry(id: string): Promise<Message> {
    this.#host.assertJoined('retry the reply');
    const isFailed = this.core.timeline.get(id)?.status === 'failed';
    const sending = this.core.retry(id);
    return isFailed ? this.#marked(sending, Number.NEGATIVE_INFINITY) : sending;
  }

  async edit(id: string, text: string, options?: EditOptions): Promise<Message> {
    await this.opened(id);
    return this.revisions.edit(id, text, options);
  }

  async delete(id: string): Promise<void> {
    await this.opened(id);
    const message = this.core.timeline.get(id);
    const deleteInRoom = async () => (await revisionsOf(this.#host).writer?.())?.delete(id);
    // It may have been sent here, or have failed, before the room sends it.
    const unsentInRoom = this.#host.core.sender.outbox.unsent(id);
    if (unsentInRoom) await deleteInRoom();
    if (message?.status === 'failed') {
      this.core.discard(id);
      // It may have been published or stored all the same.
      void this.revisions.bury(id).catch(() => {});
      return;
    }
    try {
      await this.revisions.delete(id);
      const inRoom = message?.threadId ?? this.#host.timeline.original(id);
      if (inRoom && !unsentInRoom) await deleteInRoom();
      await this.#writer.deleted(id);
    } catch (problem) {
      const { code, retryable } = asChatError('delete the reply', problem);
      const isDeleted = this.core.timeline.shown(id)?.deletedAt !== undefined;
      // Otherwise it was rejected, and nothing is to be told.
      if (isDeleted || retryable || code === 'closed') this.#writer.doubt();
      throw problem;
    }
  }

  async loadOlder(count: number | undefined): Promise<readonly Message[]> {
    await this.opened();
    return this.core.loadOlder(count, 'load older replies');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this.reading.close());
    this.#own.close();
    this.#host.closeCore(this.core);
  }

  async #read(): Promise<unknown> {
    const recovery = this.#recovery;
    if (!recovery) throw unable('not-joined', 'read the thread', 'await join() first');
    this.#loading ??= recovery.run(OPEN_PATIENCE_MS).then(
      () => {
        this.reading.loaded();
        this.#writer.compareSoon();
      },
      (problem: unknown) => {
        if (recovery === this.#recovery) this.#loading = undefined;
        throw problem;
      },
    );
    return this.#loading;
  }
}
