/**
 * So long something stays open after its last user went (ms). Strict mode, fast refresh and a component that moves in the
 * tree all let go of it, and take it again at once.
 */
export const GRACE_MS = 3000;

/** Something that is open as long as somebody uses it, and a moment longer. */
export class SharedUse {
  readonly #open: () => () => void;
  #users = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #close: (() => void) | undefined;

  /** @param open - Opens it; returns what closes it. */
  constructor(open: () => () => void) {
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
      if (this.#users === 0) this.#timer = setTimeout(() => this.#end(), GRACE_MS);
    };
  };

  #end(): void {
    const close = this.#close;
    this.#close = undefined;
    close?.();
  }
}
