import 'momento-chat/element';
import { ChatRoom } from 'momento-chat/lite';
import { visitor } from '../shared/visitor.js';
import { mayDelete } from './rules.js';

const { id, name } = visitor();
const chat = document.querySelector('momento-chat');
chat.setAttribute('user-name', name);
// The user has no id here: it is that of the token, which the server gives.
chat.room = new ChatRoom({
  room: 'general',
  user: { name },
  token: `/token?${new URLSearchParams({ guest: id })}`,
  mayDelete,
});
