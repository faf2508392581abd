/**
 * So long something stays open after its last user went (ms). Strict mode, fast refresh and a component that moves in the
 * tree all let go of it, and take it again at once.
 */
export const GRACE_MS = 3000;

/** Something that is open as long as somebody uses it, and a moment longer. */
export class SharedUse {
  readonly #open: () => () => unknown;
  readonly #isOver: (() => boolean) | undefined;
  #users = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #close: (() => unknown) | undefined;

  /**
   * @param open - Opens it; returns what closes it, or gives `true` while something is on its way: then it stays open.
   * @param isOver - Whether it ended without its users: then the next one opens it anew.
   */
  constructor(open: () => () => unknown, isOver?: () => boolean) {
    this.#open = open;
    this.#isOver = isOver;
  }

  /** Uses it until the returned function is called. */
  readonly use = (): (() => void) => {
    clearTimeout(this.#timer);
    if (this.#users === 0 && this.#isOver?.()) this.#end();
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
      if (!this.#end()) this.#endLater();
    }, GRACE_MS);
  }

  /** False: something is on its way. */
  #end(): boolean {
    if (this.#close?.() === true) return false;
    this.#close = undefined;
    return true;
  }
}
