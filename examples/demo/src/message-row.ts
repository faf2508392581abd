import type { Message } from 'momento-chat';
import { create } from './dom.js';

export interface RowActions {
  retry(id: string): void;
  discard(id: string): void;
}

/** How a message stands to the one above it. */
export interface Place {
  startsDay: boolean;
  startsGroup: boolean;
}

const GROUP_WINDOW_MS = 5 * 60_000;
const HUES = 8;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const thisYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const anyYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });

export function placeAfter(previous: Message | undefined, message: Message): Place {
  const startsDay = !previous || previous.sentAt.toDateString() !== message.sentAt.toDateString();
  const startsGroup =
    startsDay ||
    !previous ||
    previous.own !== message.own ||
    authorKey(previous) !== authorKey(message) ||
    message.sentAt.getTime() - previous.sentAt.getTime() > GROUP_WINDOW_MS;
  return { startsDay, startsGroup };
}

/** One message of the list: an element that is built once and touched again only where something changed. */
export class MessageRow {
  readonly element = create('li', 'message');
  readonly #meta = create('div', 'meta');
  readonly #text = create('p', 'text');
  readonly #body = create('div', 'body');
  readonly #actions: RowActions;
  #day: HTMLElement | undefined;
  #failure: HTMLElement | undefined;
  #message: Message | undefined;
  #status: Message['status'] | undefined;

  constructor(actions: RowActions) {
    this.#actions = actions;
    this.#text.dir = 'auto';
  }

  get text(): HTMLElement {
    return this.#text;
  }

  get day(): HTMLElement | undefined {
    return this.#day;
  }

  update(message: Message, place: Place): void {
    if (!this.#message) this.#build(message);
    if (this.#text.textContent !== message.text) this.#text.textContent = message.text;
    if (this.#status !== message.status) this.#showStatus(message);
    this.#message = message;
    this.#status = message.status;
    this.#showPlace(message, place);
  }

  #build(message: Message): void {
    const { name } = message.user;
    const avatar = create('div', 'avatar');
    avatar.ariaHidden = 'true';
    avatar.dataset.initial = [...name.trim()][0]?.toLocaleUpperCase() ?? '?';
    avatar.dataset.hue = String(hueOf(authorKey(message)));

    const author = create('span', 'author', name);
    author.dir = 'auto';
    author.title = name;
    const time = create('time', '', clock.format(message.sentAt));
    time.dateTime = message.sentAt.toISOString();
    time.title = moment.format(message.sentAt);
    // The space is for whoever reads or copies the line: "Ada 10:42", not "Ada10:42".
    this.#meta.append(author, ' ', time);

    this.#body.append(this.#meta, this.#text);
    this.element.dataset.id = message.id;
    this.element.classList.toggle('own', message.own);
    this.element.append(avatar, this.#body);
  }

  #showStatus(message: Message): void {
    this.element.dataset.state = message.status;
    this.#failure?.remove();
    this.#failure = undefined;
    if (message.status !== 'failed') return;
    const failure = create('div', 'failure', 'Not sent. ');
    const retry = create('button', 'quiet', 'Retry');
    const discard = create('button', 'quiet', 'Discard');
    retry.type = 'button';
    discard.type = 'button';
    retry.addEventListener('click', () => this.#actions.retry(message.id));
    discard.addEventListener('click', () => this.#actions.discard(message.id));
    failure.append(retry, discard);
    this.#body.append(failure);
    this.#failure = failure;
  }

  #showPlace(message: Message, place: Place): void {
    // A grouped message still says who and when, for those who hear the page instead of seeing it.
    this.element.classList.toggle('grouped', !place.startsGroup);
    this.#meta.classList.toggle('aside', !place.startsGroup);
    if (place.startsDay && !this.#day) {
      this.#day = create('div', 'day');
      this.element.prepend(this.#day);
      this.showDay(message.sentAt);
    } else if (!place.startsDay && this.#day) {
      this.#day.remove();
      this.#day = undefined;
    }
  }

  /** Says the day again: "Today" is true for a day only. */
  showDay(sentAt = this.#message?.sentAt): void {
    if (this.#day && sentAt) this.#day.textContent = dayInWords(sentAt, new Date());
  }
}

function dayInWords(day: Date, today: Date): string {
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return 'Today';
  if (day.toDateString() === yesterday.toDateString()) return 'Yesterday';
  return (day.getFullYear() === today.getFullYear() ? thisYear : anyYear).format(day);
}

function authorKey(message: Message): string {
  return message.user.id ?? `name:${message.user.name}`;
}

function hueOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % HUES;
}
