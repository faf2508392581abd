import { ChatRoom } from 'momento-chat/lite';
import { showConnection, showError } from '../shared/connection.js';
import { showMessages } from '../shared/messages.js';

const signIn = document.getElementById('sign-in');
const chat = document.getElementById('chat');
const composer = document.getElementById('composer');

signIn.addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await enter(await ask('/sign-in', { userId: signIn.elements.userId.value }));
  } catch (error) {
    showError(error);
  }
});

// Signed in already?
const me = await ask('/me').catch(showError);
if (me) await enter(me).catch(showError);
else signIn.hidden = false;

async function enter({ userId, name, role }) {
  const user = { id: userId, name };
  // The cookie goes along with `/token`: the token is that of who has signed in.
  const room = new ChatRoom({ room: 'general', user, token: '/token' });
  showConnection(room, user);
  showMessages(room);
  signIn.hidden = true;
  chat.hidden = false;
  composer.hidden = role === 'reader';
  composer.addEventListener('submit', (event) => {
    event.preventDefault();
    room.send(composer.elements.text.value).catch(showError);
    composer.reset();
  });
  await room.join();
}

/** The server's answer; a body makes it a POST. Rejects with what the server says is wrong. */
async function ask(path, body) {
  const post = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(path, body && post);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}
