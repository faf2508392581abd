import { decodeUser } from '../messages/decode-user.js';
import type { ChatUser } from '../messages/message.js';
import { isMessageId } from '../messages/message-id.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';
import {
  dictionaryFetch,
  dictionaryRemoveFields,
  dictionarySetFields,
} from '../transport/operations/dictionaries.js';
import { asFarAsReadable } from './as-far-as-readable.js';
import type { FeatureHost } from './feature.js';
import { isFromFuture } from './from-future.js';

/** A message was pinned, or a pin taken back: the later one counts. */
export interface Pin {
  /** A hybrid-clock id. */
  id: string;
  by: Readonly<ChatUser>;
  /** The pin was taken back; kept, so that a pin that was written before it does not come again. */
  off?: true;
}

/** Pins that are kept, those taken back included. */
export const MAX_KNOWN = 200;
const KEY = 'pins';
const MAX_PIN_LENGTH = 4096;

/** Reads the stored pins by the id of their message; none where they cannot be read. */
export async function readPins(
  host: FeatureHost,
  signal: AbortSignal,
  { once }: { once: boolean },
): Promise<Map<string, Pin>> {
  const pins = new Map<string, Pin>();
  const input = { dictionary: host.key(KEY) };
  const reading = host.call(dictionaryFetch, input, { action: 'read pins', once, signal });
  for (const [of, value] of (await asFarAsReadable(host, reading)) ?? []) {
    const pin = isMessageId(of) ? decodePin(value) : undefined;
    if (pin !== undefined && !isFromFuture(host, pin.id)) pins.set(of, pin);
  }
  return new Map([...pins].sort(byAge).slice(0, MAX_KNOWN));
}

/** Stores pins. `action` completes "unable to …". */
export async function writePins(
  host: FeatureHost,
  pins: ReadonlyMap<string, Pin>,
  action: string,
): Promise<void> {
  const { clock, ttlSeconds } = host;
  const at = new Date(clock.now()).toISOString();
  const fields = new Map<string, string>();
  for (const [of, pin] of pins) fields.set(of, JSON.stringify({ v: 1, ...pin, at }));
  await host.call(dictionarySetFields, { dictionary: host.key(KEY), fields, ttlSeconds }, { action });
}

/** Removes what is stored of the pins of these messages. */
export async function forgetPins(host: FeatureHost, ids: readonly string[]): Promise<void> {
  await host.call(dictionaryRemoveFields, { dictionary: host.key(KEY), fields: ids });
}

/** Pins before those taken back, newer ones first. */
export function byAge([, a]: [string, Pin], [, b]: [string, Pin]): number {
  if ((a.off === true) !== (b.off === true)) return a.off === true ? 1 : -1;
  return a.id > b.id ? -1 : 1;
}

function decodePin(value: string): Pin | undefined {
  const pin = value.length > MAX_PIN_LENGTH ? undefined : readJson(value);
  if (!isObject(pin)) return undefined;
  const { id, by, off } = pin;
  const user = decodeUser(by);
  if (!isMessageId(id) || user === undefined) return undefined;
  return off === true ? { id, by: user, off } : { id, by: user };
}
