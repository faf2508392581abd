import { ChatError } from 'momento-chat';
import 'momento-chat/element';
import type { MomentoChat } from 'momento-chat/element';
import { indexedDb } from 'momento-chat/storage';
import { byId } from './dom.js';
import { idOf } from './identity.js';
import { tokenSource } from './token.js';

const page = {
  join: byId('join', HTMLElement),
  form: byId('join-form', HTMLFormElement),
  room: byId('join-room', HTMLInputElement),
  name: byId('join-name', HTMLInputElement),
  error: byId('join-error', HTMLElement),
  chat: byId('chat', HTMLElement),
};

/** More unread messages are told of as "99+". */
const MAX_SHOWN = 99;

const token = tokenSource();
/** What is being written, or was not sent yet, is there again after a reload and behind the back button. */
const storage = indexedDb();

page.form.addEventListener('submit', (event) => {
  event.preventDefault();
  const room = page.room.value.trim();
  const name = page.name.value.trim();
  if (!enter(room, name)) return;
  // In the address, so that a reload, a bookmark and a second window come back to this room.
  history.pushState(null, '', addressOf(room, name));
});

addEventListener('popstate', showWhatTheAddressSays);
showWhatTheAddressSays();

function showWhatTheAddressSays(): void {
  const address = new URLSearchParams(location.search);
  const room = address.get('room')?.trim() ?? '';
  const name = address.get('name')?.trim() ?? '';
  close();
  if (room !== '') page.room.value = room;
  if (name !== '') page.name.value = name;
  if (room === '' || name === '' || !enter(room, name)) showForm();
}

function enter(room: string, name: string): boolean {
  page.error.textContent = '';
  if (room === '' || name === '') {
    page.error.textContent = room === '' ? 'Which room? Give it a name.' : 'Who are you? Give a name.';
    (room === '' ? page.room : page.name).focus();
    return false;
  }
  const chat = chatOf(room, name);
  page.chat.replaceChildren(chat);
  page.chat.hidden = false;
  page.join.hidden = true;
  chat.focus();
  return true;
}

/** The chat itself: one element, with a title and a way out in its slots. */
function chatOf(room: string, name: string): MomentoChat {
  const chat = document.createElement('momento-chat');
  chat.token = token;
  chat.storage = storage;
  chat.setAttribute('user-id', idOf(name));
  chat.setAttribute('user-name', name);
  chat.room = room;
  const title = document.createElement('h1');
  title.slot = 'title';
  title.dir = 'auto';
  const leave = document.createElement('button');
  leave.slot = 'header';
  leave.className = 'quiet';
  leave.type = 'button';
  leave.textContent = 'Leave';
  leave.addEventListener('click', leaveRoom);
  chat.append(title, leave);
  const entitle = (room: string) => {
    title.textContent = room;
    showUnread(0);
  };
  const showUnread = (count: number) => {
    // A tab shows little of a long name: the number comes first.
    const number = count > MAX_SHOWN ? `(${MAX_SHOWN}+) ` : count > 0 ? `(${count}) ` : '';
    document.title = `${number}${title.textContent} · Momento chat`;
  };
  entitle(room);
  chat.addEventListener('momento-chat:unread', (event) => {
    showUnread((event as CustomEvent<{ count: number }>).detail.count);
  });
  chat.addEventListener('momento-chat:room', (event) => {
    const { room } = (event as CustomEvent<{ room: string }>).detail;
    history.pushState(null, '', addressOf(room, name));
    entitle(room);
  });
  // For developers; what concerns the reader is told by the element.
  chat.addEventListener('momento-chat:error', (event) => {
    const { error } = (event as CustomEvent<{ error: unknown }>).detail;
    if (error instanceof ChatError && error.code === 'invalid-argument' && chat.status === 'idle')
      refuse(error.message);
    else console.debug(error instanceof Error ? error.message : error);
  });
  return chat;
}

function addressOf(room: string, name: string): string {
  return `?${new URLSearchParams({ room, name })}`;
}

function leaveRoom(): void {
  close();
  history.pushState(null, '', location.pathname);
  showForm();
}

/** There can be no such room: back to the form, which says why. */
function refuse(message: string): void {
  close();
  history.replaceState(null, '', location.pathname);
  const reason = message.slice(message.indexOf(';') + 1).trim();
  page.error.textContent = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
  showForm();
}

function close(): void {
  page.chat.replaceChildren();
  page.chat.hidden = true;
}

function showForm(): void {
  document.title = 'Momento chat';
  page.join.hidden = false;
  const roomFirst = page.room.value === '' || page.error.textContent !== '';
  (roomFirst ? page.room : page.name).focus();
}
