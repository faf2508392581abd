import { AboutMessages } from '../features/about-messages.js';
import type { EditOptions } from '../features/revision.js';
import type { RoomTyping } from '../features/typing.js';
import type { JsonObject, Message } from '../messages/message.js';
import { assertMessageId } from '../messages/message-id.js';
import { Emitter } from '../shared/emitter.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import { neverComes } from '../shared/never-comes.js';
import { oncePerTurn } from '../shared/once-per-turn.js';
import { Troubles } from '../sync/troubles.js';
import { lazyFeature } from './lazy-feature.js';
import type { ReplyOptions } from './send-options.js';
import type { ThreadEngine } from './thread-engine.js';
import type { ChatThreadEvents, ThreadFace, ThreadRead, ThreadUnread } from './thread-types.js';
import type { Threads } from './threads.js';

const NOTHING: readonly Message[] = [];
const EVENTS: readonly unknown[] = ['message', 'update', 'history', 'change', 'read', 'typing', 'error'];
const NOTHING_UNREAD: ThreadUnread = { count: 0, mentions: 0, capped: false };

/**
 * The replies under a message. The same object for the same root as long as it is in use, or held by the app.
 *
 * @example
 * ```ts
 * const thread = room.thread(message.id);
 * thread.on('change', show);
 * await thread.open();
 * await thread.send('I agree', { alsoInRoom: true });
 * thread.close();
 * ```
 */
