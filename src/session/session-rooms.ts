import { invalidArgument, unable } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import type { DirectoryBody, JoinedRoom, RoomDirectory, RoomSummary, SeenMessage } from './room-directory.js';

const NO_ROOMS: readonly RoomSummary[] = [];

/** The directory as it stands on the page, and the joined rooms that it is to know, before its code is loaded. */
export class SessionRooms implements RoomDirectory {
  /** Joined rooms of the session. */
  readonly joined = new Set<JoinedRoom>();
  readonly #load: (action: string) => Promise<DirectoryBody>;
  /** Whether what is sent in joined rooms is written to the directory although it was never opened. */
  readonly #writes: boolean;
  #body: DirectoryBody | undefined;
  #loading: Promise<DirectoryBody> | undefined;
  #opening: Promise<void> | undefined;
  /** All who have it open; the app is this object itself. */
  readonly #holders = new Set<object>();
  /** Changes with each `open()` and `close()`. */
  #turn = 0;
  #ended = false;

  constructor(load: (action: string) => Promise<DirectoryBody>, options: { writes: boolean }) {
    this.#load = load;
    this.#writes = options.writes;
  }

  get list(): readonly RoomSummary[] {
    return this.#body?.list ?? NO_ROOMS;
  }

  async create(name: string, options: { title?: string | undefined } = {}): Promise<void> {
    if (!isObject(options as unknown))
      throw invalidArgument('create the room', 'its options are not an object');
    await (await this.#use('create the room')).create(name, options);
  }

  open(holder: object = this): Promise<void> {
    this.#holders.add(holder);
    this.#opening ??= this.#open(++this.#turn);
    return this.#opening;
  }

  async close(holder: object = this): Promise<void> {
    this.#holders.delete(holder);
    if (this.#holders.size === 0) await this.shut();
  }

  /** @internal Closes it, whoever has it open. */
  async shut(): Promise<void> {
    this.#holders.clear();
    this.#turn += 1;
    this.#opening = undefined;
    await this.#body?.close();
  }

  /** @internal A room was joined. */
  entered(room: JoinedRoom): void {
    this.joined.add(room);
    this.#notice(room);
  }

  /** @internal A room was left, if it was joined. It is not read before its last words are `stored`: what it has read counts. */
  left(room: JoinedRoom, stored?: Promise<unknown>): void {
    if (this.joined.delete(room)) void Promise.resolve(stored).then(() => this.#notice(room));
  }

  /** @internal Something changed in a room; `message` is new or changed. While it is not joined, that is nobody's business. */
  changed(room: JoinedRoom, message?: SeenMessage): void {
    if (this.joined.has(room)) this.#notice(room, message);
  }

  #notice(room: JoinedRoom, message?: SeenMessage): void {
    if (this.#body !== undefined) this.#body.noticed(room, message);
    else if (this.#loading !== undefined || (this.#writes && message?.own)) {
      this.#use('write the directory')
        .then((body) => body.noticed(room, message))
        .catch(() => {});
    }
  }

  /** @internal The session ends. */
  end(): void {
    this.#ended = true;
    this.#opening = undefined;
    this.#body?.end();
  }

  async #open(turn: number): Promise<void> {
    try {
      const body = await this.#use('open the directory');
      if (turn === this.#turn) await body.open();
    } catch (problem) {
      // The app closed it itself: there is nothing to tell.
      if (turn !== this.#turn && !this.#ended) return;
      if (turn === this.#turn) {
        this.#opening = undefined;
        this.#holders.clear();
      }
      throw problem;
    }
  }

  async #use(action: string): Promise<DirectoryBody> {
    this.#loading ??= this.#load(action).then(
      (body) => {
        this.#body = body;
        return body;
      },
      (problem: unknown) => {
        this.#loading = undefined;
        throw problem;
      },
    );
    const body = await this.#loading;
    if (!this.#ended) return body;
    body.end();
    throw unable('closed', action, 'the session was closed');
  }
}
