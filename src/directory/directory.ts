import { RoomEventBus } from '../features/event-bus.js';
import type { RoomEvent } from '../features/room-event.js';
import { MessageIds } from '../messages/message-id.js';
import type { DirectoryContext } from '../session/chat-session.js';
import type { DirectoryBody, JoinedRoom, RoomSummary, SeenMessage } from '../session/room-directory.js';
import { asChatError } from '../shared/as-chat-error.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import { eventsTopic } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import { publish } from '../transport/operations/topics.js';
import { ActivityWriter } from './activity-writer.js';
import { asNews, type Title, titleProblem } from './directory-entry.js';
import { DirectoryState } from './directory-state.js';
import { DirectoryStore } from './directory-store.js';
import { DirectoryStreams } from './directory-streams.js';
import { OwnMessages } from './own-messages.js';
import { OwnTitles } from './own-titles.js';
import { RoomHeads } from './room-heads.js';
import { RoomLink } from './room-link.js';
import { RoomList } from './room-list.js';

const EVENT = 'room';
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** A first reading that has not succeeded after so long fails the opening (milliseconds). */
const OPEN_PATIENCE_MS = 15_000;

/** One time between `open()` and `close()`. */
interface Opened {
  life: AbortController;
  heads: RoomHeads;
  streams: DirectoryStreams;
  /** Codes and texts of what was reported. */
  reported: Set<string>;
  ready: boolean;
  reading: boolean;
  again: boolean;
}

/** The directory of rooms, once it is used: state is in storage, and events make it quick. */
export class Directory implements DirectoryBody {
  readonly #context: DirectoryContext;
  readonly #life = new AbortController();
  readonly #state = new DirectoryState();
  readonly #list: RoomList;
  readonly #link: RoomLink;
  readonly #store: DirectoryStore;
  readonly #ids: MessageIds;
  readonly #bus: RoomEventBus;
  readonly #writer: ActivityWriter;
  readonly #own = new OwnMessages();
  readonly #titles = new OwnTitles();
  /** Calls of `create()` under way. */
  #creating = 0;
  /** The token may not write. */
  #readOnly = false;
  #opened: Opened | undefined;

