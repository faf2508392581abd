import { vi } from 'vitest';
import type { ChatRoom, ChatRoomOptions } from '../../src/index.js';
// Loaded ahead, so that nothing waits for the disk while virtual time stands still.
import '../../src/features/pins.js';
import '../../src/features/presence.js';
import '../../src/features/reaction-writer.js';
import '../../src/features/read.js';
import '../../src/features/revision-writer.js';
import '../../src/features/signals.js';
import '../../src/features/typing.js';
import '../../src/room/threads.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

/** So long an adapter keeps a room that nobody uses. */
export const GRACE_MS = 3000;
/** One for its messages, one for its events. */
export const ROOM_SUBSCRIPTIONS = 2;
export const ADA = { id: 'ada', name: 'Ada' };

/** The two clocks of a page, its own and that of its rooms, take turns. */
const STEP_MS = 500;

/** A page on one device of a world in virtual time. */
export class Page {
  readonly world: InProcessWorld = inProcessWorld();
  readonly device: InProcessClient = this.world.client({ userId: 'ada' });
  readonly session = this.device.session();
  readonly container: HTMLElement = document.body.appendChild(document.createElement('div'));
  /** Errors and warnings on the console. */
  readonly complaints: string[] = [];
  readonly #rooms: ChatRoom[] = [];
  readonly #ends: (() => unknown)[] = [];

  constructor() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (const level of ['error', 'warn'] as const)
      vi.spyOn(console, level).mockImplementation((...args: unknown[]) => {
        this.complaints.push(args.map(String).join(' '));
      });
  }

  get text(): string {
    return this.container.textContent ?? '';
  }

  /** Subscriptions that were ever opened. */
  get subscribed(): number {
    return this.world.calls.Subscribe ?? 0;
  }

  /** Subscriptions that are open. */
  get subscriptions(): number {
    return this.world.engine.engine.topics.subscriptionCount;
  }

  /** The room that was made last by its name. */
  get lastRoom(): ChatRoom {
    const room = this.#rooms.at(-1);
    if (room === undefined) throw new Error('unable to give the room; none was made');
    return room;
  }

  /** For a `ChatProvider`. */
  readonly createRoom = (options: ChatRoomOptions): ChatRoom => {
    this.#rooms.push(this.room(options));
    return this.lastRoom;
  };

  /** A room on this device. */
  room(options: Pick<ChatRoomOptions, 'room' | 'user'> & Partial<ChatRoomOptions>): ChatRoom {
    return this.device.room(options);
  }

  /** Joins rooms. */
  join(...rooms: ChatRoom[]): Promise<void> {
    return this.through(() => this.world.join(...rooms));
  }

  /** Somebody else joins the room; they leave at the end. */
  async other(room: string): Promise<ChatRoom> {
    const other = this.world.room({ room, user: { id: 'bob', name: 'Bob' } });
    await this.join(other);
    this.atEnd(() => other.leave());
    return other;
  }

  /** Lets time pass until the promise has settled. */
  result<T>(promise: Promise<T>): Promise<T> {
    return this.through(() => this.world.result(promise));
  }

  /** Lets time pass: that of the rooms and that of the page. */
  run(ms: number): Promise<void> {
    return this.through(async () => {
      for (let left = ms; left > 0; left -= STEP_MS) {
        await vi.advanceTimersByTimeAsync(Math.min(left, STEP_MS));
        await this.world.run(Math.min(left, STEP_MS));
      }
    });
  }

  /** As on a server, where there is no document. */
  async onServer<T>(act: () => T | Promise<T>): Promise<T> {
    const { document } = globalThis;
    Reflect.deleteProperty(globalThis, 'document');
    try {
      return await act();
    } finally {
      globalThis.document = document;
    }
  }

  get input(): HTMLInputElement {
    const input = this.container.querySelector('input');
    if (input === null) throw new Error('unable to give the input; there is none');
    return input;
  }

  /** Types into the page's input, key by key. */
  async type(text: string): Promise<void> {
    const { input } = this;
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    for (let end = 1; end <= text.length; end += 1)
      await this.through(async () => {
        set?.call(input, text.slice(0, end));
        input.dispatchEvent(new Event('input', { bubbles: true }));
      });
  }

  /** Called at the end, the last one first. */
  atEnd(act: () => unknown): void {
    this.#ends.unshift(act);
  }

  /** Does it within whatever a framework wraps around everything that happens. */
  protected through<T>(act: () => Promise<T>): Promise<T> {
    return act();
  }

  /** The page is taken down; the grace passes, and nothing is left behind (G5). */
  async end(): Promise<void> {
    for (const act of this.#ends) await this.through(() => this.world.result(Promise.resolve(act())));
    await this.run(GRACE_MS + 2000);
    const timers = vi.getTimerCount();
    this.container.remove();
    vi.useRealTimers();
    vi.restoreAllMocks();
    await this.world.end();
    if (timers > 0) throw new Error(`unable to end; ${timers} timers of the page are left`);
  }
}
