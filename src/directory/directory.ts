import { RoomEventBus } from '../features/event-bus.js';
import type { RoomEvent } from '../features/room-event.js';
import { MessageIds } from '../messages/message-id.js';
import type { DirectoryContext } from '../session/chat-session.js';
import type { DirectoryBody, JoinedRoom, RoomSummary, SeenMessage } from '../session/room-directory.js';
import { asChatError } from '../shared/as-chat-error.js';
import { type Scheduler, withWallClock } from '../shared/clock.js';
import { ChatError, invalidArgument, unable } from '../shared/errors.js';
import { eventsTopic } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import { publish } from '../transport/operations/topics.js';
import { ActivityWriter } from './activity-writer.js';
import { asNews, type Title, titleProblem } from './directory-entry.js';
import { DirectoryState, type Stored } from './directory-state.js';
import { DirectoryStore } from './directory-store.js';
import { directoryClosed, OpenedDirectory } from './opened-directory.js';
import { OwnMessages } from './own-messages.js';
import { OwnTitles } from './own-titles.js';
import { RoomLink } from './room-link.js';
import { RoomList } from './room-list.js';

const EVENT = 'room';
/** A message that was sent so long ago (milliseconds) may be older than what others wrote to its room. */
const LATE_MS = 2000;

/** The directory of rooms, once it is used: state is in storage, and events make it quick. */
export class Directory implements DirectoryBody {
  readonly #context: DirectoryContext;
  readonly #life = new AbortController();
  readonly #state = new DirectoryState();
  readonly #list: RoomList;
  /** Its wall clock is set right by the server's. */
  readonly #clock: Scheduler;
  readonly #link: RoomLink;
  readonly #store: DirectoryStore;
  readonly #ids: MessageIds;
  readonly #bus: RoomEventBus;
  readonly #writer: ActivityWriter;
  readonly #own = new OwnMessages();
  readonly #titles: OwnTitles;
  /** Calls of `create()` under way. */
  #creating = 0;
  /** The token may not write. */
  #readOnly = false;
  #unwatch = () => {};
  #opened: OpenedDirectory | undefined;

