import type { Message } from '../messages/message.js';
import { loadPart } from '../shared/load-part.js';
import type { aroundPane } from './around-pane.js';
import { isolated } from './dom.js';
import type { Room } from './faces.js';
import { hides } from './hides.js';
import { PANE_KIT } from './pane-kit.js';
import { type Pane, peoplePane, pinsPane } from './panes.js';
import type { SearchPane } from './search-pane.js';
import { SidePane, type SidePaneHooks } from './side-pane.js';
import { threadPane } from './thread-pane.js';
import type { Ui } from './ui.js';

export interface PaneHooks extends SidePaneHooks {
  /** Resolves when messages can be sent. */
  ready(): Promise<void>;
  failed(error: unknown): void;
  /** Shows a message of the conversation that is in memory; false when it is not. */
  jump(id: string): boolean;
  /** Shows a message, after loading all that lies before it. */
  pageTo(id: string): void;
  /** Others are hidden than before. */
  changed(): void;
}

/** The panes of a room: which of them is open beside the conversation, and where they lead. */
export class RoomPanes {
  readonly side: SidePane;
  readonly #ui: Ui;
  readonly #room: Room;
  readonly #hooks: PaneHooks;
  readonly #people: Pane;
  readonly #pins: Pane;
  /** Kept while it is closed: a person who comes back from a hit finds the others. */
  #search: SearchPane | undefined;
  #around: ReturnType<typeof aroundPane> | undefined;
  #closed = false;

  constructor(ui: Ui, room: Room, hooks: PaneHooks) {
    this.#ui = ui;
    this.#room = room;
    this.#hooks = hooks;
    this.side = new SidePane(ui.texts, hooks);
    this.#people = peoplePane(ui, room, (id) => this.#unhide(id));
    this.#pins = pinsPane(ui, room, (id) => this.#lead(id));
  }

  togglePeople(): void {
    this.#toggle('people', this.#ui.texts.people, this.#people);
  }

  togglePins(): void {
    this.#toggle('pins', this.#ui.texts.pins, this.#pins);
  }

  /** The people of the room changed: where they are in sight, or come back into sight, the pane follows. */
  showPeople(): void {
    if (this.side.holds('people')) this.#people.render();
  }

  /** As {@link showPeople}, for the pins. */
  showPins(): void {
    if (this.side.holds('pins')) this.#pins.render();
  }

  /** Messages changed, or others are hidden: what was found before follows. */
  refresh(messages: ReadonlyMap<string, Message>): void {
    const latest = (found: Message) =>
      hides(this.#room, found) ? undefined : (messages.get(found.id) ?? found);
    this.#search?.refresh(latest);
    this.#around?.refresh(latest);
  }

  async toggleSearch(): Promise<void> {
    if (this.side.open === 'search') {
      this.side.close();
      return;
    }
    const loaded = await loadPart('search', () => import('./search-pane.js'), 'SearchPane').catch(
      (error: unknown) => this.#hooks.failed(error),
    );
    if (!loaded || this.#closed) return;
    this.#search ??= new loaded.SearchPane(PANE_KIT, this.#ui, {
      search: (query, options) => this.#room.search?.(query, options),
      goTo: (id) => this.#lead(id),
    });
    const pane = this.#search;
    const { search } = this.#ui.texts;
    this.side.show({ name: 'search', title: search, content: pane.element, close: () => pane.stop() });
    pane.focus();
  }

  openThread(rootId: string): void {
    const name = `thread ${rootId}`;
    if (this.side.open === name) return;
    const { ready, failed } = this.#hooks;
    const hide = this.hide;
    try {
      const pane = threadPane(this.#ui, this.#room, { rootId, ready, failed, hide });
      if (pane === undefined) return;
      const { thread } = this.#ui.texts;
      this.side.show({ name, title: thread, content: pane.element, close: () => pane.close() });
      pane.focus();
    } catch (error) {
      failed(error);
    }
  }

  /** Shows a message that is not in memory among those around it. `over`: what is open stays below. */
  async openAround(id: string, { over = false } = {}): Promise<void> {
    const { failed } = this.#hooks;
    const loaded = await loadPart('show the message', () => import('./around-pane.js'), 'aroundPane').catch(
      failed,
    );
    if (!loaded || this.#closed) return;
    const pane = loaded.aroundPane(PANE_KIT, this.#ui, this.#room, {
      id,
      goTo: (quoted) => this.#lead(quoted),
      failed,
    });
    this.#around = pane;
    this.side.show({ name: 'around', title: this.#ui.texts.around, content: pane.element }, { over });
    pane.focus();
  }

  /** Hides the author of a message, where the room can. */
  get hide(): ((message: Message) => void) | undefined {
    const room = this.#room;
    if (!room.hide || !room.unhide) return undefined;
    return ({ user: { id = '', name } }) => {
      room.hide?.(id);
      this.#ui.announce(this.#ui.texts.hiddenNow(isolated(name)));
      this.#hooks.changed();
    };
  }

  close(): void {
    this.#closed = true;
    this.side.close();
    this.#search?.stop();
  }

  #toggle(name: string, title: string, pane: Pane): void {
    if (this.side.open === name) {
      this.side.close();
      return;
    }
    pane.render();
    this.side.show({ name, title, content: pane.element });
    // Where it was, nobody sees it.
    if (this.side.covers) this.side.focus();
  }

  /** From a pane to a message. */
  #lead(id: string): void {
    if (this.#hooks.jump(id)) {
      // It is shown, and gets the focus, where the pane would hide it.
      if (this.side.covers) {
        this.side.close();
        this.#hooks.jump(id);
      }
    } else if (this.#room.loadAround) void this.openAround(id, { over: true });
    else this.#hooks.pageTo(id);
  }

  #unhide(id: string): void {
    const ui = this.#ui;
    this.#room.unhide?.(id);
    ui.announce(ui.texts.shownNow(isolated(ui.people.nameOf(id) ?? id)));
    this.#hooks.changed();
  }
}