export class ChatThread extends Emitter<ChatThreadEvents> {
  /** Id of the message that the thread hangs on. */
  readonly rootId: string;
  readonly read: ThreadRead;
  /** The others who are writing a reply. Drafts of a thread do not show in the room. */
  readonly typing: RoomTyping;
  readonly #access: ThreadAccess;
  /** Has the room hold it: somebody listens. */
  readonly #keep: () => void;
  #engine: ThreadEngine | undefined;
  /** As it was told last. */
  #unread = NOTHING_UNREAD;
  /** From the first use to {@link close}. */
  #using = false;
  #closings = 0;
  /** Tells of events that are listened for in vain. */
  readonly #vain = new Troubles((error) => this.emit('error', error));
  readonly #announceChange = oncePerTurn(() => {
    if (this.listenerCount('change') > 0) this.emit('change', this.messages);
  });

  /** @internal */
  constructor(rootId: string, access: ThreadAccess, keep: () => void) {
    super();
    this.rootId = rootId;
    this.#access = access;
    this.#keep = keep;
    const unread = () => this.#engine?.reading.unread ?? this.#unread;
    this.read = {
      mark: async (id) => {
        const action = 'mark the thread as read';
        if (id !== undefined) assertMessageId(id, action);
        const engine = await this.#use(action);
        if (!engine.reading.isLoaded) await engine.opened();
        engine.reading.mark(id);
      },
      get unread() {
        return unread();
      },
    };
    this.typing = lazyFeature<RoomTyping>(
      {
        running: () => this.#engine?.typing,
        use: async () => (await this.#use('tell who writes')).typing,
      },
      { users: [], many: false },
      ['keystroke', 'stop'],
      true,
    );
    const { stop } = this.typing;
    // A thread that is closed is not opened for it: its typing ended with close().
    this.typing.stop = () => {
      if (this.#using) stop();
    };
  }

  /** The message that the thread hangs on, as it is shown; undefined when it is hidden, not in memory or no longer stored. */
  get root(): Message | undefined {
    return this.#access.root(this.rootId);
  }

  /** Whether {@link open} was called, and {@link close} was not since. */
  get isOpen(): boolean {
    return this.#using;
  }

  /** The replies in memory, oldest first. The same array until something changes, then a new one. */
  get messages(): readonly Message[] {
    return this.#engine?.core.timeline.snapshot ?? NOTHING;
  }

  /** Whether storage held older replies than those in memory when it was last read. */
  get hasOlder(): boolean {
    return this.#engine?.core.hasOlder ?? false;
  }

  /**
   * Loads the newest page of replies and keeps it up to date until {@link close}, over lost connections, `leave()` and
   * `join()`. It needs no subscription of its own. The loaded replies count as read.
   *
   * Rejects with a {@link ChatError}: `not-joined`, or whatever made the reading fail.
   */
  async open(): Promise<void> {
    await (await this.#use('open the thread')).opened();
  }

  /** Drops the replies in memory. Those that were not sent yet fail with `closed`. */
  close(): void {
    this.#using = false;
    this.#closings += 1;
    this.#unread = this.read.unread;
    this.#engine?.close();
    this.#engine = undefined;
    this.#announceChange();
  }

  /**
   * Sends a reply, as `room.send()` sends a message. The thread is opened if it was not. A reply may take some 200 bytes
   * less than a message, and less by its sender's name and id.
   *
   * Rejects as `room.send()` does. With `alsoInRoom` it resolves when the room has it as well; where only one of the two
   * fails, the message is `failed` there and can be retried there.
   */
  async send<Meta extends object = JsonObject>(
    text: string,
    options: ReplyOptions<Meta> = {},
  ): Promise<Message> {
    // In the turn of the call where the thread is open, as in the room.
    return (this.#engine ?? (await this.#use('send the reply'))).send(text, options as ReplyOptions);
  }

  /** Changes the text of an own reply; see `room.edit()`. */
  async edit(id: string, text: string, options?: EditOptions): Promise<Message> {
    return (await this.#use('edit the reply')).edit(id, text, options);
  }

  /** Deletes a reply, and the room's copy of it where there is one; see `room.delete()`. */
  async delete(id: string): Promise<void> {
    return (await this.#use('delete the reply')).delete(id);
  }

  /** Adds the room's own user's reaction to a reply; see `room.react()`. */
  async react(id: string, emoji: string): Promise<void> {
    const engine = await this.#use('add the reaction');
    await engine.opened(id);
    return engine.reactions.add(id, emoji);
  }

  /** Removes it; see `room.unreact()`. */
  async unreact(id: string, emoji: string): Promise<void> {
    const engine = await this.#use('remove the reaction');
    await engine.opened(id);
    return engine.reactions.remove(id, emoji);
  }

  /** Sends a failed reply again; see `room.retry()`. */
  async retry(id: string): Promise<Message> {
    return (await this.#use('retry the reply')).retry(id);
  }

  /** Drops a failed reply. Throws a ChatError `invalid-argument` when there is none. */
  discard(id: string): void {
    if (this.#engine === undefined) throw invalidArgument('discard the reply', 'the thread is not open');
    this.#engine.core.discard(id);
  }

  /** Loads up to `count` older replies (default: `history.pageSize`); see `room.loadOlder()`. */
  async loadOlder(count?: number): Promise<readonly Message[]> {
    return (await this.#use('load older replies')).loadOlder(count);
  }

  /** @internal The open thread. */
  engine(): Promise<ThreadEngine> {
    return this.#use('send the reply');
  }

  async #use(action: string): Promise<ThreadEngine> {
    const closings = this.#closings;
    this.#using = true;
    const threads = await this.#access.load(action).catch((problem: unknown) => {
      if (this.#closings === closings) this.#using = this.#engine !== undefined;
      throw problem;
    });
    if (this.#closings !== closings) throw unable('closed', action, 'the thread was closed');
    this.#engine ??= threads.open(this.rootId, this.#face());
    this.listenerAdded();
    return this.#engine;
  }

  protected override listenerAdded(): void {
    this.#keep();
    if (this.#engine === undefined) return;
    for (const event of this.eventNames()) if (!EVENTS.includes(event)) this.#vain.tell(neverComes(event));
  }

  #face(): ThreadFace {
    return {
      emit: (event, ...args) => {
        this.emit(event, ...(args as never));
      },
      change: this.#announceChange,
    };
  }
}

/** How a thread reaches its room. */
export interface ThreadAccess {
  /** Loads the code of threads; rejects with a ChatError when the room is not joined. */
  load(action: string): Promise<Threads>;
  /** The message as the room shows it, if it is in memory. */
  root(id: string): Message | undefined;
  /** The root of the thread that a message is a reply of. */
  rootOf(id: string): string | undefined;
}

/** So many threads that nobody uses are kept at least. */
const SPARE = 100;

/** The threads of a room, by their roots. */
export class ChatThreads {
  readonly #access: ThreadAccess;
  readonly #threads = new AboutMessages<ChatThread>(
    SPARE,
    (_, thread) => thread.isOpen || thread.eventNames().length > 0,
  );
  /** Those that somebody holds as well: there are never two of one thread. */
  readonly #held = new Map<string, WeakRef<ChatThread>>();
  /** With so many, those that are gone are looked for. */
  #limit = SPARE;

  constructor(access: ThreadAccess) {
    this.#access = access;
  }

  /** The thread of a message; that of a reply is the one that it is in. Throws a ChatError `invalid-argument`. */
  get(id: string): ChatThread {
    assertMessageId(id, 'open the thread');
    const rootId = this.#access.rootOf(id) ?? id;
    let thread = this.#held.get(rootId)?.deref();
    if (!thread) {
      if (this.#held.size >= this.#limit) {
        for (const [id, gone] of this.#held) if (!gone.deref()) this.#held.delete(id);
        this.#limit = 2 * this.#held.size + SPARE;
      }
      const made = new ChatThread(rootId, this.#access, () => this.#threads.set(rootId, made));
      thread = made;
      this.#held.set(rootId, new WeakRef(thread));
    }
    // The one asked for last is dropped last.
    this.#threads.set(rootId, thread);
    return thread;
  }
}
