import type { ChatUser } from '../messages/message.js';
import type { RoomStatus } from '../room/events.js';
import type { TokenSource } from '../session/token-source.js';
import type { ChatStorage } from '../storage/chat-storage.js';
import { slottedAvatar } from './avatar-slot.js';
import { h } from './dom.js';
import type { Drafts } from './drafts.js';
import type { Room } from './faces.js';
import { areSame, OwnRooms, type RoomSource } from './own-rooms.js';
import { People } from './people.js';
import { asRoom } from './plain-room.js';
import { RoomView } from './room-view.js';
import { listRooms, type SessionLike } from './rooms-beside.js';
import { styleSheet } from './styles/style-sheet.js';
import { formatsIn, inWords, languageOf, textsIn } from './texts/language.js';
import type { Texts } from './texts/texts.js';
import { Ui } from './ui.js';
import { takeDrops } from './uploads.js';

/** Properties that a page may have set before the class was loaded. */
const EARLY = ['room', 'session', 'token', 'storage', 'texts', 'renderAvatar'] as const;

/** Where there is no document the class can be imported all the same. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * A whole chat as an HTML element.
 *
 * Attributes: `room` (a name), `token` (the URL of a token vendor), `user-name`, `user-id`, `cache`, `lang` (`en` or `de`;
 * others with {@link texts}), `theme` (`auto`, `light` or `dark`), `rooms` (`off` for no list of rooms).
 *
 * Events, which bubble: `momento-chat:message` (`detail.message`), `momento-chat:status` (`detail.status`),
 * `momento-chat:error` (`detail.error`), `momento-chat:unread` (`detail.count`, `detail.mentions`), and
 * `momento-chat:room` (`detail.room`) when another room is chosen from the list; `preventDefault()` leaves that to the page.
 *
 * Slots: `title`, `header`, `empty`, `composer`, and `avatar` for a `<template>` that is copied for each user, with
 * `data-user-id` and `data-user-name` on its first element.
 *
 * @example
 * ```html
 * <script type="module" src="/momento-chat/element.js"></script>
 * <momento-chat room="general" token="/token" user-name="Ada"></momento-chat>
 * ```
 */
export class MomentoChat extends Base {
  static readonly observedAttributes = ['room', 'token', 'user-name', 'user-id', 'cache', 'lang', 'rooms'];

  readonly #frame = globalThis.document && h('div', { class: 'frame', part: 'frame' });
  #room: Room | undefined;
  #session: SessionLike | undefined;
  #token: TokenSource | undefined;
  #storage: ChatStorage | undefined;
  #texts: Partial<Texts> | undefined;
  #avatar: ((user: Readonly<ChatUser>) => Node | undefined) | undefined;
  /** All that the room shown now uses. */
  #shown: { inputs: object; view: RoomView; status: () => RoomStatus; end: () => void } | undefined;
  /** Made by this element, and so left by it. */
  #own: OwnRooms | undefined;
  /** Begun in those. */
  readonly #drafts = new Map<string, Drafts>();
  #scheduled = false;
  #wantsFocus = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(h('div', { class: 'chat' }, this.#frame));
    // Beside a conversation that takes files the browser would leave the page for one.
    takeDrops(this.#frame, () => {});
    // They hide the properties of the class until they are set anew.
    for (const name of EARLY)
      if (Object.hasOwn(this, name)) {
        const early = { [name]: this[name] };
        delete (this as Partial<MomentoChat>)[name];
        Object.assign(this, early);
      }
  }

  /** The name of the room, or a `ChatRoom` of your own, which is joined but yours to leave. */
  get room(): string | Room {
    return this.#room ?? this.getAttribute('room') ?? '';
  }

  set room(room: string | Room) {
    this.#room = typeof room === 'string' ? undefined : (room ?? undefined);
    if (typeof room === 'string') this.setAttribute('room', room);
    this.#changed();
  }

  /** A `ChatSession` of your own, whose tokens the room uses, and whose rooms are listed. */
  get session(): SessionLike | undefined {
    return this.#session;
  }

  set session(session: SessionLike | undefined) {
    this.#session = session ?? undefined;
    this.#changed();
  }

  /** Where to get tokens: a URL, as in the attribute, or a function. */
  get token(): TokenSource | undefined {
    return this.#token ?? this.getAttribute('token') ?? undefined;
  }

  set token(token: TokenSource | undefined) {
    this.#token = token;
    this.#changed();
  }

  /**
   * Where unsent messages and drafts survive the page: `indexedDb()` of `momento-chat/storage`. For a room that the element
   * makes; set `user-id` with it.
   */
  get storage(): ChatStorage | undefined {
    return this.#storage;
  }

  set storage(storage: ChatStorage | undefined) {
    this.#storage = storage;
    this.#changed();
  }

  /** Texts of your own over those of the language, as for a translation. */
  get texts(): Partial<Texts> | undefined {
    return this.#texts;
  }

