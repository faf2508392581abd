import { assertFits } from '../messages/assert-fits.js';
import { assertJson } from '../messages/codec.js';
import { decodeUser } from '../messages/decode-user.js';
import type { ChatUser, JsonObject } from '../messages/message.js';
import { isMessageId } from '../messages/message-id.js';
import { exceeds } from '../messages/payload-size.js';
import { type ChatError, invalidArgument } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';

/** One connection of a member, as it is stored: one tab, one bot. */
export interface PresenceEntry {
  /** Made anew at each entering. */
  readonly connection: string;
  /** Id of the change that made it what it is. */
  readonly version: string;
  readonly user: ChatUser;
  /** When it entered, by its own wall clock (milliseconds). */
  readonly since: number;
  readonly data?: JsonObject | undefined;
}

/** How long an entry counts after its last renewal (milliseconds). */
export const LEASE_MS = 60_000;
/** The same for a hidden tab, whose timers a browser lets run once a minute only. */
export const HIDDEN_LEASE_MS = 150_000;
const MAX_ENTRY_BYTES = 1024;
const MAX_USER_ID_LENGTH = 256;
/** The latest moment that a `Date` can hold. */
const MAX_DATE = 8.64e15;

/**
 * Encodes an entry.
 *
 * @throws ChatError `invalid-argument` when the data is no JSON object, `message-too-large` beyond 1 KB.
 */
export function encodeEntry({ connection, version, user, since, data }: PresenceEntry): string {
  if (data !== undefined && !isObject(data)) throw notJson();
  let value: string;
  try {
    value = JSON.stringify({ v: 1, c: connection, r: version, u: user, s: since, d: data }, assertJson);
  } catch {
    throw notJson();
  }
  assertFits(value, MAX_ENTRY_BYTES, 'enter the presence', ' with the user');
  return value;
}

/** Decodes a stored entry. Never throws; undefined for what is none. */
export function decodeEntry(value: string): PresenceEntry | undefined {
  if (exceeds(value, MAX_ENTRY_BYTES)) return undefined;
  const parsed = readJson(value);
  return isObject(parsed) ? asEntry(parsed, parsed.r, parsed.u) : undefined;
}

/** Checks what somebody says of their connection. */
export function asEntry(
  { c: connection, s: since, d: data }: Record<string, unknown>,
  version: unknown,
  who: unknown,
): PresenceEntry | undefined {
  const user = decodeUser(who, MAX_USER_ID_LENGTH);
  if (!isMessageId(connection) || !isMessageId(version) || user === undefined) return undefined;
  if (!Number.isSafeInteger(since) || Math.abs(Number(since)) > MAX_DATE) return undefined;
  if (data !== undefined && !isObject(data)) return undefined;
  return { connection, version, user, since: Number(since), data: data as JsonObject | undefined };
}

/**
 * Returns the score of an entry: the end of its lease in milliseconds. Its last three digits say how long the lease is, in
 * seconds, for readers whose clock differs from the writer's: to them a score says by its changing that somebody is there.
 * So it is greater than `after`, the one before.
 */
export function scoreFor(now: number, leaseMs: number, after: number): number {
  const end = Math.max(Math.ceil((now + leaseMs) / 1000), Math.floor(after / 1000) + 1);
  return end * 1000 + leaseMs / 1000;
}

/** Returns how long the lease of a score is (milliseconds). */
export function leaseOf(score: number): number {
  return score % 1000 === HIDDEN_LEASE_MS / 1000 ? HIDDEN_LEASE_MS : LEASE_MS;
}

function notJson(): ChatError {
  return invalidArgument('enter the presence', 'the data must be a JSON object');
}
