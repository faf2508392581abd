import type { Message } from '../messages/message.js';
import type { RoomStatus } from '../room/events.js';
import { ConversationView } from './conversation-view.js';
import { h } from './dom.js';
import type { Room } from './faces.js';
import { Listening } from './listening.js';
import { Notice } from './notice.js';
import { RoomHeader } from './room-header.js';
import { RoomPanes } from './room-panes.js';
import type { Ui } from './ui.js';
import { sending } from './when-sent.js';

export interface RoomViewHooks {
  /** Tells the page of an event. */
  emit(event: 'message' | 'status' | 'error' | 'unread', detail: object): void;
  toggleRooms(): void;
}

/** A room in the interface: what it says is shown, what a person does is asked of it. */
export class RoomView {
  readonly main: HTMLElement;
  readonly side: HTMLElement;
  readonly #ui: Ui;
  readonly #room: Room;
  readonly #userName: string;
  readonly #hooks: RoomViewHooks;
  readonly #header: RoomHeader;
  readonly #notice: Notice;
  readonly #view: ConversationView;
  readonly #panes: RoomPanes;
  readonly #empty: HTMLElement;
  readonly #listening: Listening;
  #joining: Promise<void> = Promise.resolve();
  /** Called once the room is joined. */
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(
    ui: Ui,
    room: Room,
    { title, userName, hooks }: { title: string; userName: string; hooks: RoomViewHooks },
  ) {
    this.#ui = ui;
    this.#room = room;
    this.#userName = userName;
    this.#hooks = hooks;
    const refocus = () => this.focus();
    this.#header = new RoomHeader(ui, title, {
      people: () => this.#panes.togglePeople(),
      pins: room.pin && (() => this.#panes.togglePins()),
      search: room.search && (() => void this.#panes.toggleSearch()),
      rooms: () => hooks.toggleRooms(),
    });
    this.#panes = new RoomPanes(ui, room, {
      banner: this.#header.paneBanner,
      shown: (name) => this.#header.showOpen(name),
      ready: () => this.#ready(),
      failed: (error) => this.#fail(error),
      refocus,
      uncovered: () => this.#view.look(),
      jump: (id) => this.#view.jump(id),
      pageTo: (id) => void this.#view.pageTo(id),
      changed: () => this.#showPeople(),
    });
    this.side = this.#panes.side.element;
    this.#notice = new Notice(ui, { again: () => this.join(), refocus });
    this.#view = this.#converse();
    this.#empty = h(
      'div',
      { class: 'empty', part: 'empty', hidden: true },
      h('slot', { name: 'empty' }, h('p', {}, ui.texts.empty)),
    );
    this.main = h(
      'div',
      { class: 'main', part: 'main' },
      this.#header.element,
      this.#header.banner,
      h('div', { class: 'below' }, this.#view.element, this.#empty),
      this.#notice.element,
    );
    this.#listening = this.#listen();
    ui.people.present = () => room.presence?.members ?? [];
  }

  /** Joins the room, if it is not, or waits for the join that is under way. */
  join(): void {
    this.#notice.hide();
    this.#showStatus();
    const joining = this.#room.join();
    // Its status has told of it by now, as it tells of a join by the app.
    if (joining === this.#joining) return;
    this.#joining = joining;
    joining.then(
      () => this.#entered(),
      (error: unknown) => this.#fail(error),
    );
  }

  focus(): void {
    const { side } = this.#panes;
    if (side.covers) side.focus();
    else this.#view.composer.text.focus();
  }

  /** The element was moved, which scrolls what is in it to its top. */
  keepPlace(): void {
    this.#view.keepPlace();
  }

  showRooms(several: boolean): void {
    this.#header.showRooms(several);
  }

  close(): void {
    this.#closed = true;
    this.#listening.end();
    this.#panes.close();
    this.#view.close();
    this.#ui.popups.close();
  }

  #converse(): ConversationView {
    const room = this.#room;
    const ready = () => this.#ready();
    return new ConversationView(this.#ui, room, {
      room,
      id: 'room',
      label: this.#ui.texts.messages,
      hooks: {
        ready,
        joined: this.#joined,
        failed: (error) => this.#fail(error),
        fine: () => {
          if (room.status !== 'failed') this.#notice.hide();
        },
        isOpening: () => room.status === 'joining',
        ...(room.thread && { openThread: (id) => this.#panes.openThread(id) }),
        ...(room.loadAround && { openAround: (id) => void this.#panes.openAround(id) }),
        hide: this.#panes.hide,
        ...(room.pin && {
          pin: (message, pinned) => {
            const work = pinned ? room.pin?.(message.id) : room.unpin?.(message.id);
            const { pinnedNow, unpinnedNow } = this.#ui.texts;
            sending(work, room)?.then(
              () => this.#ui.announce(pinned ? pinnedNow : unpinnedNow),
              (error: unknown) => this.#fail(error),
            );
          },
          isPinned: (id) => room.pinned?.some((one) => one.id === id) ?? false,
        }),
        rendered: (messages) => {
          this.#panes.refresh(messages);
          const { status, hasOlder, hidden } = room;
          this.#empty.hidden = messages.size > 0 || status !== 'joined' || hasOlder || Boolean(hidden?.size);
        },
      },
    });
  }

  #listen(): Listening {
    const room = this.#room;
    const listening = new Listening(room);
    listening.on('message', (message: Message) => this.#hooks.emit('message', { message }));
    listening.on('status', (status: RoomStatus) => {
      // Another listener may have left it at once.
      if (room.status === 'joining') this.join();
      this.#showStatus();
      this.#view.render();
      if (status === 'joined') {
        this.#notice.hide();
        for (const tell of this.#waiting.splice(0)) tell();
      }
      this.#hooks.emit('status', { status });
    });
    listening.on('error', (error: unknown) => {
      // Anybody may publish anything: only an end of the room concerns the reader. The status line
      // tells of calls that are being tried again, and a message tells whether it was sent.
      if (room.status === 'failed') this.#fail(error);
      this.#hooks.emit('error', { error });
    });
    if (room.presence) listening.on('presence', () => this.#showPeople());
    if (room.pin) listening.on('pins', () => this.#panes.showPins());
    if (room.read)
      listening.on('read', () => {
        const { count = 0, mentions = 0 } = room.read?.unread ?? {};
        this.#hooks.emit('unread', { count, mentions });
      });
    return listening;
  }

  get #isJoined(): boolean {
    const { status } = this.#room;
    return status === 'joined' || status === 'reconnecting';
  }

  /** The app may have joined its room itself, after a join from here had failed. */
  #ready(): Promise<void> {
    return this.#isJoined ? Promise.resolve() : this.#joining;
  }

  readonly #joined = (): Promise<void> =>
    this.#ready().catch(() => new Promise((resolve) => this.#waiting.push(resolve)));

  #entered(): void {
    // Left meanwhile, a join resolves as well.
    if (this.#closed || !this.#isJoined) return;
    this.#view.render();
    // Being seen is no condition for talking: what fails here is told to the page alone.
    this.#room.presence?.enter().catch((error: unknown) => this.#hooks.emit('error', { error }));
    this.#showPeople();
  }

  #fail(error: unknown): void {
    const { status } = this.#room;
    // The reader is in another room by now.
    if (this.#closed) this.#hooks.emit('error', { error });
    else this.#notice.show(error, { canTryAgain: status === 'failed' || status === 'idle' });
  }

  #showStatus(): void {
    this.#header.showStatus(this.#room.status, this.#userName);
  }

  #showPeople(): void {
    this.#header.showPeople(this.#room.presence?.count ?? 0, this.#room.hidden?.size ?? 0);
    this.#panes.showPeople();
  }
}
