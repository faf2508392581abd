import { h } from './dom.js';

/** Ends at blanks, at what quotes it, and at marks that would show it in another order than it is. */
const LINK = /https?:\/\/[^\s<>"'\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/gi;
const TRAILING = '.,;:!?\u2026';
const OPENING = '([{';
const CLOSING = ')]}';
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
  let closing = count(link, CLOSING) - count(link, OPENING);
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link.charAt(end - 1);
    if (closing > 0 && CLOSING.includes(last)) closing -= 1;
    else if (!TRAILING.includes(last)) break;
  }
  return link.slice(0, end);
}

function count(text: string, characters: string): number {
  let found = 0;
  for (const character of text) if (characters.includes(character)) found += 1;
  return found;
}

/** Each "@" is looked at once, however many names there are. */
function withMentions(text: string, names: readonly string[]): Node[] {
  // "@Ann Lee" and not the "@Ann" in it.
  const longestFirst = names.filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const nodes: Node[] = [];
  let from = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', Math.max(at + 1, from))) {
    const name = longestFirst.find((one) => text.startsWith(one, at + 1));
    if (name === undefined) continue;
    if (at > from) nodes.push(document.createTextNode(text.slice(from, at)));
    from = at + 1 + name.length;
    nodes.push(h('span', { class: 'mention', part: 'mention' }, text.slice(at, from)));
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}
