import type { Ui } from './ui.js';

/**
 * Replaces what stands in a box. When that takes the focus away, the control of the same `data-key` gets it, else the first
 * one with a key, else the box.
 */
export function replaceKeepingFocus(ui: Ui, box: HTMLElement, ...children: Node[]): void {
  const { focused } = ui;
  const lost =
    focused instanceof HTMLElement && focused !== box && box.contains(focused) ? focused : undefined;
  box.replaceChildren(...children);
  if (lost === undefined) return;
  const keyed = [...box.querySelectorAll<HTMLElement>('[data-key]')];
  const again = keyed.find(({ dataset }) => dataset.key === lost.dataset.key) ?? keyed[0] ?? box;
  again.focus({ preventScroll: true });
}
