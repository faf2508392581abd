import { asMessage } from '../messages/as-message.js';
import { type DecodedMessage, decodeMessage } from '../messages/codec.js';
import type { Message } from '../messages/message.js';
import { idTime } from '../messages/message-id.js';
import { TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import { historyKey } from '../shared/room-address.js';
import { listFetch } from '../transport/operations/lists.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { FeatureHost } from './feature.js';
import { isFromFuture } from './from-future.js';

/** An entry of the list that decodes. */
export interface StoredMessage {
  /** Its index in the list, when it was read. */
  index: number;
  payload: string;
  decoded: DecodedMessage;
}

/** Entries asked for in one call; windows overlap, as others remove entries meanwhile. */
const WINDOW = 200;
const OVERLAP = 8;
/** So many entries are looked through at most. */
const MAX_ENTRIES = 20_000;

/**
 * Reads the room's list from its newest entry down, window by window, until `enough` or its end. An entry may be given
 * twice, and one may be missed where others remove many at once.
 */
export async function scanStored(
  host: FeatureHost,
  enough: (window: readonly StoredMessage[]) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const maxBytes = Math.max(host.maxMessageBytes, TOPIC_PAYLOAD_BYTES);
  for (let start = 0; start < MAX_ENTRIES; start += WINDOW - OVERLAP) {
    const payloads = await fetchWindow(host, start, signal);
    const window: StoredMessage[] = [];
    for (const [index, payload] of payloads.entries()) {
      const decoded = decodeMessage(payload, maxBytes);
      if (!('malformed' in decoded)) window.push({ index: start + index, payload, decoded });
    }
    if (enough(window) || payloads.length < WINDOW) return;
  }
}

/**
 * Finds messages in storage by id, as their senders sent them: see `TimelineView.read` and `show` for how they are to
 * be shown. Those in the article's format carry no id and are not found.
 */
export async function findStored(
  host: FeatureHost,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Message>> {
  const missing = new Set(ids);
  const found = new Map<string, Message>();
  if (missing.size === 0) return found;
  await scanStored(
    host,
    (window) => {
      for (const { decoded } of window) {
        const { id } = decoded;
        if (id !== undefined && !isFromFuture(host, id) && missing.delete(id))
          found.set(id, storedMessage(host, decoded, id));
      }
      return missing.size === 0;
    },
    signal,
  );
  return found;
}

/** Makes a message of an entry of the list. */
export function storedMessage(host: FeatureHost, decoded: DecodedMessage, id: string): Message {
  return asMessage(
    { ...decoded, id, sentAt: decoded.sentAt ?? new Date(idTime(id)) },
    {
      room: host.room,
      own: host.isOwn(decoded.user, undefined),
      status: 'sent',
      userId: host.author().id,
    },
  );
}

async function fetchWindow(host: FeatureHost, start: number, signal?: AbortSignal): Promise<string[]> {
  try {
    const range = { list: historyKey(host.room), start, end: start + WINDOW };
    return await host.call(listFetch, range, { action: 'look for a message', signal });
  } catch (problem) {
    if (isWrongKind(problem)) return [];
    throw problem;
  }
}
