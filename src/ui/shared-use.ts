/**
 * So long something stays open after its last user went (ms). Strict mode, fast refresh and a component that moves in the
 * tree all let go of it, and take it again at once.
 */
export const GRACE_MS = 3000;

/** Something that is open as long as somebody uses it, and a moment longer. */
export class SharedUse {
  readonly #open: () => () => unknown;
  #users = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #close: (() => unknown) | undefined;

  /** @param open - Opens it; returns what closes it, or gives `true` while something is on its way: then it stays open. */
  constructor(open: () => () => unknown) {
    this.#open = open;
  }

  /** Uses it until the returned function is called. */
  readonly use = (): (() => void) => {
    clearTimeout(this.#timer);
    this.#users += 1;
    this.#close ??= this.#open();
    let using = true;
    return () => {
      if (!using) return;
      using = false;
      this.#users -= 1;
      if (this.#users === 0) this.#endLater();
    };
  };

  #endLater(): void {
    this.#timer = setTimeout(() => {
      const close = this.#close;
      this.#close = undefined;
      if (close?.() !== true) return;
      this.#close = close;
      this.#endLater();
    }, GRACE_MS);
  }
}
