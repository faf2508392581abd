const GAP_PX = 4;

/**
 * The boxes that pop up beside a control: one at a time, inside the frame, gone with Escape, Tab, a press elsewhere, or when
 * the focus moves away. The focus then returns to where it was.
 */
export class Popups {
  readonly #root: ShadowRoot;
  readonly #frame: HTMLElement;
  #open: { box: HTMLElement; anchor: HTMLElement; onClose: (() => void) | undefined } | undefined;

  constructor(root: ShadowRoot, frame: HTMLElement) {
    this.#root = root;
    this.#frame = frame;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  isOpenAt(anchor: HTMLElement): boolean {
    return this.#open?.anchor === anchor;
  }

  /** `focus`: what gets the focus; without it the focus stays where it is. */
  show(
    box: HTMLElement,
    anchor: HTMLElement,
    { focus, onClose }: { focus?: HTMLElement | undefined; onClose?: (() => void) | undefined } = {},
  ): void {
    this.close({ refocus: false });
    this.#open = { box, anchor, onClose };
    this.#frame.append(box);
    this.#place(box, anchor);
    if (anchor.hasAttribute('aria-haspopup')) anchor.setAttribute('aria-expanded', 'true');
    document.addEventListener('pointerdown', this.#pressed, true);
    box.addEventListener('keydown', this.#typed);
    box.addEventListener('focusout', this.#left);
    focus?.focus();
  }

  close({ refocus = true }: { refocus?: boolean } = {}): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    document.removeEventListener('pointerdown', this.#pressed, true);
    const hadFocus = open.box.contains(this.#root.activeElement);
    if (open.anchor.hasAttribute('aria-haspopup')) open.anchor.setAttribute('aria-expanded', 'false');
    open.box.remove();
    const { anchor } = open;
    const to = anchor.isConnected ? anchor : this.#root.querySelector<HTMLElement>('.main textarea');
    if (refocus && hadFocus) to?.focus({ preventScroll: true });
    open.onClose?.();
  }

  readonly #pressed = (event: Event): void => {
    const path = event.composedPath();
    if (this.#open === undefined || path.includes(this.#open.box) || path.includes(this.#open.anchor)) return;
    this.close({ refocus: false });
  };

  readonly #typed = (event: KeyboardEvent): void => {
    const { key, target, shiftKey } = event;
    if (key === 'Escape') {
      event.stopPropagation();
      this.close();
    }
    if (key !== 'Tab' || !(target instanceof HTMLElement)) return;
    const next = shiftKey ? target.previousElementSibling : target.nextElementSibling;
    // From a box that stands at the end of the frame it would leave the chat: it goes on from the control that opened it.
    if (target.hasAttribute('tabindex') || next === null) this.close();
  };

  readonly #left = (event: FocusEvent): void => {
    const { relatedTarget } = event;
    // Nothing: the page lost the focus, or what had it is being replaced.
    if (relatedTarget instanceof Node && !this.#open?.box.contains(relatedTarget))
      this.close({ refocus: false });
  };

  /** Below the anchor where there is room, else above; never outside the frame. */
  #place(box: HTMLElement, anchor: HTMLElement): void {
    const frame = this.#frame.getBoundingClientRect();
    const at = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    const below = at.bottom - frame.top + GAP_PX;
    const above = at.top - frame.top - GAP_PX - height;
    const top = below + height <= frame.height ? below : above;
    const alignsRight = at.left + at.width / 2 > frame.left + frame.width / 2;
    const left = (alignsRight ? at.right - width : at.left) - frame.left;
    box.style.top = `${Math.max(GAP_PX, Math.min(top, frame.height - height - GAP_PX))}px`;
    box.style.left = `${Math.max(GAP_PX, Math.min(left, frame.width - width - GAP_PX))}px`;
  }
}
