import type { LocalCore } from '../local-engine.js';
import { readDataFile, writeDataFile } from './data-file.js';

/** A change waits so long for others, so that a burst of them is one write of the file. Real time, whatever the server's clock. */
const SETTLE_MS = 200;

/** Calls after which caches are as they were before. */
const CHANGES_NOTHING =
  /^(Get|GetWithHash|GetBatch|KeysExist|ItemGetTtl|ItemGetType|(Dictionary|Set|List|SortedSet)(Get|Fetch|Length|Sample|Contains)\w*|ListCaches|Publish|Subscribe|Ping|\w+Token)$/;

/** Keeps a server's caches in a file: read at the start, written after changes and at the end. */
export class Autosave {
  readonly #file: string;
  readonly #core: LocalCore;
  /** Set while another write is to follow. It begins when the one before it has ended. */
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Reads the file, if it is there, and writes it, so that a place that cannot be written is known at once. */
  static async open(file: string, core: LocalCore): Promise<Autosave> {
    await readDataFile(file, core.engine.caches);
    try {
      await writeDataFile(file, core.engine.caches);
    } catch (cause) {
      throw new Error(`unable to keep data in ${file}; ${(cause as Error).message}`, { cause });
    }
    return new Autosave(file, core);
  }

  private constructor(file: string, core: LocalCore) {
    this.#file = file;
    this.#core = core;
    core.dispatch.onCall = (rpc) => {
      if (!CHANGES_NOTHING.test(rpc)) this.#changed();
    };
  }

  /** Writes what is there now. Rejects when it cannot. */
  async close(): Promise<void> {
    this.#core.dispatch.onCall = () => {};
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    await writeDataFile(this.#file, this.#core.engine.caches);
  }

  #changed(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writing = this.#writing
        .then(() => {
          // close() writes by itself.
          if (this.#timer === undefined) return;
          this.#timer = undefined;
          return writeDataFile(this.#file, this.#core.engine.caches);
        })
        .catch((error: Error) => process.emitWarning(`unable to write the data file; ${error.message}`));
    }, SETTLE_MS);
    this.#timer.unref?.();
  }
}
