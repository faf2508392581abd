import { button, h, icon, setText } from './dom.js';
import type { RoomEntry, Rooms } from './faces.js';
import { inWords } from './texts/language.js';
import type { Ui } from './ui.js';

export interface RoomListActions {
  choose(name: string): void;
  /** Puts the list away, where it covers the room. */
  close(): void;
  failed(error: unknown): void;
}

/** The rooms of a session, by their last activity, with what was not read in each. */
export class RoomList {
  readonly element: HTMLElement;
  readonly #ui: Ui;
  readonly #rooms: Rooms;
  readonly #current: string;
  readonly #list = h('ul', { class: 'room-list' });
  readonly #actions: RoomListActions;

  constructor(ui: Ui, rooms: Rooms, current: string, actions: RoomListActions) {
    this.#ui = ui;
    this.#rooms = rooms;
    this.#current = current;
    this.#actions = actions;
    const { texts } = ui;
    this.element = h(
      'nav',
      { class: 'rooms', part: 'rooms', 'aria-label': texts.rooms, hidden: true },
      h(
        'div',
        { class: 'bar' },
        h('h2', { class: 'side-title' }, texts.rooms),
        button({ class: 'bare to-rooms', label: texts.close, onclick: actions.close }, icon('close')),
      ),
      h('div', { class: 'scroll' }, this.#list),
      rooms.create && this.#form(),
    );
  }

  /** Whether there is something to choose from. */
  get several(): boolean {
    return this.#shown().length > 1;
  }

  show(): void {
    const focused = this.#ui.focused instanceof HTMLElement ? this.#ui.focused.dataset.room : undefined;
    this.#list.replaceChildren(...this.#shown().map((entry) => this.#entry(entry)));
    this.element.hidden = !this.several;
    if (focused === undefined) return;
    const again = [...this.#list.querySelectorAll('button')].find(({ dataset }) => dataset.room === focused);
    again?.focus({ preventScroll: true });
  }

  /** The room that is open is in the list before anything was said in it. */
  #shown(): readonly RoomEntry[] {
    const { list } = this.#rooms;
    if (list.some(({ name }) => name === this.#current)) return list;
    return [{ name: this.#current, unread: 0, mentions: 0 }, ...list];
  }

  #entry({ name, title, lastMessage, unread, mentions }: RoomEntry): HTMLElement {
    const { texts, format } = this.#ui;
    const current = name === this.#current;
    const shown = unread > 0 && !current;
    return h(
      'li',
      {},
      button(
        {
          class: 'room-entry',
          part: current ? 'room current' : 'room',
          'aria-current': current ? 'page' : undefined,
          'data-room': name,
          onclick: () => this.#actions.choose(name),
        },
        h('span', { class: 'room-name', dir: 'auto' }, title ?? name),
        shown &&
          h(
            'span',
            { class: `badge${mentions > 0 ? ' mentioning' : ''}` },
            h('span', { 'aria-hidden': 'true' }, `${mentions > 0 ? '@' : ''}${format.count(unread)}`),
            h('span', { class: 'aside' }, texts.unread(format.count(unread))),
          ),
        lastMessage && h('span', { class: 'room-last', dir: 'auto' }, lastMessage.text),
      ),
    );
  }

  #form(): HTMLFormElement {
    const { texts } = this.#ui;
    const input = h('input', {
      class: 'field',
      'aria-label': texts.newRoom,
      placeholder: texts.newRoom,
      maxlength: 128,
      dir: 'auto',
      autocomplete: 'off',
      oninput: () => setText(problem, ''),
    });
    const problem = h('p', { role: 'alert' });
    let creating = '';
    const create = async () => {
      const name = input.value.trim();
      if (name === '' || name === creating) return;
      creating = name;
      try {
        await this.#rooms.create?.(name);
        // Another one was asked for meanwhile.
        if (name !== creating) return;
        input.value = '';
        this.#actions.choose(name);
      } catch (error) {
        setText(problem, inWords(error, texts));
        this.#actions.failed(error);
      }
      creating = '';
    };
    return h(
      'form',
      {
        class: 'new-room',
        onsubmit: (event: Event) => {
          event.preventDefault();
          void create();
        },
      },
      input,
      h('button', { class: 'quiet', type: 'submit' }, texts.createRoom),
      problem,
    );
  }
}
