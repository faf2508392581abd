import type { OutboxTransport } from '../delivery/outbox.js';
import type { FetchList } from '../messages/list-window.js';
import { ChatError } from '../shared/errors.js';
import { listFetch, listPushFront } from '../transport/operations/lists.js';
import { publish } from '../transport/operations/topics.js';
import type { CacheInput, Operation, TopicAddress } from '../transport/transport.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { ResolvedOptions } from './options.js';

/** Makes a call of the room; `action` completes "unable to …". */
export type Call = <Input extends CacheInput, Output>(
  operation: Operation<Input, Output>,
  input: Input,
  action: string,
) => Promise<Output>;

export type RoomCalls = OutboxTransport & { fetch: FetchList };

/** What a room does at Momento: live messages are on the topic `${room}-chat`, history is in the list `${room}`. */
export function roomCalls(options: ResolvedOptions, call: Call): RoomCalls {
  const { maxStored, ttlSeconds } = options.history;
  const topic = topicOf(options);
  const list = { cache: options.cache, list: options.room };
  return {
    publish: (payload) => call(publish, { ...topic, value: payload }, 'publish the message'),
    async store(payload) {
      try {
        const push = { ...list, value: payload, truncateTo: maxStored, ttlSeconds };
        await call(listPushFront, push, 'store the message');
      } catch (problem) {
        if (!isWrongKind(problem)) throw problem;
        throw new ChatError(
          'server',
          'unable to store the message; a member put an entry of another kind in the place of the history',
          { cause: problem, retryable: false },
        );
      }
    },
    async fetch(start, end) {
      try {
        return await call(listFetch, { ...list, start, end }, 'read the history');
      } catch (problem) {
        if (isWrongKind(problem)) return undefined;
        throw problem;
      }
    },
  };
}

/** The topic of a room's live messages. */
export function topicOf({ cache, room }: Pick<ResolvedOptions, 'cache' | 'room'>): TopicAddress {
  return { cache, topic: `${room}-chat` };
}
