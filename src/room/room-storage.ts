import type { Kept } from '../messages/kept.js';
import { KeptMessages } from './kept-messages.js';
import { Restorer, type StoredRuntime } from './restorer.js';
import { StoredRoom } from './stored-room.js';

/** The chunk that a room with a `storage` loads: it keeps what is unsent, and takes up that of earlier pages. */
export class RoomStorage extends StoredRoom {
  readonly kept: Kept = new KeptMessages(this, null);
  #restorer: Restorer | undefined;
  #begin = (): void => {};

  /** A join begins. */
  join(runtime: StoredRuntime): void {
    const restorer = new Restorer(this, runtime, (error) => this.report(error));
    this.#restorer = restorer;
    this.#begin = () => {
      this.#begin = () => {};
      this.begin(runtime.author(), runtime.clock, (records) => restorer.adopt(records));
    };
    if (this.hasId) this.#begin();
  }

  /** The room is joined, or its connection is back. */
  go(): void {
    // The token of this join says who it is.
    this.#begin();
    this.#restorer?.go();
  }

  override async end(): Promise<void> {
    this.#begin = () => {};
    this.#restorer?.end();
    this.#restorer = undefined;
    await super.end();
  }
}
