import type { ChatError, ChatRoom, ChatThread, Message, RoomStatus } from '../index.js';
import { ObservableValue } from '../shared/observable.js';
import { follow, isCalled } from './calls.js';
import { SharedUse } from './shared-use.js';
import type { TypingState } from './typing-state.js';
import { stable, type View } from './view.js';

export const THREAD_ACTIONS = [
  'send',
  'edit',
  'delete',
  'react',
  'unreact',
  'retry',
  'discard',
  'loadOlder',
] as const;
const EVENTS = ['change', 'history', 'update', 'read', 'typing'] as const;

/** The functions of a thread: always the same, and not in need of a `this`. */
export type ThreadActions = {
  readonly [Name in (typeof THREAD_ACTIONS)[number]]: ChatThread[Name];
};

/** The visible state of a thread. */
export interface ThreadState {
  /** The message that the thread hangs on; undefined when it is hidden or not in memory. */
  readonly root: Message | undefined;
  /** The replies in memory, oldest first. */
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly unread: ChatThread['read']['unread'];
  /** The last failure, until the thread is opened again. */
  readonly error: ChatError | undefined;
}

/** A thread as the adapters need it. It is open while somebody uses it, through every join of its room. */
export class ThreadUi {
  readonly actions: ThreadActions;
  readonly state: View<ThreadState>;
  readonly typing: View<TypingState>;
  readonly use: () => () => void;
  readonly #room: ChatRoom;
  readonly #rootId: string;
  /** Another object with each change. */
  readonly #news = new ObservableValue({});
  #thread: ChatThread | undefined;
  #error: ChatError | undefined;

  constructor(room: ChatRoom, rootId: string) {
    this.#room = room;
    this.#rootId = rootId;
    const call = async (name: (typeof THREAD_ACTIONS)[number], args: unknown[]) => {
      const thread = this.#find();
      return (thread[name] as (...args: unknown[]) => unknown).apply(thread, args);
    };
    this.actions = Object.fromEntries(
      THREAD_ACTIONS.map((name) => [name, (...args: unknown[]) => follow(this, name, call(name, args))]),
    ) as unknown as ThreadActions;
    this.state = this.#view(() => {
      const { root, messages, hasOlder, read } = this.#thread ?? NOTHING;
      return { root, messages, hasOlder, unread: read.unread, error: this.#error };
    });
    this.typing = this.#view(() => {
      const { users, many } = (this.#thread ?? NOTHING).typing;
      return { users, many };
    });
    this.use = new SharedUse(() => this.#open()).use;
  }

  get messages(): readonly Message[] {
    return (this.#thread ?? NOTHING).messages;
  }

  readonly mark: ChatThread['read']['mark'] = async (id) => this.#find().read.mark(id);
  /** Before the room was ever joined they do nothing, as those of the room do. */
  readonly keystroke = (): void => this.#thread?.typing.keystroke();
  readonly stop = (): void => this.#thread?.typing.stop();

  /** Throws a ChatError `not-joined` before the room was ever joined. */
  #find(): ChatThread {
    return this.#room.thread(this.#rootId);
  }

  /** Called while there is no thread yet. */
  #view<T extends object>(read: () => T): View<T> {
    return { get: stable(read), subscribe: (listener) => this.#news.subscribe(listener), empty: read() };
  }

  readonly #tell = (): void => this.#news.set({});

  readonly #fail = (error: ChatError): void => {
    this.#error = error;
    this.#tell();
  };

  #open(): () => unknown {
    const room = this.#room;
    const begin = (status: RoomStatus) => {
      // One that is open is read again anyway, and its failure is told once more if it is not over.
      if (status === 'joined') this.#begin();
    };
    room.on('change', this.#tell).on('status', begin);
    begin(room.status);
    return () => {
      if (isSending(this)) return true;
      room.off('change', this.#tell).off('status', begin);
      const thread = this.#thread;
      this.#thread = undefined;
      for (const event of EVENTS) thread?.off(event, this.#tell);
      thread?.off('error', this.#fail);
      // It would drop what failed.
      if (thread?.messages.every(({ status }) => status === 'sent')) thread.close();
    };
  }

  #begin(): void {
    try {
      if (this.#thread === undefined) {
        this.#thread = this.#find();
        for (const event of EVENTS) this.#thread.on(event, this.#tell);
        this.#thread.on('error', this.#fail);
      }
      this.#error = undefined;
      this.#thread.open().then(this.#tell, (error: ChatError) => {
        if (this.#thread !== undefined) this.#fail(error);
      });
    } catch (error) {
      this.#fail(error as ChatError);
    }
  }
}

/** Whether something of the user is on its way, which ends within the time that the room tries it. */
export function isSending(one: { readonly messages: readonly Message[] } | undefined): boolean {
  return one !== undefined && (isCalled(one) || one.messages.some(({ status }) => status === 'sending'));
}

const NOTHING = {
  root: undefined,
  messages: [] as readonly Message[],
  hasOlder: false,
  read: { unread: { count: 0, mentions: 0, capped: false } },
  typing: { users: [], many: false } as TypingState,
};