  set texts(texts: Partial<Texts> | undefined) {
    this.#texts = texts;
    this.#changed();
  }

  /** Makes the picture of a user; undefined for the usual one. */
  get renderAvatar(): ((user: Readonly<ChatUser>) => Node | undefined) | undefined {
    return this.#avatar;
  }

  set renderAvatar(render: ((user: Readonly<ChatUser>) => Node | undefined) | undefined) {
    this.#avatar = render;
    this.#changed();
  }

  connectedCallback(): void {
    this.#changed();
  }

  disconnectedCallback(): void {
    // Moved within the page it stays what it is.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (before !== now) this.#changed();
  }

  /** Where the room stands; `idle` while there is none. */
  get status(): RoomStatus {
    return this.#shown?.status() ?? 'idle';
  }

  /** Puts the focus where one writes, as soon as that is there. */
  override focus(): void {
    this.#wantsFocus = this.#scheduled || this.#shown === undefined;
    this.#shown?.view.focus();
  }

  /** Attributes and properties are often set one after the other: the room is opened once for all of them. */
  #changed(): void {
    if (this.#scheduled || !this.isConnected) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.isConnected) this.#show();
    });
  }

  #show(): void {
    const language = languageOf(this);
    const texts = textsIn(language, this.#texts);
    const source = this.#source(texts);
    // A page that is rendered again gives another token function, which is asked from then on.
    this.#own?.follow(source);
    const { room: asked } = this;
    const rooms = this.getAttribute('rooms');
    const inputs = { asked, ...source, language, texts: this.#texts, avatar: this.#avatar, rooms };
    if (areSame(this.#shown?.inputs, inputs) && this.status !== 'failed') {
      this.#shown?.view.keepPlace();
      this.#wantsFocus = false;
      return;
    }
    const focus = this.#wantsFocus || this.shadowRoot?.activeElement != null;
    this.#endView();
    let room: Room | undefined;
    try {
      room = this.#choose(source);
    } catch (error) {
      this.#frame.replaceChildren(h('p', { class: 'hint', role: 'alert' }, inWords(error, texts)));
      this.#emit('error', { error });
    }
    if (room === undefined) return;
    const ui = new Ui({
      root: this.shadowRoot as ShadowRoot,
      frame: this.#frame,
      texts,
      format: formatsIn(language, texts),
      people: new People(),
      avatar: (user) => (typeof this.#avatar === 'function' ? this.#avatar(user) : slottedAvatar(this, user)),
    });
    const view = new RoomView(ui, room, {
      title: room.room,
      userName: source.userName,
      hooks: {
        emit: (event, detail) => this.#emit(event, detail),
        toggleRooms: () => {
          if (this.#frame.classList.toggle('rooms-open'))
            this.#frame.querySelector<HTMLElement>('.room-entry')?.focus();
        },
      },
    });
    const session = rooms === 'off' ? undefined : (this.#session ?? this.#own?.session);
    const endRooms = listRooms(ui, session, {
      frame: this.#frame,
      view,
      room,
      choose: (name) => {
        // Another one may be chosen while a room is made.
        if (this.room === asked && this.#emit('room', { room: name }, true)) this.room = name;
      },
      failed: (error) => this.#emit('error', { error }),
    });
    this.#frame.append(view.main, view.side, ui.announcer);
    this.#shown = {
      inputs,
      view,
      status: () => room.status,
      end: () => {
        endRooms();
        view.close();
      },
    };
    view.join();
    this.#wantsFocus = false;
    if (focus) view.focus();
  }

  #source(texts: Texts): RoomSource {
    return {
      session: this.#session,
      token: this.token,
      cache: this.getAttribute('cache') ?? undefined,
      userId: this.getAttribute('user-id') ?? '',
      userName: this.getAttribute('user-name')?.trim() || texts.guest,
      storage: this.#storage,
    };
  }

  /** Returns the room to show; undefined while something is missing. Throws a ChatError `invalid-argument`. */
  #choose(source: RoomSource): Room | undefined {
    const name = this.#room === undefined ? (this.getAttribute('room') ?? '') : '';
    const isNamed = name !== '' && (source.session ?? source.token) !== undefined;
    if (!isNamed || this.#own?.source !== source) this.#endOwn();
    if (this.#room !== undefined) return asRoom(this.#room);
    if (!isNamed) return undefined;
    this.#own ??= new OwnRooms(source, this.#drafts);
    return this.#own.show(name);
  }

  #emit(event: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(
      new CustomEvent(`momento-chat:${event}`, { bubbles: true, composed: true, cancelable, detail }),
    );
  }

  #endView(): void {
    this.#shown?.end();
    this.#shown = undefined;
    this.#frame.replaceChildren();
  }

  #endOwn(): void {
    void this.#own?.end();
    this.#own = undefined;
  }

  #end(): void {
    this.#endView();
    this.#endOwn();
  }
}
