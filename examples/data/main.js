import { ChatRoom } from 'momento-chat/lite';
import { showConnection, showError } from '../shared/connection.js';
import { visitor } from '../shared/visitor.js';
import { Board, isChange } from './board.js';

const user = visitor();
// A plain room, where each message is a change of one row: all clients have all of them, in the same order. So many are
// kept as are read at once, more than the rows there are.
const room = new ChatRoom({
  room: 'departures',
  user,
  token: '/token',
  events: false,
  history: { pageSize: 200, maxStored: 200 },
});
showConnection(room, user);

const board = new Board((change) => {
  const { flight, field, value } = change;
  room.send(`${flight}: ${field} ${value}`, { meta: change }).catch(showError);
});

room.on('change', (messages) => {
  for (const message of messages) if (isChange(message.meta)) board.show(message.meta, message);
});

await room.join().catch(showError);
