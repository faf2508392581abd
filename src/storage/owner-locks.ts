/**
 * Tells which sessions are alive: each holds a Web Lock of a name of its own until it ends or its page is gone, however that
 * goes. Names begin with that of the place, `<prefix> `.
 */
export class OwnerLocks {
  readonly #prefix: string;
  readonly #locks: LockManager;
  readonly #end = new AbortController();
  readonly #news: BroadcastChannel;
  readonly #watched = new Set<string>();
  readonly #onEnd: () => void;

  /** `onEnd` is called whenever another session of the place has ended. */
  constructor(prefix: string, locks: LockManager, onEnd: () => void) {
    this.#prefix = prefix;
    this.#locks = locks;
    this.#onEnd = onEnd;
    this.#news = new BroadcastChannel(prefix);
    this.#news.onmessage = ({ data }) => this.#watch(String(data));
  }

  /** Takes the lock of a session, and tells the others of it. */
  hold(owner: string): Promise<void> {
    const name = this.#nameOf(owner);
    this.#watched.add(name);
    return new Promise((resolve, reject) => {
      const ended = new Promise<void>((end) => {
        this.#end.signal.addEventListener('abort', () => end());
      });
      this.#locks
        .request(name, () => {
          this.#news.postMessage(name);
          resolve();
          return ended;
        })
        .catch(reject);
    });
  }

  /** Runs `work` on no two pages at once. */
  async alone(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    if (!signal.aborted) await this.#locks.request(this.#prefix, { signal }, work);
  }

  /** Which of these sessions have ended. From now on it is told when others of the place end. */
  async ended(owners: ReadonlySet<string>): Promise<Set<string>> {
    const { held = [] } = await this.#locks.query();
    // Those that wait for the end of a session hold its lock as well, for a moment.
    const living = new Set(held.flatMap(({ name, mode }) => (mode === 'exclusive' && name ? [name] : [])));
    for (const name of living) this.#watch(name);
    return new Set([...owners].filter((owner) => !living.has(this.#nameOf(owner))));
  }

  release(): void {
    this.#end.abort();
    this.#news.close();
  }

  #nameOf(owner: string): string {
    return `${this.#prefix} ${owner}`;
  }

  #watch(name: string): void {
    const { signal } = this.#end;
    if (!name.startsWith(`${this.#prefix} `) || this.#watched.has(name) || signal.aborted) return;
    this.#watched.add(name);
    this.#locks
      .request(name, { mode: 'shared', signal }, () => {})
      .then(
        () => {
          this.#watched.delete(name);
          this.#onEnd();
        },
        () => {},
      );
  }
}
