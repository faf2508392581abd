const FLIGHTS = [
  { flight: 'LH 410', to: 'Lisbon, 10:40' },
  { flight: 'AF 212', to: 'Paris, 11:05' },
  { flight: 'SK 731', to: 'Oslo, 11:20' },
  { flight: 'TP 558', to: 'Porto, 11:45' },
];
const FIELDS = {
  gate: ['A1', 'A2', 'B1', 'B2'],
  state: ['On time', 'Boarding', 'Delayed', 'Departed'],
};

/** Whether that is a change of a row that there is; messages of others may carry anything. */
export function isChange(meta) {
  return (
    FLIGHTS.some(({ flight }) => flight === meta?.flight) &&
    Object.hasOwn(FIELDS, meta.field) &&
    FIELDS[meta.field].includes(meta.value)
  );
}

/** The table: a row for each flight, with a choice for each field. */
export class Board {
  #rows = new Map();

  /** `onChange` is called with each choice that is made here. */
  constructor(onChange) {
    for (const { flight, to } of FLIGHTS) {
      const title = element('th', flight, { scope: 'row' });
      title.append(element('small', to));
      const note = element('td', '–');
      const row = document.createElement('tr');
      row.append(title);
      for (const [field, values] of Object.entries(FIELDS)) {
        const choice = element('select', '', { name: field, ariaLabel: `${field} of ${flight}` });
        choice.append(...values.map((value) => new Option(value)));
        choice.addEventListener('change', () => onChange({ flight, field, value: choice.value }));
        const cell = document.createElement('td');
        cell.append(choice);
        row.append(cell);
      }
      row.append(note);
      document.querySelector('tbody').append(row);
      this.#rows.set(flight, { row, note });
    }
  }

  /** Shows a change, and the message that brought it. */
  show({ flight, field, value }, { user, sentAt, status }) {
    const { row, note } = this.#rows.get(flight);
    row.querySelector(`[name=${field}]`).value = value;
    row.className = status;
    const time = sentAt.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    note.textContent = status === 'failed' ? 'Not saved' : `${user.name}, ${time}`;
  }
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}
