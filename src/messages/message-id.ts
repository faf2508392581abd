import type { Scheduler } from '../shared/clock.js';
import { invalidArgument } from '../shared/errors.js';
import { uuidV7 } from './uuid-v7.js';

/** A remote clock may run this far ahead of ours and still pull our ids along (milliseconds). */
export const MAX_CLOCK_LEAD_MS = 5 * 60_000;

/** An id may lie this far in the future before it is a forgery: two wrong clocks of a day each (milliseconds). */
export const MAX_FUTURE_MS = 2 * 86_400_000;

const MAX_SEQUENCE = 0x7fff_ffff;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `value` is a UUIDv7 in canonical lower-case form (RFC 9562, section 5.7). */
export function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && UUID_V7.test(value);
}

/** Throws a ChatError `invalid-argument` unless `id` is the id of a message; `action` completes "unable to …". */
export function assertMessageId(id: unknown, action: string): asserts id is string {
  if (!isMessageId(id)) throw invalidArgument(action, 'the id is not that of a message');
}

/** The milliseconds since the Unix epoch that a UUIDv7 carries in its first 48 bits. */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * Returns `next`, or an id right behind `known` if that one is ahead. So a replacement is later than the thing it replaces,
 * however wrong the clock was that made that. Two clients that replace the same thing make two ids.
 */
export function idAbove(known: string | undefined, next: string): string {
  if (known === undefined || known < next) return next;
  const time = (idTime(known) + 1).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${next.slice(13)}`;
}

/**
 * Makes message ids: UUIDv7s whose time comes from a hybrid logical clock, so that what is sent after a
 * message was seen sorts after that message, however wrong either clock is (up to {@link MAX_CLOCK_LEAD_MS}).
 *
 * Sources: RFC 9562, section 6.2 (monotonicity); Kulkarni et al., "Logical Physical Clocks", 2014.
 */
export class MessageIds {
  readonly #clock: Pick<Scheduler, 'now' | 'random'>;
  #time = 0;
  #sequence = 0;
  /** The newest time came from somebody else, whose sequence within that millisecond is not ours to continue. */
  #foreign = false;

  constructor(clock: Pick<Scheduler, 'now' | 'random'>) {
    this.#clock = clock;
  }

  /**
   * An id greater than every id made or observed so far; unless our clock was so wrong that nobody would take one
   * that goes on from there.
   */
  next(): string {
    if (typeof globalThis.crypto?.getRandomValues !== 'function')
      throw invalidArgument('make an id for the message', 'there is no `crypto` here');
    const now = this.#clock.now();
    if (now > this.#time || this.#time - now > MAX_FUTURE_MS) this.#startAt(now);
    else if (this.#foreign || this.#sequence >= MAX_SEQUENCE) this.#startAt(this.#time + 1);
    else this.#sequence += 1;
    const [high = 0, low = 0] = globalThis.crypto.getRandomValues(new Uint32Array(2));
    return uuidV7(this.#time, this.#sequence, (high & 0x3ff) * 2 ** 32 + low);
  }

  /** Lets the clock learn from an id made elsewhere, `now` by the wall clock. */
  observe(id: string, now = this.#clock.now()): void {
    const time = idTime(id);
    if (time < this.#time || time - now >= MAX_CLOCK_LEAD_MS) return;
    this.#time = time;
    this.#foreign = true;
  }

  #startAt(time: number): void {
    this.#time = time;
    // A start in the lower half of the range leaves room to count within one millisecond.
    this.#sequence = Math.floor(this.#clock.random() * (MAX_SEQUENCE / 2));
    this.#foreign = false;
  }
}
