import { ChatError, type ChatErrorCode, ChatRoom } from 'momento-chat';
import { byId } from './dom.js';
import { MessageList } from './message-list.js';
import { tokenSource } from './token.js';
import { inWords, statusInWords } from './words.js';

/** Refused before there was a message: the text goes back to where it was typed. */
const REFUSED: ReadonlySet<ChatErrorCode> = new Set(['invalid-argument', 'message-too-large', 'not-joined']);

const page = {
  view: byId('room', HTMLElement),
  title: byId('room-title', HTMLElement),
  status: byId('room-status', HTMLElement),
  leave: byId('room-leave', HTMLButtonElement),
  log: byId('room-log', HTMLElement),
  list: byId('room-messages', HTMLOListElement),
  older: byId('room-older', HTMLButtonElement),
  fresh: byId('room-fresh', HTMLButtonElement),
  empty: byId('room-empty', HTMLElement),
  notice: byId('room-notice', HTMLElement),
  noticeText: byId('room-notice-text', HTMLElement),
  again: byId('room-again', HTMLButtonElement),
  dismiss: byId('room-dismiss', HTMLButtonElement),
  composer: byId('composer', HTMLFormElement),
  text: byId('composer-text', HTMLTextAreaElement),
  announcer: byId('room-announcer', HTMLElement),
};

/** The room on the page: what a {@link ChatRoom} says is shown, what a person does is asked of it. */
export class RoomView {
  readonly #room: ChatRoom;
  readonly #name: string;
  readonly #list: MessageList;
  readonly #events = new AbortController();
  /** How many errors of a code were kept from the reader. */
  readonly #unshown = new Map<ChatErrorCode, number>();
  #joining: Promise<void> = Promise.resolve();
  #historyCame = false;
  #loadingOlder = false;

