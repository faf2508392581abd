import { ChatRoom, type Message } from 'momento-chat';

const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token: '/token' });

const app = document.querySelector('#app') ?? document.body;
app.innerHTML = `
  <p></p>
  <button type="button" hidden>Older messages</button>
  <ul></ul>
  <form><input placeholder="Write a message" required /><button disabled>Send</button></form>
`;
const [status, older, list, form] = app.children as unknown as [
  HTMLParagraphElement,
  HTMLButtonElement,
  HTMLUListElement,
  HTMLFormElement,
];
const [input, send] = form.elements as unknown as [HTMLInputElement, HTMLButtonElement];

room.on('status', (now) => {
  status.textContent = now;
  send.disabled = now !== 'joined' && now !== 'reconnecting';
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
  room.send(input.value).catch(() => {}); // shown as 'failed'
  input.value = '';
};

room.join().catch(() => {}); // told as 'error' and by the status
