import { People } from '../../src/element/people.js';
import { formatsIn, textsIn } from '../../src/element/texts/language.js';
import { Ui } from '../../src/element/ui.js';

/** The parts of a browser that jsdom lacks. Nothing has a size in it, and nothing comes into sight. */
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer });
Object.assign(CSSStyleSheet.prototype, { replaceSync() {} });
Element.prototype.scrollIntoView = () => {};

/** The things that a part of the element needs, in a document. */
export function makeUi(): { ui: Ui; frame: HTMLElement } {
  const host = document.body.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  const frame = root.appendChild(document.createElement('div'));
  const texts = textsIn('en', undefined);
  const ui = new Ui({
    root,
    frame,
    texts,
    format: formatsIn('en', texts),
    people: new People(),
    avatar: () => undefined,
  });
  return { ui, frame };
}
