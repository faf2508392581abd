import { asChatError } from '../shared/as-chat-error.js';
import { CALL_BACKOFF } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { ReadMessages } from './timeline-view.js';

type Read = (signal: AbortSignal) => Promise<void>;

/** The readings of one join. */
interface Round {
  readonly signal: AbortSignal;
  /** Ids that were in memory when it began: of them nothing was heard since the room was left. */
  readonly stale: readonly string[];
  /** Whether the state was read, so that what was missed since must be read again. */
  begun: boolean;
  joined: boolean;
  resyncing: boolean;
  again: boolean;
}

export interface FeatureReadingsOptions {
  clock: Scheduler;
  /** Ids of the messages in memory. */
  ids(): readonly string[];
  report(error: ChatError): void;
}

/**
 * Has the features of a room read what is stored: about messages before these are shown, and everything after a join and
 * whenever events may have been missed.
 */
export class FeatureReadings {
  readonly ofMessages: ReadMessages[] = [];
  readonly #ofOthers: Read[] = [];
  readonly #options: FeatureReadingsOptions;
  #round: Round | undefined;

  constructor(options: FeatureReadingsOptions) {
    this.#options = options;
  }

  /** Adds a reading about messages. Where messages are shown already, it is made at once. */
  onRead(read: ReadMessages): void {
    this.ofMessages.push(read);
    const round = this.#round;
    if (round?.begun) this.#inBackground(() => read(this.#options.ids(), round.signal), round);
  }

  /** Adds a reading about anything else. Once the room is joined it is made at once, and not before: a first visit is told by that. */
  onResync(read: Read): void {
    this.#ofOthers.push(read);
    const round = this.#round;
    if (round?.joined) this.#inBackground(() => read(round.signal), round);
  }

  /** A join begins; `signal` ends with it. */
  begin(signal: AbortSignal): void {
    this.#round = {
      signal,
      stale: this.#options.ids(),
      begun: false,
      joined: false,
      resyncing: false,
      again: false,
    };
  }

  /** The room is joined. */
  joined(): void {
    const round = this.#round;
    if (round === undefined) return;
    // Where the list is empty, nothing was read so far.
    round.begun = true;
    round.joined = true;
    const { stale, signal } = round;
    if (stale.length > 0)
      for (const read of this.ofMessages) this.#inBackground(() => read(stale, signal), round);
    for (const read of this.#ofOthers) this.#inBackground(() => read(signal), round);
  }

  end(): void {
    this.#round = undefined;
  }

  /** Reads about messages that are going to be shown. Rejects with a {@link ChatError} when that is to be repeated. */
  async beforeShow(ids: readonly string[]): Promise<void> {
    const round = this.#round;
    if (round === undefined) return;
    round.begun = true;
    await this.#all(this.ofMessages.map((read) => read(ids, round.signal)));
  }

  /** Events may have been missed: everything is read again, once for all that asked meanwhile. */
  resync(): void {
    const round = this.#round;
    if (!round?.begun) return;
    if (round.resyncing) {
      round.again = true;
      return;
    }
    round.resyncing = true;
    const read = async () => {
      do {
        round.again = false;
        const ids = this.#options.ids();
        const about = ids.length > 0 ? this.ofMessages.map((one) => one(ids, round.signal)) : [];
        const others = round.joined ? this.#ofOthers.map((one) => one(round.signal)) : [];
        await this.#all([...about, ...others]);
      } while (round.again);
    };
    this.#inBackground(read, round, () => {
      round.resyncing = false;
    });
  }

  /** Waits for readings. One that can never succeed is done without: the key may not be read, or the app's client cannot. */
  async #all(readings: readonly Promise<void>[]): Promise<void> {
    await Promise.all(
      readings.map((reading) =>
        reading.catch((problem: unknown) => {
          const error = asChatError('read the state of the room', problem);
          if (error.retryable || error.code === 'closed' || error.code === 'unauthenticated') throw error;
          this.#options.report(error);
        }),
      ),
    );
  }

  /** Repeats a reading until it succeeds or cannot. */
  #inBackground(read: () => Promise<void>, { signal }: Round, done = () => {}): void {
    const { clock, report } = this.#options;
    retry(read, { scheduler: clock, signal, backoff: CALL_BACKOFF, onTrouble: report })
      .catch((problem: unknown) => {
        if (!signal.aborted) report(asChatError('read the state of the room', problem));
      })
      .finally(done);
  }
}
