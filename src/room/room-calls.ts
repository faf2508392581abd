import type { OutboxTransport } from '../delivery/outbox.js';
import type { FetchList } from '../messages/list-window.js';
import { unable } from '../shared/errors.js';
import { historyKey, messagesTopic } from '../shared/room-address.js';
import { listFetch, listPushFront } from '../transport/operations/lists.js';
import { publish } from '../transport/operations/topics.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { ResolvedOptions } from './defaults.js';

/** Makes a call of the room; `action` completes "unable to …". */
export type Call = <Input extends CacheInput, Output>(
  operation: Operation<Input, Output>,
  input: Input,
  action: string,
) => Promise<Output>;

export type RoomCalls = OutboxTransport & { fetch: FetchList };

/** The calls that a room makes at Momento for its messages. */
export function roomCalls({ room, cache, history }: ResolvedOptions, call: Call): RoomCalls {
  return {
    publish: (payload) =>
      call(publish, { cache, topic: messagesTopic(room), value: payload }, 'publish the message'),
    ...listCalls({ cache, list: historyKey(room), ...history }, call),
  };
}

/** The calls that keep messages in a list. */
export function listCalls(
  {
    cache,
    list,
    maxStored,
    ttlSeconds,
  }: { cache: string; list: string; maxStored: number; ttlSeconds: number },
  call: Call,
): Pick<RoomCalls, 'store' | 'fetch'> {
  return {
    async store(payload) {
      try {
        const push = { cache, list, value: payload, truncateTo: maxStored, ttlSeconds };
        await call(listPushFront, push, 'store the message');
      } catch (problem) {
        if (!isWrongKind(problem)) throw problem;
        throw unable(
          'server',
          'store the message',
          'a member put an entry of another kind in the place of the history',
          { cause: problem, retryable: false },
        );
      }
    },
    async fetch(start, end) {
      try {
        return await call(listFetch, { cache, list, start, end }, 'read the history');
      } catch (problem) {
        if (isWrongKind(problem)) return undefined;
        throw problem;
      }
    },
  };
}
