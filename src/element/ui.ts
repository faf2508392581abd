import type { ChatUser } from '../messages/message.js';
import { h } from './dom.js';
import type { People } from './people.js';
import { Popups } from './popups.js';
import type { Formats } from './texts/language.js';
import type { Texts } from './texts/texts.js';

/** The things that every part of the interface needs: texts, formats, a voice, and a place for what pops up. */
export class Ui {
  readonly texts: Texts;
  readonly format: Formats;
  readonly people: People;
  readonly popups: Popups;
  /** Reads aloud what was not said by the log of messages. */
  readonly announcer = h('p', { class: 'aside', id: 'announcer', 'aria-live': 'polite' });
  readonly #root: ShadowRoot;
  readonly #avatar: (user: Readonly<ChatUser>) => Node | undefined;

  constructor({
    root,
    frame,
    texts,
    format,
    people,
    avatar,
  }: {
    root: ShadowRoot;
    /** Boxes that pop up stay inside it. */
    frame: HTMLElement;
    texts: Texts;
    format: Formats;
    people: People;
    /** The app's own picture of a user, if it has one. */
    avatar: (user: Readonly<ChatUser>) => Node | undefined;
  }) {
    this.texts = texts;
    this.format = format;
    this.people = people;
    this.popups = new Popups(root, frame);
    this.#root = root;
    this.#avatar = avatar;
  }

  get focused(): Element | null {
    return this.#root.activeElement;
  }

  announce(text: string): void {
    // The same words again are read again only when they are another text.
    this.announcer.textContent = this.announcer.textContent === text ? `${text}\u00a0` : text;
  }

  avatar(user: Readonly<ChatUser>): HTMLElement {
    const own = this.#avatar(user);
    const initial = [...user.name.trim()][0]?.toLocaleUpperCase() ?? '?';
    return h(
      'div',
      {
        class: 'avatar',
        part: 'avatar',
        'aria-hidden': 'true',
        'data-initial': own === undefined ? initial : '',
        'data-hue': hueOf(user.id ?? `name:${user.name}`),
      },
      own,
    );
  }
}

const HUES = 8;

function hueOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}
