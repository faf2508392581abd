const PLACES = [
  { name: 'Station', x: 14, y: 16 },
  { name: 'Market', x: 34, y: 16 },
  { name: 'Park', x: 77, y: 14 },
  { name: 'Bridge', x: 34, y: 46 },
  { name: 'Museum', x: 58, y: 28 },
  { name: 'Harbour', x: 80, y: 44 },
];

/** Some place to begin at. */
export function anyPlace() {
  const { x, y } = PLACES[Math.floor(Math.random() * PLACES.length)];
  return { x, y };
}

/** The pins on the map, and the same in words in the list below it. */
export class TownMap {
  #svg = document.querySelector('.map');
  #list = document.querySelector('.people');
  #people = new Map();

  constructor() {
    const names = PLACES.map(({ name, x, y }) => shape('text', { x, y: y - 3 }, name));
    this.#svg.querySelector('.places').append(...names);
  }

  /** Puts somebody at a position, for the first time or again. A bad position is left out: others sent it. */
  place(user, position, own = false) {
    if (!Number.isFinite(position?.x) || !Number.isFinite(position?.y)) return;
    const at = onMap(position);
    const person = this.#people.get(user.id) ?? this.#add(user, own);
    person.pin.style.transform = `translate(${at.x}px, ${at.y}px)`;
    person.row.textContent = `${own ? `${user.name} (you)` : user.name} · ${nearest(at)}`;
  }

  has(user) {
    return this.#people.has(user.id);
  }

  remove(user) {
    const person = this.#people.get(user.id);
    person?.pin.remove();
    person?.row.remove();
    this.#people.delete(user.id);
  }

  /** Where on the map a pointer is. */
  positionOf(event) {
    const box = this.#svg.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * 100,
      y: ((event.clientY - box.top) / box.height) * 60,
    };
  }

  #add(user, own) {
    const pin = shape('g', { class: own ? 'own' : '' });
    const fill = own ? 'var(--accent)' : 'light-dark(#7a3fb0, #c79bf2)';
    pin.append(shape('circle', { r: 2, fill }), shape('text', { y: 6 }, user.name.slice(0, 20)));
    const person = { pin, row: document.createElement('li') };
    this.#svg.querySelector('.pins').append(pin);
    this.#list.append(person.row);
    this.#people.set(user.id, person);
    return person;
  }
}

/** The nearest position that is on the map. */
export function onMap({ x, y }) {
  const clamp = (value, max) => Math.round(Math.min(Math.max(value, 0), max) * 10) / 10;
  return { x: clamp(x, 100), y: clamp(y, 60) };
}

function nearest({ x, y }) {
  const distance = (place) => Math.hypot(place.x - x, place.y - y);
  const place = PLACES.reduce((best, next) => (distance(next) < distance(best) ? next : best));
  return distance(place) < 4 ? `at the ${place.name}` : `near the ${place.name}`;
}

function shape(name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
