import type { ChatUser } from '../messages/message.js';
import type { Scheduler } from '../shared/clock.js';
import { Restorer, type RestorerOptions } from './restorer.js';
import { StoredRoom } from './stored-room.js';

/** What a room with a `storage` loads: what is kept, and what is taken up of earlier pages. Imported dynamically. */
export class RoomStorage extends StoredRoom {
  #restorer: Restorer | undefined;

  /** A join begins. */
  join(user: ChatUser, clock: Scheduler, options: Omit<RestorerOptions, 'stored' | 'clock'>): void {
    const restorer = new Restorer({ ...options, clock, stored: this });
    this.#restorer = restorer;
    this.begin(user, clock, (records) => restorer.adopt(records));
  }

  /** The room is joined, or its connection is back. */
  go(): void {
    this.#restorer?.go();
  }

  override async end(): Promise<void> {
    this.#restorer?.end();
    this.#restorer = undefined;
    await super.end();
  }
}