  constructor(context: DirectoryContext) {
    const { cache, directory, environment, companion } = context;
    const { scheduler } = environment;
    const { signal } = this.#life;
    this.#context = context;
    this.#link = new RoomLink({ room: directory, cache, scheduler, connection: context.openConnection() });
    const now = () => this.#link.connection.now();
    const clock = { now, random: () => scheduler.random() };
    this.#ids = new MessageIds(clock);
    this.#store = new DirectoryStore({
      link: this.#link,
      directory,
      companion,
      clock: { now, monotonic: () => scheduler.monotonic() },
      onTrouble: (error) => this.#report(error),
    });
    this.#bus = new RoomEventBus({
      publish: (value) =>
        this.#link.call(
          publish,
          { topic: eventsTopic(directory), value },
          { action: 'write the directory', signal },
        ),
      ids: this.#ids,
      author: () => ({ id: this.#link.connection.userId, name: '' }),
      isOwn: () => false,
      clock,
      onMalformed: () => this.#report(malformed()),
    });
    this.#bus.on(EVENT, (event) => this.#hear(event));
    this.#writer = new ActivityWriter({
      scheduler,
      signal,
      write: (room, at) => this.#write(room, at),
      onIdle: () => this.#release(),
    });
    this.#list = new RoomList({
      state: this.#state,
      joined: context.rooms.joined,
      scheduler,
      onNeeded: (room) => this.#opened?.heads.want(room),
      onChange: (list) => context.emit('rooms', list),
    });
  }

  get list(): readonly RoomSummary[] {
    return this.#list.list;
  }

  async create(name: string, { title }: { title?: string | undefined }): Promise<void> {
    const problem = roomNameProblem(name) ?? (title === undefined ? undefined : titleProblem(title));
    if (problem !== undefined) throw invalidArgument('create the room', problem);
    const { signal } = this.#life;
    this.#creating += 1;
    try {
      await this.#link.attach();
      const given = title === undefined ? undefined : { id: this.#ids.next(), text: title };
      if (given !== undefined) {
        await this.#store.setTitle(name, given, signal);
        this.#titles.add(name, given);
      }
      const at = await this.#store.add(name, signal);
      await this.#tell(name, at, given);
      if (this.#opened !== undefined) this.#noted(name, at, given);
      await this.#store.announce(name, signal);
    } catch (problem) {
      throw asChatError('create the room', problem);
    } finally {
      this.#creating -= 1;
      this.#release();
    }
  }

  async open(): Promise<void> {
    const opened = this.#begin();
    const { life, streams } = opened;
    try {
      await this.#link.attach((error) => this.#report(error));
      await streams.start();
      await this.#read(opened, OPEN_PATIENCE_MS);
      if (life.signal.aborted) throw closed();
      opened.ready = true;
      this.#list.begin();
      for (const room of this.#context.rooms.joined) this.noticed(room);
      if (opened.again) this.#resync(opened);
    } catch (problem) {
      const left = life.signal.aborted;
      if (this.#opened === opened) await this.close();
      throw asChatError('open the directory', left ? life.signal.reason : problem);
    }
  }

  async close(): Promise<void> {
    this.#opened?.life.abort(closed());
    this.#opened = undefined;
    this.#state.clear();
    this.#list.end();
    this.#release();
  }

  end(): void {
    void this.close();
    this.#life.abort(closed());
    this.#link.detach();
  }

  noticed(room: JoinedRoom, message?: SeenMessage): void {
    if (this.#life.signal.aborted) return;
    const joined = this.#context.rooms.joined.has(room);
    if (joined && this.#opened?.ready) room.startReading();
    this.#list.touch(room.room);
    const news = message === undefined ? undefined : this.#own.look(room, message);
    const writes = (this.#context.writes || this.#opened !== undefined) && !this.#readOnly;
    if (writes && news === 'changed') this.#writer.changed(room.room);
    else if (writes && news !== undefined && news !== 'changed') {
      this.#writer.said(room.room, news);
      if (this.#opened !== undefined) this.#noted(room.room, news);
    }
    if (!joined) this.#release();
  }

  #begin(): Opened {
    const { cache, environment, directory, companion, rooms, openConnection } = this.#context;
    const { scheduler } = environment;
    const life = new AbortController();
    const opened: Opened = {
      life,
      heads: new RoomHeads({
        cache,
        scheduler,
        signal: life.signal,
        openConnection,
        now: () => this.#link.connection.now(),
        userId: () => [...rooms.joined].map((room) => room.userId()).find((id) => id !== undefined),
        onHead: (room, head) => this.#list.setHead(room, head),
        onError: (error) => this.#report(error),
      }),
      streams: new DirectoryStreams({
        cache,
        directory,
        companion,
        environment,
        connection: this.#link.connection,
        signal: life.signal,
        onItem: (item) => this.#bus.receive(item),
        onName: (name) => {
          if (!this.#state.has(name)) this.#noted(name, this.#link.connection.now());
        },
        onMissed: () => this.#resync(opened),
        onTrouble: (error) => this.#report(error),
        onFailed: (error) => {
          this.#report(error);
          // It can be opened anew.
          if (!opened.ready) life.abort(error);
          else if (this.#opened === opened) void rooms.close();
        },
      }),
      reported: new Set(),
      ready: false,
      reading: false,
      again: false,
    };
    this.#opened?.life.abort(closed());
    this.#opened = opened;
    return opened;
  }

  /** Events may have been missed: everything is read again, once for all that asked meanwhile. */
  #resync(opened: Opened): void {
    opened.again = true;
    if (!opened.ready || opened.reading) return;
    this.#read(opened).catch((problem: unknown) => {
      if (opened.life.signal.aborted) return;
      this.#report(asChatError('read the directory', problem));
      void this.#context.rooms.close();
    });
  }

  async #read(opened: Opened, patienceMs?: number): Promise<void> {
    const { signal } = opened.life;
    opened.reading = true;
    try {
      do {
        opened.again = false;
        await retry(
          async () => {
            this.#state.begin();
            const stored = await this.#store.read(signal);
            if (signal.aborted) return;
            this.#state.take(stored);
            this.#repair(stored);
          },
          {
            scheduler: this.#context.environment.scheduler,
            signal,
            backoff: BACKOFF,
            onTrouble: (error) => this.#report(error),
            ...(patienceMs === undefined ? {} : { patienceMs }),
          },
        );
        const names = this.#list.refresh();
        opened.heads.keep(new Set(names));
      } while (opened.again && opened.ready);
    } finally {
      opened.reading = false;
    }
  }

  /** Writes again each own time and title that is newer than the stored one. */
  #repair({
    times,
    titles,
  }: {
    times: ReadonlyMap<string, number>;
    titles: ReadonlyMap<string, Title>;
  }): void {
    this.#writer.read(times);
    for (const [name, title] of this.#titles.lost(times, titles)) this.#retitle(name, title);
  }

  #retitle(name: string, title: Title): void {
    this.#store
      .setTitle(name, title, this.#life.signal)
      .then(() => this.#tell(name, 0, title))
      .catch(() => {});
  }

  #hear({ data, own }: RoomEvent): void {
    if (own || this.#opened === undefined) return;
    const news = asNews(data, this.#link.connection.now());
    if (news === undefined) {
      this.#report(malformed());
      return;
    }
    const { name, at, title } = news;
    const newer = title && this.#titles.newerThan(name, title);
    if (newer !== undefined) this.#retitle(name, newer);
    // It tells that something about the room changed, and not that it is there.
    if (at === 0 && !this.#state.has(name)) return;
    if (at > 0) this.#writer.heard(name, at);
    this.#noted(name, at, title);
  }

  #noted(name: string, at: number, title?: Title): void {
    this.#state.note(title === undefined ? { name, at } : { name, at, title });
    this.#list.touch(name);
  }

  /** Stores first, and tells then. */
  async #write(room: string, at: number | undefined): Promise<void> {
    try {
      await this.#link.attach();
      if (at !== undefined) await this.#store.setTime(room, at, this.#life.signal);
      await this.#tell(room, at ?? 0);
    } catch (problem) {
      if (problem instanceof ChatError && problem.code === 'permission-denied') this.#readOnly = true;
      throw problem;
    }
  }

  async #tell(name: string, at: number, title?: Title): Promise<void> {
    const data = { name, at, ...(title === undefined ? {} : { title: { id: title.id, title: title.text } }) };
    await this.#bus.send(EVENT, data);
  }

  /** Gives the token back when nothing needs it. */
  #release(): void {
    const needed =
      this.#opened !== undefined ||
      this.#creating > 0 ||
      !this.#writer.idle ||
      (this.#context.writes && this.#context.rooms.joined.size > 0);
    if (!needed) this.#link.detach();
  }

  #report(error: ChatError): void {
    const reported = this.#opened?.reported;
    const key = `${error.code} ${error.message}`;
    if (reported === undefined || reported.has(key) || error.code === 'closed') return;
    reported.add(key);
    this.#context.emit('error', error);
  }
}

function closed(): ChatError {
  return new ChatError('closed', 'unable to go on; the directory was closed');
}

function malformed(): ChatError {
  return new ChatError('malformed-message', 'unable to read an event of the directory; it tells of no room');
}
