import { button, h } from './dom.js';

export interface MenuItem {
  label: string;
  danger?: boolean;
  /** Stands beside others like it in one row, such as an emoji. */
  small?: boolean;
  checked?: boolean;
  act: () => void;
}

/** A menu for the keyboard as well: arrows, Home, End, and the first letter of an item, again for the next one. */
export function menu(label: string, items: readonly MenuItem[], onDone: () => void): HTMLElement {
  const buttons = items.map(({ label, danger, small, checked, act }) =>
    button(
      {
        role: small ? 'menuitemcheckbox' : 'menuitem',
        class: `item${danger ? ' danger' : ''}${small ? ' small' : ''}`,
        'aria-checked': small ? String(checked ?? false) : undefined,
        tabindex: -1,
        dir: 'auto',
        onclick: () => {
          // Closed first: what the item does may move the focus.
          onDone();
          act();
        },
      },
      label,
    ),
  );
  const small = buttons.filter((_, index) => items[index]?.small);
  const rest = buttons.filter((_, index) => !items[index]?.small);
  const box = h(
    'div',
    { class: 'popup menu', part: 'menu', role: 'menu', 'aria-label': label, tabindex: -1 },
    small.length > 0 && h('div', { class: 'smalls', role: 'group', 'aria-label': label }, ...small),
    ...rest,
  );
  roam(box, buttons);
  return box;
}

/** Moves the focus among `items`, in rows of `columns`, by the keyboard; the arrows follow the direction of the text. */
export function roam(box: HTMLElement, items: readonly HTMLElement[], columns = 1): void {
  box.addEventListener('keydown', (event) => {
    // Those are for the browser, as Ctrl+R.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = items.indexOf(event.target as HTMLElement);
    const right = getComputedStyle(box).direction === 'rtl' ? -1 : 1;
    const steps = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: right, ArrowLeft: -right };
    const step: number | undefined = steps[event.key as keyof typeof steps];
    const to =
      step !== undefined
        ? (at + step + items.length) % items.length
        : event.key === 'Home'
          ? 0
          : event.key === 'End'
            ? items.length - 1
            : event.key.length === 1 && event.key !== ' '
              ? nextOf(items, at, event.key)
              : -1;
    if (to < 0) return;
    event.preventDefault();
    items[to]?.focus();
  });
}

/** Returns the place of the next item that begins with a letter; -1 without one. */
function nextOf(items: readonly HTMLElement[], at: number, letter: string): number {
  // A name is isolated from the direction of the text around it.
  const begins = ({ textContent }: HTMLElement) =>
    textContent?.replace('\u2068', '').toLocaleLowerCase().startsWith(letter.toLocaleLowerCase());
  const next = [...items.slice(at + 1), ...items].find(begins);
  return next ? items.indexOf(next) : -1;
}

/** Asks before something that cannot be undone. */
export function confirmation(question: string, yes: MenuItem, no: MenuItem): HTMLElement {
  const id = 'question';
  return h(
    'div',
    { class: 'popup confirm', part: 'confirm', role: 'alertdialog', 'aria-labelledby': id },
    h('p', { id }, question),
    h(
      'div',
      { class: 'choices' },
      button({ class: 'quiet', onclick: no.act }, no.label),
      button({ class: 'primary danger', onclick: yes.act }, yes.label),
    ),
  );
}
