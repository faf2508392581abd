import { byId } from './dom.js';
import { RoomView } from './room-view.js';
import { inWords } from './words.js';

const page = {
  view: byId('join', HTMLElement),
  form: byId('join-form', HTMLFormElement),
  room: byId('join-room', HTMLInputElement),
  name: byId('join-name', HTMLInputElement),
  error: byId('join-error', HTMLElement),
};

let open: RoomView | undefined;

page.form.addEventListener('submit', (event) => {
  event.preventDefault();
  const room = page.room.value.trim();
  const name = page.name.value.trim();
  if (!enter(room, name)) return;
  // In the address, so that a reload, a bookmark and a second window come back to this room.
  history.pushState(null, '', `?${new URLSearchParams({ room, name })}`);
});

addEventListener('popstate', showWhatTheAddressSays);
showWhatTheAddressSays();

function showWhatTheAddressSays(): void {
  const address = new URLSearchParams(location.search);
  const room = address.get('room')?.trim() ?? '';
  const name = address.get('name')?.trim() ?? '';
  open?.close();
  open = undefined;
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
  try {
    open = new RoomView(room, name, leave);
  } catch (error) {
    page.error.textContent = inWords(error);
    page.room.focus();
    return false;
  }
  page.view.hidden = true;
  return true;
}

function leave(): void {
  open?.close();
  open = undefined;
  history.pushState(null, '', location.pathname);
  showForm();
}

function showForm(): void {
  document.title = 'Momento chat';
  page.view.hidden = false;
  const roomFirst = page.room.value === '' || page.error.textContent !== '';
  (roomFirst ? page.room : page.name).focus();
}