  /** @throws ChatError `invalid-argument` when there can be no such room or name; the page is then as it was. */
  constructor(roomName: string, name: string, onLeave: () => void) {
    this.#name = name;
    this.#room = new ChatRoom({ room: roomName, user: { id: idOf(name), name }, token: tokenSource() });
    this.#list = new MessageList(page, {
      retry: (id) => this.#retry(id),
      discard: (id) => this.#discard(id),
    });
    page.title.textContent = roomName;
    page.view.hidden = false;
    this.#listenToRoom();
    this.#listenToPage(onLeave);
    this.#showStatus();
    this.#join();
    page.text.focus();
  }

  close(): void {
    this.#events.abort();
    this.#room.removeAllListeners();
    this.#room.leave().catch(() => {});
    this.#list.close();
    this.#hideNotice();
    page.view.hidden = true;
    page.text.value = '';
    page.announcer.textContent = '';
    fitToText();
  }

  #listenToRoom(): void {
    const room = this.#room;
    room.on('history', () => {
      this.#historyCame = true;
    });
    room.on('change', () => this.#render());
    room.on('status', (status) => {
      this.#showStatus();
      this.#render();
      if (status === 'joined') this.#hideNotice();
    });
    room.on('error', (error) => {
      // Anybody may publish anything: only an end of the room concerns the reader. What is being tried again is told
      // by the status line, and what one's own sending came to by the message.
      if (room.status === 'failed') this.#showNotice(error);
      else this.#logQuietly(error);
    });
  }

  #listenToPage(onLeave: () => void): void {
    const { signal } = this.#events;
    page.leave.addEventListener('click', onLeave, { signal });
    page.older.addEventListener('click', () => void this.#loadOlder(), { signal });
    page.again.addEventListener('click', () => this.#join(), { signal });
    page.dismiss.addEventListener('click', () => this.#dismiss(), { signal });
    page.fresh.addEventListener('click', () => this.#toEnd(), { signal });
    page.text.addEventListener('input', fitToText, { signal });
    page.text.addEventListener(
      'keydown',
      (event) => {
        // An Enter that ends the composition of a character is not yet the end of the message.
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        page.composer.requestSubmit();
      },
      { signal },
    );
    page.composer.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        void this.#send();
      },
      { signal },
    );
  }

  #join(): void {
    this.#hideNotice();
    this.#joining = this.#room.join();
    this.#joining.catch((error: unknown) => this.#showNotice(error));
  }

  async #send(): Promise<void> {
    const text = page.text.value.trim();
    page.text.focus();
    if (text === '') return;
    page.text.value = '';
    fitToText();
    try {
      // Typed while the room was still opening: it goes out as soon as it can.
      await this.#joining;
    } catch {
      this.#giveBack(text);
      return;
    }
    // What was wrong with the text before is not wrong with this one.
    if (this.#room.status !== 'failed') this.#hideNotice();
    try {
      await this.#room.send(text);
    } catch (error) {
      if (error instanceof ChatError && REFUSED.has(error.code)) this.#giveBack(text);
      this.#showNotice(error);
    }
  }

  #giveBack(text: string): void {
    if (this.#events.signal.aborted) return;
    page.text.value = page.text.value === '' ? text : `${text}\n${page.text.value}`;
    fitToText();
  }

  #retry(id: string): void {
    // The button goes away with the failure, so the keyboard's place is given away before.
    page.text.focus();
    this.#hideNotice();
    this.#room.retry(id).catch((error: unknown) => this.#showNotice(error));
  }

  #discard(id: string): void {
    page.text.focus();
    this.#room.discard(id);
  }

  async #loadOlder(): Promise<void> {
    if (this.#loadingOlder) return;
    this.#loadingOlder = true;
    // Not `disabled`: that would take the keyboard's focus away.
    page.older.setAttribute('aria-disabled', 'true');
    try {
      const added = await this.#room.loadOlder();
      if (!this.#events.signal.aborted) page.announcer.textContent = `${added.length} older messages loaded.`;
    } catch (error) {
      this.#showNotice(error);
    } finally {
      this.#loadingOlder = false;
      page.older.removeAttribute('aria-disabled');
      this.#render();
    }
  }

  #toEnd(): void {
    page.text.focus({ preventScroll: true });
    this.#list.toEnd();
  }

  #render(): void {
    if (this.#events.signal.aborted) return;
    const { messages, status, hasOlder } = this.#room;
    const quiet = this.#historyCame || this.#loadingOlder || status === 'joining';
    this.#historyCame = false;
    this.#list.render(messages, { quiet, hasOlder });
    page.empty.hidden = messages.length > 0 || status !== 'joined';
  }

  #showStatus(): void {
    const { status, room } = this.#room;
    page.status.textContent = statusInWords(status, this.#name);
    page.status.dataset.status = status;
    document.title = `${room} · Momento chat`;
  }

  #showNotice(error: unknown): void {
    if (this.#events.signal.aborted) return;
    page.notice.hidden = false;
    const words = inWords(error);
    // Set again, the same words would be read out again.
    if (page.noticeText.textContent !== words) page.noticeText.textContent = words;
    page.again.hidden = this.#room.status !== 'failed' && this.#room.status !== 'idle';
  }

  /** For developers: a line at the first of a code, the second, the fourth, the eighth. */
  #logQuietly({ code, message }: ChatError): void {
    const count = (this.#unshown.get(code) ?? 0) + 1;
    this.#unshown.set(code, count);
    if (Number.isInteger(Math.log2(count))) console.debug(`${code} (${count} so far): ${message}`);
  }

  #hideNotice(): void {
    if (page.notice.contains(document.activeElement)) page.text.focus();
    page.notice.hidden = true;
    page.noticeText.textContent = '';
  }

  #dismiss(): void {
    this.#hideNotice();
    page.text.focus();
  }
}

/** One id for one name in one browser, so that after a reload one's own messages are still one's own. */
function idOf(name: string): string {
  const key = `momento-chat-demo:${name}`;
  try {
    const known = localStorage.getItem(key);
    if (known !== null) return known;
    const id = crypto.randomUUID();
    localStorage.setItem(key, id);
    return id;
  } catch {
    // Storage may be forbidden; then the id lasts as long as the page.
    return crypto.randomUUID();
  }
}

function fitToText(): void {
  const { style } = page.text;
  style.height = 'auto';
  if (page.text.value !== '') style.height = `${page.text.scrollHeight + 2}px`;
}
