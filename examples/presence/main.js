import { ChatRoom } from 'momento-chat/lite';
import { showConnection, showError } from '../shared/connection.js';
import { visitor } from '../shared/visitor.js';

const LABELS = new Map([
  ['online', 'Online'],
  ['busy', 'Busy'],
  ['away', 'Away'],
]);

const form = document.querySelector('form');
const list = document.querySelector('.members');

const user = visitor();
const room = new ChatRoom({ room: 'office', user, token: '/token' });
showConnection(room, user);

// All who are there, whenever somebody comes, goes or says something else. It starts with those who were there already.
room.on('presence', (_change, members) => list.replaceChildren(...members.map(rowOf)));

form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('change', () => room.presence.update(said()).catch(showError));

await room.join().catch(showError);
await room.presence.enter(said()).catch(showError);

function said() {
  return { status: form.elements.status.value, note: form.elements.note.value };
}

/** `data` is what another page says: it may be anything. */
function rowOf({ user, data, own, since }) {
  const status = LABELS.has(data?.status) ? data.status : 'online';
  const note = typeof data?.note === 'string' ? data.note : '';
  const time = since.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const row = document.createElement('li');
  row.className = status;
  row.append(
    element('b', own ? `${user.name} (you)` : user.name),
    element('span', LABELS.get(status)),
    element('small', [note, `here since ${time}`].filter(Boolean).join(' · ')),
  );
  return row;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
