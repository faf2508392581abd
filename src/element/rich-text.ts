import { h } from './dom.js';

/** Ends at blanks, at what quotes it, and at marks that would show it in another order than it is. */
const LINK = /https?:\/\/[^\s<>"'\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/gi;
const TRAILING = /[.,;:!?\u2026]+$/;
const MAX_LINKS = 50;

/** A text with its links and mentions. Everything that is not a link or mention stays text. */
export function richText(text: string, mentioned: readonly string[]): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  let links = 0;
  for (const match of text.matchAll(LINK)) {
    if (links >= MAX_LINKS) break;
    const shown = withoutTrailing(match[0]);
    const href = safeAddress(shown);
    if (href === undefined) continue;
    links += 1;
    nodes.push(...withMentions(text.slice(at, match.index), mentioned));
    nodes.push(
      h(
        'a',
        { href, target: '_blank', rel: 'noopener noreferrer nofollow', title: href, part: 'link' },
        shown,
      ),
    );
    at = match.index + shown.length;
  }
  nodes.push(...withMentions(text.slice(at), mentioned));
  return nodes;
}

/** http and https only, and no user name that looks like another host. */
function safeAddress(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const { protocol, username, password, href } = new URL(link);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return username === '' && password === '' ? href : undefined;
}

/** A sentence may end after a link, and a bracket may close that opened before it. */
function withoutTrailing(link: string): string {
  let end = link.replace(TRAILING, '');
  while (/[)\]}]$/.test(end) && count(end, ')]}') > count(end, '([{'))
    end = end.slice(0, -1).replace(TRAILING, '');
  return end;
}

function count(text: string, characters: string): number {
  let found = 0;
  for (const character of text) if (characters.includes(character)) found += 1;
  return found;
}

function withMentions(text: string, names: readonly string[]): Node[] {
  const nodes: Node[] = [];
  let rest = text;
  while (rest !== '') {
    const next = names
      .map((name) => ({ at: rest.indexOf(`@${name}`), length: name.length + 1 }))
      .filter(({ at }) => at >= 0)
      // "@Ann Lee" and not the "@Ann" in it.
      .sort((a, b) => a.at - b.at || b.length - a.length)[0];
    if (next === undefined) break;
    const { at, length } = next;
    if (at > 0) nodes.push(document.createTextNode(rest.slice(0, at)));
    nodes.push(h('span', { class: 'mention', part: 'mention' }, rest.slice(at, at + length)));
    rest = rest.slice(at + length);
  }
  if (rest !== '') nodes.push(document.createTextNode(rest));
  return nodes;
}