  constructor(context: DirectoryContext) {
    const { cache, directory, environment, companion } = context;
    const { scheduler } = environment;
    const { signal } = this.#life;
    this.#context = context;
    this.#link = new RoomLink({ room: directory, cache, scheduler, connection: context.openConnection() });
    const clock = withWallClock(scheduler, () => this.#link.connection.now());
    this.#clock = clock;
    this.#ids = new MessageIds(clock);
    this.#store = new DirectoryStore({
      link: this.#link,
      directory,
      companion,
      clock,
      signal,
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
      latest: (room) => this.#state.at(room),
      isStored: async (room, at) => {
        await this.#link.attach();
        // A token may write the list that may not read it.
        return this.#store.isWritten(room, at).catch((problem: ChatError) => {
          if (problem.code === 'permission-denied') return false;
          throw problem;
        });
      },
      write: (...activity) => this.#write(...activity),
      onIdle: () => this.#release(),
    });
    this.#titles = new OwnTitles({
      scheduler,
      signal,
      write: async (name, title) => {
        // Another one was given meanwhile.
        if ((this.#state.title(name)?.id ?? '') > title.id) return;
        await this.#store.setTitle(name, title);
        await this.#tell(name, 0, title);
      },
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
    this.#creating += 1;
    try {
      await this.#link.attach();
      let given: Title | undefined;
      if (title !== undefined) {
        given = await this.#store.giveTitle(name, { id: this.#ids.next(), text: title });
        this.#titles.add(name, given);
      }
      const at = await this.#store.add(name);
      await this.#tell(name, at, given);
      if (this.#opened !== undefined) this.#noted(name, at, given);
      await this.#store.announce(name);
    } catch (problem) {
      throw asChatError('create the room', problem);
    } finally {
      this.#creating -= 1;
      this.#release();
    }
  }

  async open(): Promise<void> {
    // It may come with another token.
    this.#readOnly = false;
    const opened = this.#begin();
    try {
      await opened.start();
      for (const room of this.#context.rooms.joined) this.noticed(room);
      opened.goOn();
    } catch (problem) {
      const { aborted, reason } = opened.signal;
      if (this.#opened === opened) await this.close();
      throw asChatError('open the directory', aborted ? reason : problem);
    }
  }

  async close(): Promise<void> {
    this.#opened?.end(directoryClosed());
    this.#opened = undefined;
    this.#state.clear();
    this.#list.end();
    this.#release();
  }

  end(): void {
    void this.close();
    this.#life.abort(directoryClosed());
    this.#detach();
  }

  noticed(room: JoinedRoom, message?: SeenMessage): void {
    if (this.#life.signal.aborted) return;
    const joined = this.#context.rooms.joined.has(room);
    if (joined && this.#opened?.ready) room.startReading();
    this.#list.touch(room.room);
    const news = message === undefined ? undefined : this.#own.look(room, message);
    const wants = this.#context.writes || this.#opened !== undefined;
    const writes = wants && !this.#readOnly;
    if (writes && joined) this.#writer.failed.later();
    if (writes && news === 'changed') this.#writer.changed(room.room);
    else if (wants && news !== undefined && news !== 'changed') {
      this.#writer.said(room.room, news, writes, this.#clock.now() - news > LATE_MS);
      if (writes && this.#opened !== undefined) this.#noted(room.room, news);
    }
    if (!joined) this.#release();
  }

  #begin(): OpenedDirectory {
    this.#opened?.end(directoryClosed());
    const opened = new OpenedDirectory({
      context: this.#context,
      clock: this.#clock,
      link: this.#link,
      state: this.#state,
      store: this.#store,
      list: this.#list,
      onItem: (item) => this.#bus.receive(item),
      onName: (name) => {
        if (!this.#state.has(name)) this.#noted(name, this.#clock.now());
      },
      onRead: (stored) => this.#repair(stored),
    });
    this.#opened = opened;
    return opened;
  }

  /** Writes again each own time and title that is newer than the stored one. */
  #repair(stored: Stored): void {
    this.#writer.read(stored.times);
    this.#titles.read(stored);
  }

  #hear({ data, own }: RoomEvent): void {
    if (own || this.#opened === undefined) return;
    const news = asNews(data, this.#clock.now());
    if (news === undefined) {
      this.#report(malformed());
      return;
    }
    const { name, at, title } = news;
    if (title !== undefined) this.#titles.heard(name, title);
    // It tells that something about the room changed, and not that it is there.
    if (at === 0 && !this.#state.has(name)) return;
    if (at > 0) this.#writer.heard(name, at);
    this.#noted(name, at, title);
  }

  #noted(name: string, at: number, title?: Title): void {
    this.#state.note({ name, at, title });
    this.#list.touch(name);
  }

  /** Stores first, and tells then. */
  async #write(room: string, at: number | undefined, stored: (() => void) | undefined): Promise<void> {
    try {
      await this.#link.attach();
      if (at !== undefined && stored !== undefined) {
        await this.#store.setTime(room, at);
        stored();
        // The own list may have taken an older time out of storage.
        if (this.#opened !== undefined) this.#noted(room, at);
      }
      await this.#tell(room, at ?? 0);
    } catch (problem) {
      if (problem instanceof ChatError && problem.code === 'permission-denied') this.#refused();
      throw problem;
    }
  }

  async #tell(name: string, at: number, title?: Title): Promise<void> {
    await this.#bus.send(EVENT, { name, at, ...(title && { title: { id: title.id, title: title.text } }) });
  }

  /** The next token may write, for all that is known. */
  #refused(): void {
    this.#readOnly = true;
    this.#unwatch();
    this.#unwatch = this.#link.onRenewed(() => {
      if (!this.#readOnly) return;
      this.#readOnly = false;
      this.#writer.failed.atOnce();
    });
  }

  /** Gives the token back when nothing needs it. */
  #release(): void {
    const needed =
      this.#opened !== undefined ||
      this.#creating > 0 ||
      !this.#writer.idle ||
      (this.#context.writes && this.#context.rooms.joined.size > 0);
    if (!needed) this.#detach();
  }

  #detach(): void {
    this.#writer.failed.pause();
    this.#unwatch();
    this.#unwatch = () => {};
    this.#readOnly = false;
    this.#link.detach();
  }

  #report(error: ChatError): void {
    this.#opened?.report(error);
  }
}

function malformed(): ChatError {
  return unable('malformed-message', 'read an event of the directory', 'it tells of no room');
}
