import type { RoomUi } from './room-ui.js';

/** Marks what was read while an element is seen. */
export class ReadMarker {
  readonly #ui: RoomUi;
  readonly #id: () => string | undefined;
  #element: Element | null | undefined;
  #stop = () => {};

  /** @param id - The message that the element shows; undefined: it is the end of the list. */
  constructor(ui: RoomUi, id: () => string | undefined) {
    this.#ui = ui;
    this.#id = id;
  }

  /** Another element to look at, or none. */
  observe(element: Element | null | undefined): void {
    if (element === this.#element) return;
    this.#stop();
    this.#element = element;
    this.#stop = element instanceof Element ? this.#watch(element) : () => {};
  }

  #watch(element: Element): () => void {
    const { room, messages, connection } = this.#ui;
    // In a drawer that is shut it touches the edge of the window, which counts as intersecting. Without a width it may do so in sight.
    const rootMargin = element.clientWidth > 0 ? '0px -1px' : '0px';
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.at(-1)?.isIntersecting && room.messages.length > 0)
          room.read.mark(this.#id()).catch(() => {});
      },
      { rootMargin },
    );
    // It tells anew where the element is, once the page has been laid out: a new message may have pushed it out of sight.
    const look = () => {
      observer.unobserve(element);
      observer.observe(element);
    };
    const stops = [messages.subscribe(look), connection.subscribe(look)];
    look();
    return () => {
      observer.disconnect();
      for (const stop of stops) stop();
    };
  }
}
