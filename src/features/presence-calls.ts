import type { JsonObject } from '../messages/message.js';
import { type ChatError, unable } from '../shared/errors.js';
import { sortedSetFetchByScore, sortedSetPut, sortedSetRemove } from '../transport/operations/sorted-sets.js';
import { asFarAsReadable } from './as-far-as-readable.js';
import type { FeatureHost } from './feature.js';
import type { PresenceEntry } from './presence-entry.js';

/** The type of the events of presence, and the name of its sorted set: entries by the end of their lease. */
export const PRESENCE = 'presence';
/** The set outlives the longest lease, and no more: nobody who is gone stays in an empty room. */
const TTL_SECONDS = 300;
const MAX_READ = 5000;
/** So many connections are said to be silent in one event, and believed to be. */
export const MAX_TOLD = 50;

/** How a call or an event is made; see there. */
export interface How {
  once?: boolean;
  keepalive?: boolean;
  late?: boolean;
}

/** How an entry is written. `action` completes "unable to …"; default: `enter the presence`. */
export interface PutOptions {
  once?: boolean;
  action?: string;
}

export function putEntry(host: FeatureHost, value: string, score: number, how: PutOptions): Promise<void> {
  return host.call(
    sortedSetPut,
    { set: host.key(PRESENCE), elements: new Map([[value, score]]), ttlSeconds: TTL_SECONDS },
    { action: 'enter the presence', ...how },
  );
}

export function removeEntries(host: FeatureHost, values: readonly string[], how: How = {}): Promise<void> {
  return host.call(
    sortedSetRemove,
    { set: host.key(PRESENCE), values },
    { action: 'leave the presence', ...how },
  );
}

/** Reads all entries; undefined where there can be none. */
export async function readEntries(
  host: FeatureHost,
  signal: AbortSignal,
): Promise<readonly { value: string; score: number }[] | undefined> {
  const range = { set: host.key(PRESENCE), descending: true, count: MAX_READ };
  return asFarAsReadable(host, host.call(sortedSetFetchByScore, range, { once: true, signal }));
}

/**
 * Tells of an entry. `id` is its version, or a newer one: of an entry that is told again, or that comes back under another name.
 * Then the field `r` is the version, as in what is stored, lest it seem newer than what other tabs of the user said since.
 */
export function tell(
  host: FeatureHost,
  what: 'enter' | 'update',
  { connection, version, since, data }: PresenceEntry,
  score: number,
  id: string,
): Promise<void> {
  const said = { ...(data && { d: data }), ...(version !== id && { r: version }) };
  return send(host, { do: what, c: connection, s: since, e: score, ...said }, { id });
}

/** Tells that a connection has left. `now`: it was asked to; else its page may be reloading. */
export function tellLeft(host: FeatureHost, connection: string, now: boolean, how: How = {}): Promise<void> {
  return send(host, { do: 'leave', c: connection, now }, how);
}

/** Tells that connections went silent, so that others need not read it. */
export function tellSilent(host: FeatureHost, connections: readonly string[]): Promise<void> {
  return send(host, { do: 'timeout', c: connections.slice(0, MAX_TOLD) }, { once: true });
}

/** Tells a connection that it is looked at by somebody who has not entered. A refusal is not reported: it is no fault of the app. */
export async function tellWatching(host: FeatureHost, connection: string): Promise<void> {
  await host.events.send(PRESENCE, { do: 'watch', c: connection }, { once: true });
}

export function reportMalformed(host: FeatureHost): void {
  host.report(unable('malformed-message', 'read who is present', 'something else is stored or told there'));
}

async function send(host: FeatureHost, data: JsonObject, how: How & { id?: string }): Promise<void> {
  await host.events.send(PRESENCE, data, how).catch((problem: ChatError) => {
    if (problem.code === 'permission-denied') host.report(problem);
    throw problem;
  });
}
