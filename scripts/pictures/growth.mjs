import { label, picture } from './svg.mjs';

const MEMBERS = [10, 100, 1000];
const LEFT = 70;
const RIGHT = 440;
const TOP = 40;
const BOTTOM = 330;
const DECADES = 9; // of the vertical axis, from 1 to 1,000,000,000

/** The rows of docs/scaling.md that are drawn: which number of each cell, and whether it is the design that is not ours. */
const CURVES = [
  { row: 'all type, a minute', number: 1, name: 'all type, each key published', kind: 'd dashed' },
  { row: 'presence a minute', number: 1, name: 'presence, all tell all', kind: 'e dashed' },
  { row: 'one message, all mark it read', number: 2, name: 'all mark a message read', kind: 'c' },
  { row: 'all type', number: 1, name: 'all type', kind: 'd' },
  { row: 'one types', number: 1, name: 'one types', kind: 'a' },
  { row: 'all present', number: 0, name: 'all are present (calls)', kind: 'b' },
];

const x = (members) => LEFT + ((Math.log10(members) - 1) / 2) * (RIGHT - LEFT);
const y = (count) => BOTTOM - (Math.log10(count) / DECADES) * (BOTTOM - TOP);

/** The chart of what a room of N members costs in a minute. */
export function growth(scaling) {
  const curves = CURVES.map((curve) => ({ ...curve, values: valuesOf(scaling, curve) }));
  const spoken = curves.map(
    ({ name, values }) => `${name}: ${values.map((value) => value.toLocaleString('en')).join(', ')}`,
  );
  return picture(
    760,
    390,
    {
      title: 'Deliveries in a minute, by the members of a room',
      description: `For 10, 100 and 1,000 members. ${spoken.join('. ')}. Dashed: a design in which everybody tells everybody.`,
    },
    [
      label(LEFT - 50, 24, 'deliveries in a minute', { kind: 'small', anchor: 'start' }),
      ...Array.from({ length: DECADES + 1 }, (_, power) => 10 ** power).flatMap((count, power) => [
        `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(count).toFixed(1)}" y2="${y(count).toFixed(1)}" />`,
        ...(power % 3 === 0
          ? [label(LEFT - 8, y(count) + 4, short(count), { kind: 'small', anchor: 'end' })]
          : []),
      ]),
      ...MEMBERS.map((count) => label(x(count), BOTTOM + 22, short(count), { kind: 'small' })),
      label((LEFT + RIGHT) / 2, BOTTOM + 44, 'members', { kind: 'small' }),
      ...curves.map(({ kind, values }) => `<path class="curve ${kind}" d="${pathOf(values)}" />`),
      ...labelsOf(curves),
    ],
  );
}

const pathOf = (values) =>
  values
    .map((value, at) => `${at === 0 ? 'M' : 'L'}${x(MEMBERS[at]).toFixed(1)} ${y(value).toFixed(1)}`)
    .join(' ');

/** A label at the end of each curve, no two of them on top of each other. The curves come from top to bottom. */
function labelsOf(curves) {
  let above = -Infinity;
  return curves.map(({ name, values }) => {
    above = Math.max(y(values.at(-1)) + 4, above + 18);
    return label(RIGHT + 12, above.toFixed(1), `${name}: ${short(values.at(-1))}`, { anchor: 'start' });
  });
}

function short(count) {
  if (count >= 1e9) return `${count / 1e9} billion`;
  if (count >= 1e6) return `${(Math.round(count / 1e5) / 10).toLocaleString('en')} million`;
  return count.toLocaleString('en');
}

/** A number out of each of the three cells of a row. */
function valuesOf(scaling, { row, number }) {
  const line = scaling.split('\n').find((text) => text.startsWith(`| ${row} |`));
  const cells = line?.split('|').slice(2, 5) ?? [];
  const values = cells.map((cell) =>
    Number([...cell.matchAll(/[\d,]*\d/g)][number]?.[0].replaceAll(',', '')),
  );
  if (values.length !== 3 || values.some((value) => !(value > 0)))
    throw new Error(`docs/scaling.md has no row "${row}"`);
  return values;
}
