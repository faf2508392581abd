import { ChatRoom } from 'momento-chat/lite';
import { showConnection, showError } from '../shared/connection.js';
import { visitor } from '../shared/visitor.js';

/** As many as the writer keeps: a minute. */
const KEPT = 60;

const user = visitor();
const room = new ChatRoom({
  room: 'machine',
  user,
  token: '/token',
  events: false,
  history: { pageSize: KEPT, maxInMemory: KEPT },
});
showConnection(room, user);
room.on('change', (messages) => {
  const samples = messages.slice(-KEPT).map(({ meta }) => meta);
  for (const name of ['cpu', 'memory']) draw(name, samples.map((sample) => sample?.[name]).filter(isPercent));
});
await room.join().catch(showError);

function isPercent(value) {
  return typeof value === 'number' && value >= 0 && value <= 100;
}

/** The newest value stands at the right edge. */
function draw(name, values) {
  const section = document.getElementById(name);
  section.querySelector('.value').textContent = values.length > 0 ? `${values.at(-1)} %` : '–';
  const points = values.map((value, index) => `${KEPT - values.length + index + 1},${100 - value}`);
  section.querySelector('polyline').setAttribute('points', points.join(' '));
}
