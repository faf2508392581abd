import { TestClock } from 'momento-chat/testing';
import { type ChatRoomOptions, ENVIRONMENT } from '../../src/room/options.js';
import { liteEnvironment } from '../../src/session/lite-environment.js';
import { webEnvironment } from '../../src/session/web-environment.js';
import type { Scheduler } from '../../src/shared/clock.js';

/** Real time, which a test moves ahead for some rooms: what they wait for comes at once, over real sockets. */
export class MovedTime {
  readonly #clock = new TestClock();
  readonly #scheduler: Scheduler = {
    now: () => this.#clock.now(),
    monotonic: () => this.#clock.monotonic(),
    random: () => Math.random(),
    after: (ms, task) => this.#clock.setTimeout(task, ms),
  };

  /** Options for a room that lives by it. `via`: the entry of the package that the room is of. Default `web`. */
  options(via: 'web' | 'lite' = 'web'): Partial<ChatRoomOptions> {
    const environment = via === 'web' ? webEnvironment : liteEnvironment;
    return { [ENVIRONMENT]: { ...environment, scheduler: this.#scheduler } } as Partial<ChatRoomOptions>;
  }

  /** Lets `ms` pass at once, with all that falls due. */
  advance(ms: number): void {
    this.#clock.advance(ms);
  }
}
