import { asFarAsReadable } from '../features/as-far-as-readable.js';
import { asChatError } from '../shared/as-chat-error.js';
import { CALL_BACKOFF } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { ReadMessages } from './timeline-view.js';

type Read = (signal: AbortSignal, round: Round) => Promise<void>;

/** The readings of one join. */
interface Round {
  readonly signal: AbortSignal;
  /** Readings that are under way, and whether each is to be made once more. */
  readonly underWay: Map<Read, boolean>;
  /** Ids that were in memory when it began: of them nothing was heard since the room was left. */
  stale: readonly string[] | undefined;
  /** Whether the state was read, so that what was missed since must be read again. */
  begun: boolean;
  joined: boolean;
}

export interface FeatureReadingsOptions {
  clock: Scheduler;
  /** Ids of the messages in memory. */
  ids(): readonly string[];
  report(error: ChatError): void;
}

const ACTION = 'read the state of the room';

/**
 * Has the features of a room read what is stored: about messages before these are shown, and everything after a join and
 * whenever events may have been missed.
 */
export function featureReadings({ clock, ids, report }: FeatureReadingsOptions) {
  const ofMessages: ReadMessages[] = [];
  const ofOthers: Read[] = [];
  /** The messages that are being read about: those of a page are not in memory yet. */
  const beingRead = new Set<readonly string[]>();
  let round: Round | undefined;

  /** Reads about messages. A reading that can never succeed is done without: the key may not be read, or the app's client cannot. */
  const readAbout = async (about: readonly string[], signal: AbortSignal) => {
    beingRead.add(about);
    const readings = ofMessages.map((read) => asFarAsReadable({ report }, read(about, signal)));
    await Promise.all(readings).finally(() => beingRead.delete(about));
  };
  const readOfMessages: Read = async (signal, { stale }) => {
    const about = stale ?? [...ids(), ...[...beingRead].flat()];
    if (about.length > 0) await readAbout(about, signal);
  };

  /** Repeats a reading in the background until it succeeds or cannot. It never overlaps itself. */
  const start = (read: Read, of: Round) => {
    const { signal, underWay } = of;
    if (underWay.has(read)) {
      underWay.set(read, true);
      return;
    }
    const attempt = async () => {
      do {
        underWay.set(read, false);
        await read(signal, of);
      } while (underWay.get(read) && !signal.aborted);
      underWay.delete(read);
    };
    retry(attempt, { scheduler: clock, signal, backoff: CALL_BACKOFF, onTrouble: report }).catch(
      (problem: unknown) => {
        underWay.delete(read);
        if (!signal.aborted) report(asChatError(ACTION, problem));
      },
    );
  };

  return {
    /** Adds a reading about messages, before the first join. */
    onRead(read: ReadMessages): void {
      ofMessages.push(read);
    },
    readAbout,
    /** Adds a reading about anything else. Once the room is joined it is made at once, and not before: a first visit is told by that. */
    onResync(read: (signal: AbortSignal) => Promise<void>): void {
      ofOthers.push(read);
      if (round?.joined) start(read, round);
    },
    /** A join begins; `signal` ends with it. */
    begin(signal: AbortSignal): void {
      round = { signal, underWay: new Map(), stale: ids(), begun: false, joined: false };
    },
    /** The room is joined. */
    joined(): void {
      if (round === undefined) return;
      // Where the list is empty, nothing was read so far.
      round.begun = true;
      round.joined = true;
      for (const read of [readOfMessages, ...ofOthers]) start(read, round);
    },
    end(): void {
      round = undefined;
    },
    /** Reads about messages that are going to be shown. Rejects with a {@link ChatError} when that is to be repeated. */
    async beforeShow(about: readonly string[]): Promise<void> {
      if (round === undefined) return;
      round.begun = true;
      await readAbout(about, round.signal);
    },
    /** Events may have been missed: everything is read again. */
    resync(): void {
      if (!round?.begun) return;
      round.stale = undefined;
      for (const read of round.joined ? [readOfMessages, ...ofOthers] : [readOfMessages]) start(read, round);
    },
  };
}
