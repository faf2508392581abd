import './stage.js';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/room/lite-runtime.js';
import '../../src/element/index.js';
import type { MomentoChat } from '../../src/element/index.js';
import type { ChatRoomOptions } from '../../src/index.js';
import { ChatError } from '../../src/shared/errors.js';
import { ADA, type Page } from '../ui/page.js';

export type Settings = Partial<Pick<MomentoChat, 'room' | 'session' | 'storage' | 'texts'>>;

/** Shows the element on the page, until its end. */
export async function showChat(page: Page, settings: Settings = {}): Promise<MomentoChat> {
  const chat = document.createElement('momento-chat');
  chat.setAttribute('user-id', ADA.id);
  chat.setAttribute('user-name', ADA.name);
  chat.setAttribute('rooms', 'off');
  await putInto(page, Object.assign(chat, { room: 'lobby', session: page.session }, settings));
  return chat;
}

/** A room whose requests for a token wait until `refuse()`. */
export function refusedRoom(page: Page, options: Pick<ChatRoomOptions, 'storage'> = {}) {
  const refusals: (() => void)[] = [];
  const token = () =>
    new Promise<never>((_, reject) => {
      refusals.push(() => reject(new ChatError('permission-denied', 'unable to get a token; no')));
    });
  const room = page.room({ room: 'lobby', user: ADA, token, ...options });
  page.atEnd(() => room.leave());
  return {
    room: room as never,
    refuse: () => {
      for (const refuse of refusals) refuse();
    },
  };
}

export async function putInto(page: Page, chat: Element, ms = 2000): Promise<void> {
  page.container.append(chat);
  page.atEnd(() => chat.remove());
  await page.run(ms);
}

export function part<Found extends Element = HTMLElement>(chat: Element, selector: string): Found {
  const found = chat.shadowRoot?.querySelector<Found>(selector);
  if (!found) throw new Error(`unable to find ${selector}`);
  return found;
}

export function box(chat: Element, id = 'composer'): HTMLTextAreaElement {
  return part(chat, `#${id}-text`);
}

export function write(text: string, into: HTMLTextAreaElement): void {
  into.value = text;
  into.dispatchEvent(new Event('input', { bubbles: true }));
}

export function press(key: string, at: HTMLElement): void {
  at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true }));
}

/** Opens the menu of the first message, and returns its items. */
export function menuOf(chat: Element): HTMLElement[] {
  part(chat, '.main .more').click();
  return [...(chat.shadowRoot?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
}

/** Chooses an item of the first message's menu. */
export function choose(chat: Element, label: string): void {
  menuOf(chat)
    .find(({ textContent }) => textContent === label)
    ?.click();
}

/** Opens the thread under the first message. */
export function openThread(chat: Element): HTMLTextAreaElement {
  choose(chat, 'Reply in thread');
  return box(chat, 'thread-composer');
}

/** Pastes a file of that name. */
export function paste(chat: MomentoChat, name: string): void {
  const clipboardData = { types: [], files: [new File(['.'], name)] };
  box(chat).dispatchEvent(Object.assign(new Event('paste', { cancelable: true }), { clipboardData }));
}
