import type { FetchList } from './history.js';
import type { ResolvedOptions } from './options.js';
import type { OutboxTransport } from './room/outbox.js';
import { type ResponseLike, refreshedTtl } from './session/clients.js';
import type { Connection } from './session/connection.js';

/** What a room does at Momento: live messages are on the topic `${room}-chat`, history is in the list `${room}`. */
export function roomCalls(
  { room, cache: cacheName, history: { maxStored, ttlSeconds } }: ResolvedOptions,
  call: Connection['call'],
): OutboxTransport & { fetch: FetchList } {
  return {
    async publish(payload) {
      await call('publish the message', ({ topics }) => topics.publish(cacheName, topicOf(room), payload));
    },
    async store(payload) {
      const options = { truncateBackToSize: maxStored, ttl: refreshedTtl(ttlSeconds) };
      await call('store the message', ({ cache }) => cache.listPushFront(cacheName, room, payload, options));
    },
    async fetch(start, end) {
      const response = await call('read the history', ({ cache }) =>
        cache.listFetch(cacheName, room, { startIndex: start, endIndex: end }),
      );
      return isHit(response) ? response.valueListString() : [];
    },
  };
}

/** The topic of a room's live messages. */
export function topicOf(room: string): string {
  return `${room}-chat`;
}

function isHit(response: ResponseLike): response is ResponseLike & { valueListString(): string[] } {
  return response.type === 'Hit';
}
