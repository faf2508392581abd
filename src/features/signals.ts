import { assertFits } from '../messages/assert-fits.js';
import { assertJson } from '../messages/codec.js';
import type { ChatUser, JsonObject } from '../messages/message.js';
import { sleep } from '../shared/clock.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';

/** Something that an app tells everybody who is in the room now: "a goal!", a cursor, a dice that was rolled. */
export interface Signal {
  /** The name that the app gives it. */
  readonly type: string;
  readonly data: JsonObject;
  /** The sender, as they describe themselves. */
  readonly user: Readonly<ChatUser>;
  /** The sender's wall clock. */
  readonly sentAt: Date;
  /** Sent by this `ChatRoom`, or by the same user id. */
  readonly own: boolean;
  /** The publisher's token id as Momento vouches for it. */
  readonly verifiedUserId?: string;
}

/** Options of `signal()`. */
export interface SignalOptions {
  /**
   * Only the latest signal of the type matters, as of a cursor: ten a second are sent at most, one after the other, and
   * those in between are left out. The promise of one that was left out settles with that of the one sent instead. Default
   * false.
   */
  coalesce?: boolean | undefined;
}

const EVENT = 'signal';
/** Between two signals of a type that are coalesced (milliseconds). */
const GAP_MS = 100;
const ACTION = 'send the signal';
const MAX_TYPE_LENGTH = 64;
/** Leaves a kilobyte of a topic's payload to who sends it and what it is. */
const MAX_DATA_BYTES = 3072;

/** The latest signal of a type, which waits for its turn. */
interface Waiting {
  data: JsonObject;
  readonly sent: Promise<void>;
}

/** Signals of a room: at most once, stored nowhere. */
export class Signals {
  readonly #host: FeatureHost;
  /** Types of which a coalesced signal was sent just now; resolves when the next may be. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Waiting>();
  #signal: AbortSignal | undefined;

  /** Calls `listener` with each signal of the room. */
  constructor(host: FeatureHost, listener: (signal: Signal) => void) {
    this.#host = host;
    host.onJoined((signal) => {
      this.#signal = signal;
    });
    host.events.on(EVENT, ({ data: { type, data }, user, sentAt, own, verifiedUserId }) => {
      if (typeof type !== 'string' || type.length > MAX_TYPE_LENGTH || !isObject(data)) return;
      if (host.hides(user, verifiedUserId)) return;
      const signal: Signal = { type, data: data as JsonObject, user, sentAt, own };
      listener(verifiedUserId === undefined ? signal : { ...signal, verifiedUserId });
    });
  }

  /** Sends a signal. Rejects with a {@link ChatError}. */
  async send(type: string, data: JsonObject, options: SignalOptions = {}): Promise<void> {
    assertSignal(type, data);
    if (!isObject(options as unknown)) throw invalid('the options are not an object');
    await (options.coalesce ? this.#sendLatest(type, data) : this.#send(type, data));
  }

  #sendLatest(type: string, data: JsonObject): Promise<void> {
    const free = this.#busy.get(type);
    if (free === undefined) return this.#begin(type, data);
    // The app may go on changing its object.
    const latest: JsonObject = JSON.parse(JSON.stringify(data));
    const waiting = this.#waiting.get(type);
    if (waiting !== undefined) {
      waiting.data = latest;
      return waiting.sent;
    }
    const join = this.#signal;
    const next: Waiting = {
      data: latest,
      sent: free.then(() => {
        this.#waiting.delete(type);
        // The next join may have begun.
        join?.throwIfAborted();
        return this.#begin(type, next.data);
      }),
    };
    this.#waiting.set(type, next);
    return next.sent;
  }

  #begin(type: string, data: JsonObject): Promise<void> {
    const sent = this.#send(type, data);
    const pause = sleep(this.#host.clock, GAP_MS, this.#signal);
    const free = Promise.allSettled([sent, pause]).then(() => {
      this.#busy.delete(type);
    });
    this.#busy.set(type, free);
    return sent;
  }

  async #send(type: string, data: JsonObject): Promise<void> {
    if (this.#host.isOffline()) throw unable('network', ACTION, 'the connection is lost');
    await this.#host.events.send(EVENT, { type, data }, { action: ACTION, once: true });
  }
}

function assertSignal(type: string, data: JsonObject): void {
  if (typeof type !== 'string' || type.trim() === '' || type.length > MAX_TYPE_LENGTH)
    throw invalid(`the type must be a string of 1 to ${MAX_TYPE_LENGTH} characters`);
  if (!isObject(data)) throw invalid('the data must be a JSON object');
  let json: string;
  try {
    json = JSON.stringify(data, assertJson);
  } catch {
    throw invalid('the data must be a JSON object');
  }
  assertFits(json, MAX_DATA_BYTES, ACTION);
}

function invalid(why: string): ChatError {
  return invalidArgument(ACTION, why);
}
