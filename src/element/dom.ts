type Child = Node | string | undefined | false;
type Value = string | number | boolean | undefined;

interface Props {
  /** Attributes; `true` is one without a value, `false` and undefined are left out. */
  [attribute: string]: Value | ((event: never) => void);
}

/**
 * A new element with attributes, listeners (`onclick: …`) and children. Strings become text, never markup: what people write
 * goes through here.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else setAttribute(element, name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** A button that submits nothing. Without visible text it needs a `label`. */
export function button(
  { label, ...props }: Props & { label?: string | undefined },
  ...children: Child[]
): HTMLButtonElement {
  return h('button', { type: 'button', 'aria-label': label, title: label, ...props }, ...children);
}

export function setAttribute(element: Element, name: string, value: Value): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? '' : value))
    element.setAttribute(name, value === true ? '' : String(value));
}

/** Touches the text only when it changes: each touch is a mutation that others are told of. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Whether a key is part of the composition of a character. Safari ends that first, and gives the key this code. */
export function isComposing({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === 229;
}

const ICONS = {
  send: 'M4 11.2 19.4 4.4c.6-.3 1.2.3 1 .9L14.6 20c-.3.7-1.3.7-1.5 0l-2-6.2L4 12.6c-.7-.3-.7-1.2 0-1.4Z',
  save: 'm9.6 18.2-6-6L5 10.8l4.6 4.6L19 6l1.4 1.4Z',
  more: 'M6 10.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4Zm6 0a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4Zm6 0a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4Z',
  close: 'm6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4 6.4 5Z',
  attach:
    'M16.5 6v9.5a4.5 4.5 0 0 1-9 0V5.2a3.2 3.2 0 0 1 6.4 0v9.6a1.9 1.9 0 0 1-3.8 0V6h1.6v8.8a.3.3 0 0 0 .6 0V5.2a1.6 1.6 0 0 0-3.2 0v10.3a2.9 2.9 0 0 0 5.8 0V6h1.6Z',
  pin: 'm14.5 3 6.5 6.5-1.7.6-3.1 3.1.3 3.8-1.4 1.4-4-4L6 19.5 4.5 18l5.1-5.1-4-4L7 7.5l3.8.3 3.1-3.1.6-1.7Z',
  people:
    'M9 5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Zm7.5 1.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4ZM2.5 18.5c0-3 3-4.7 6.5-4.7s6.5 1.7 6.5 4.7V19h-13v-.5Zm14.7.5h4.3v-.3c0-2.4-2.2-3.9-5-3.9-.4 0-.8 0-1.1.1 1.1.9 1.8 2.2 1.8 3.8v.3Z',
  rooms: 'M4 6h16v2H4V6Zm0 5h16v2H4v-2Zm0 5h10v2H4v-2Z',
  file: 'M6 3h8l5 5v13H6V3Zm7.5 1.6V8.5h3.9l-3.9-3.9Z',
  search:
    'M10.5 3.5a7 7 0 0 1 5.6 11.2l4.6 4.6-1.4 1.4-4.6-4.6A7 7 0 1 1 10.5 3.5Zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10Z',
  back: 'm10.6 5.2 1.4 1.4L7.8 11H20v2H7.8l4.2 4.4-1.4 1.4L4 12l6.6-6.8Z',
} as const;

export type IconName = keyof typeof ICONS;

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: '20',
    height: '20',
    'aria-hidden': 'true',
    class: `icon icon-${name}`,
  }))
    svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Marks that turn the direction of a text around, or end that of a name before the name ends. */
const TURNS = /\p{Bidi_C}/gu;

/** A name inside a sentence: of bounded length, and its direction is its own. */
export function isolated(name: string): string {
  const characters = [...name.replace(TURNS, '').trim()];
  const short = characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : characters.join('');
  return `\u2068${short}\u2069`;
}
