import { ChatRoom, type Message } from 'momento-chat';

const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token: '/token' });

const app = document.querySelector('#app') ?? document.body;
app.innerHTML = `
  <p></p>
  <button type="button" hidden>Older messages</button>
  <ul></ul>
  <form><input placeholder="Write a message" /><button>Send</button></form>
`;
const [status, older, list, form] = app.children as unknown as [
  HTMLParagraphElement,
  HTMLButtonElement,
  HTMLUListElement,
  HTMLFormElement,
];
const input = form.elements[0] as HTMLInputElement;

room.on('status', (now) => {
  status.textContent = now;
});
room.on('error', (error) => console.warn(error.code, error.message));
room.on('change', (messages) => {
  list.replaceChildren(...messages.map(row));
  older.hidden = !room.hasOlder;
});

function row({ id, user, text, status }: Message): HTMLLIElement {
  const item = document.createElement('li');
  item.className = status; // 'sending', 'sent' or 'failed'
  item.textContent = `${user.name}: ${text}`;
  if (status === 'failed') item.onclick = () => room.retry(id).catch(() => {});
  return item;
}

older.onclick = () => room.loadOlder().catch(() => {});
form.onsubmit = (event) => {
  event.preventDefault();
  room.send(input.value).catch(() => {}); // told as 'error', and shown as 'failed'
  input.value = '';
};

room.join().catch(() => {}); // told as 'error' and by the status
