import { ChatRoom } from 'momento-chat/lite';
import { showConnection, showError } from '../shared/connection.js';
import { visitor } from '../shared/visitor.js';
import { anyPlace, onMap, TownMap } from './map.js';

const STEPS = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] };
/** Milliseconds between two signals of somebody who moves. */
const PACE = 200;

const user = visitor();
const room = new ChatRoom({ room: 'town', user, token: '/token' });
const map = new TownMap();
let here = anyPlace();
let signalledAt = 0;
let resting;

showConnection(room, user);

// Where people rest is presence: stored, so that who comes later sees it, and gone with them.
room.on('presence', ({ type, member }) => {
  if (member.own) return;
  if (type === 'leave' || type === 'timeout') map.remove(member.user);
  else map.place(member.user, member.data);
});

// Their way there is signals: quick, and of no use to anybody later.
room.on('signal', ({ type, data, user, own }) => {
  if (type === 'move' && !own && map.has(user)) map.place(user, data);
});

// A real app takes `navigator.geolocation.watchPosition()`.
function goTo(position) {
  here = onMap(position);
  map.place(user, here, true);
  if (performance.now() - signalledAt > PACE) {
    signalledAt = performance.now();
    room.signal('move', here).catch(showError);
  }
  clearTimeout(resting);
  resting = setTimeout(() => room.presence.update(here).catch(showError), 2 * PACE);
}

const drawing = document.querySelector('.map');
drawing.addEventListener('pointerdown', (event) => {
  drawing.setPointerCapture(event.pointerId);
  goTo(map.positionOf(event));
});
drawing.addEventListener('pointermove', (event) => {
  if (drawing.hasPointerCapture(event.pointerId)) goTo(map.positionOf(event));
});
drawing.addEventListener('keydown', (event) => {
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  goTo({ x: here.x + step[0], y: here.y + step[1] });
});

map.place(user, here, true);
await room.join().catch(showError);
await room.presence.enter(here).catch(showError);
