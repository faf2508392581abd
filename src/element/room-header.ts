import type { RoomStatus } from '../room/events.js';
import { button, h, type IconName, icon, setText } from './dom.js';
import type { Texts } from './texts/texts.js';
import type { Ui } from './ui.js';

/** The line above a conversation: which room, how it stands, who is here, what is pinned. */
export class RoomHeader {
  readonly element: HTMLElement;
  /** Shown while the connection is lost, instead of the status, which is read aloud. */
  readonly banner = makeBanner();
  /** Stands in a pane, for where that covers the other. */
  readonly paneBanner = makeBanner();
  readonly #ui: Ui;
  readonly #status = h('p', { class: 'status', part: 'status', role: 'status' });
  readonly #people: HTMLButtonElement;
  readonly #peopleWords = h('span', { class: 'words', dir: 'auto' });
  /** Stands for the words where there is no room for them. */
  readonly #peopleCount = h('span', { class: 'number' });
  /** The buttons that open a pane, by its name. */
  readonly #openers: Readonly<Record<string, HTMLButtonElement | undefined>>;
  readonly #rooms: HTMLButtonElement;

  constructor(
    ui: Ui,
    title: string,
    actions: {
      people(): void;
      pins: (() => void) | undefined;
      search: (() => void) | undefined;
      rooms(): void;
    },
  ) {
    this.#ui = ui;
    const { texts } = ui;
    this.#rooms = button(
      {
        class: 'bare to-rooms',
        part: 'rooms-button',
        label: texts.rooms,
        hidden: true,
        onclick: actions.rooms,
      },
      icon('rooms'),
    );
    this.#people = button(
      { class: 'quiet here', part: 'people-button', hidden: true, onclick: actions.people },
      icon('people'),
      this.#peopleWords,
      this.#peopleCount,
    );
    const opener = (name: 'search' | 'pins', sign: IconName) => {
      const onclick = actions[name];
      const props = { class: 'bare', part: `${name}-button`, label: texts[name] };
      return onclick && button({ ...props, onclick }, icon(sign));
    };
    this.#openers = {
      people: this.#people,
      search: opener('search', 'search'),
      pins: opener('pins', 'pin'),
    };
    this.showOpen(undefined);
    this.element = h(
      'header',
      { class: 'bar', part: 'header' },
      this.#rooms,
      h(
        'div',
        { class: 'bar-text' },
        h('slot', { name: 'title' }, h('h2', { class: 'title', part: 'title', dir: 'auto' }, title)),
        this.#status,
      ),
      h('div', { class: 'tools' }, ...Object.values(this.#openers), h('slot', { name: 'header' })),
    );
  }

  showStatus(status: RoomStatus, name: string): void {
    const words = statusInWords(status, name, this.#ui.texts);
    // Words that are not seen take the place of those before, lest the header jumps.
    this.#status.style.blockSize =
      status === 'reconnecting' ? `${this.#status.getBoundingClientRect().height}px` : '';
    setText(this.#status, words);
    this.#status.dataset.status = status;
    for (const banner of [this.banner, this.paneBanner]) {
      setText(banner, words);
      banner.hidden = status !== 'reconnecting';
    }
  }

  /** The pane that is open, by its name. */
  showOpen(name: string | undefined): void {
    for (const [pane, opener] of Object.entries(this.#openers))
      opener?.setAttribute('aria-expanded', String(pane === name));
  }

  /** `hidden`: so many are hidden, and can be shown again from there. */
  showPeople(count: number, hidden: number): void {
    const { here, hiddenPeople } = this.#ui.texts;
    const words = count > 0 ? here(count) : hiddenPeople;
    setText(this.#peopleWords, words);
    setText(this.#peopleCount, count > 0 ? this.#ui.format.count(count) : '');
    this.#people.setAttribute('aria-label', words);
    this.#people.hidden = count + hidden === 0;
  }

  showRooms(several: boolean): void {
    this.#rooms.hidden = !several;
  }
}

function makeBanner(): HTMLElement {
  return h('p', { class: 'banner', part: 'banner', 'aria-hidden': 'true', hidden: true });
}

function statusInWords(status: RoomStatus, name: string, texts: Texts): string {
  switch (status) {
    case 'idle':
    case 'joining':
      return texts.connecting;
    case 'joined':
      return texts.connectedAs(name);
    case 'reconnecting':
      return texts.reconnecting;
    case 'failed':
      return texts.notConnected;
    case 'left':
      return texts.left;
  }
}
