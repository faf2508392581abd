import type { OutboxTransport } from '../delivery/outbox.js';
import type { FetchList } from '../messages/list-window.js';
import type { Connection } from '../session/connection.js';
import { ChatError } from '../shared/errors.js';
import { eventsTopic, historyKey, messagesTopic } from '../shared/room-address.js';
import { type ResponseLike, refreshedTtl } from '../transport/client-types.js';
import type { ResolvedOptions } from './options.js';

/** The calls that a room makes at Momento. */
export function roomCalls(
  { room, cache: cacheName, history: { maxStored, ttlSeconds } }: ResolvedOptions,
  call: Connection['call'],
): OutboxTransport & { fetch: FetchList; publishEvent(payload: string): Promise<void> } {
  return {
    async publish(payload) {
      await call('publish the message', ({ topics }) =>
        topics.publish(cacheName, messagesTopic(room), payload),
      );
    },
    async publishEvent(payload) {
      await call('send the signal', ({ topics }) => topics.publish(cacheName, eventsTopic(room), payload));
    },
    async store(payload) {
      const options = { truncateBackToSize: maxStored, ttl: refreshedTtl(ttlSeconds) };
      try {
        await call('store the message', ({ cache }) =>
          cache.listPushFront(cacheName, historyKey(room), payload, options),
        );
      } catch (problem) {
        if (!isOfAnotherKind(problem)) throw problem;
        throw new ChatError(
          'server',
          'unable to store the message; a member put an entry of another kind in the place of the history',
          { cause: problem, retryable: false },
        );
      }
    },
    async fetch(start, end) {
      try {
        const response = await call('read the history', ({ cache }) =>
          cache.listFetch(cacheName, historyKey(room), { startIndex: start, endIndex: end }),
        );
        return isHit(response) ? response.valueListString() : [];
      } catch (problem) {
        if (isOfAnotherKind(problem)) return undefined;
        throw problem;
      }
    },
  };
}

/** Whether the service refused a list operation because the entry is a scalar, a dictionary, a set or a sorted set. */
function isOfAnotherKind(problem: unknown): boolean {
  if (!(problem instanceof ChatError)) return false;
  const { cause, message } = problem;
  const isRefusal = typeof cause === 'object' && cause !== null && 'errorCode' in cause;
  if (!isRefusal || typeof cause.errorCode !== 'function') return false;
  const code: unknown = cause.errorCode();
  return code === 'FAILED_PRECONDITION_ERROR' || (code === 'BAD_REQUEST_ERROR' && /WRONGTYPE/.test(message));
}

function isHit(response: ResponseLike): response is ResponseLike & { valueListString(): string[] } {
  return response.type === 'Hit';
}
