/** So many characters before what was found are shown, and so many after it. */
const BEFORE = 40;
const AFTER = 160;
const MARKS = /\p{M}/gu;

/** The part of a text around what was found in it. */
export interface Snippet {
  before: string;
  found: string;
  after: string;
}

/** Finds as the room's search does: case, accents and width make no difference. */
export function snippetOf(text: string, query: string): Snippet {
  const wanted = fold(query.trim());
  const characters = [...text];
  const folded: string[] = characters.map(fold);
  const whole = folded.join('');
  const at = wanted === '' ? -1 : whole.indexOf(wanted);
  if (at === -1)
    return { before: '', found: '', after: cut(characters.slice(0, BEFORE + AFTER), characters) };
  const start = indexAt(folded, at);
  const end = indexAt(folded, at + wanted.length - 1) + 1;
  const from = start <= BEFORE ? 0 : start - BEFORE;
  // An accent that stands as a character of its own belongs to the letter before it.
  let stop = end;
  while (stop < folded.length && folded[stop] === '') stop += 1;
  const before = characters.slice(from, start).join('');
  return {
    before: from === 0 ? before : `…${before.replace(/^\S*\s+(?=\S)/, '')}`,
    found: characters.slice(start, stop).join(''),
    after: cut(characters.slice(stop, stop + AFTER), characters.slice(stop)),
  };
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(MARKS, '').toUpperCase();
}

/** Returns the character that the folded text has at a place. */
function indexAt(folded: readonly string[], place: number): number {
  let length = 0;
  return folded.findIndex((one) => {
    length += one.length;
    return length > place;
  });
}

function cut(part: readonly string[], whole: readonly string[]): string {
  return part.length < whole.length ? `${part.join('')}…` : part.join('');
}
