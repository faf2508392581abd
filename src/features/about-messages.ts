/**
 * Keeps facts about messages, by their ids: of all that need it, such as those in memory, and of others as far as they were met
 * last. The newest entry is kept longest.
 */
export class AboutMessages<Known> extends Map<string, Known> {
  readonly #isNeeded: (id: string, known: Known) => boolean;
  #spare: number;
  #limit = 0;

  /** `spare`: so many entries that nobody needs are kept at least, and twice as many at most. */
  constructor(spare: number, isNeeded: (id: string, known: Known) => boolean) {
    super();
    this.#isNeeded = isNeeded;
    this.#spare = spare;
  }

  /** These are read about. They may be a page, which nobody needs before all of it was read about. */
  expect({ length }: readonly string[]): void {
    this.#spare = Math.max(this.#spare, length);
  }

  override set(id: string, known: Known): this {
    this.delete(id);
    super.set(id, known);
    if (this.size > this.#limit) this.#forget();
    return this;
  }

  #forget(): void {
    const unneeded = [...this].filter((entry) => !this.#isNeeded(...entry));
    for (const [id] of unneeded.slice(0, -this.#spare)) this.delete(id);
    // Next time when it has grown: each entry is looked at a few times only.
    this.#limit = this.size + this.#spare;
  }
}
