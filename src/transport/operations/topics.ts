import { decode, element, encode, message } from '../../grpc-web/protobuf.js';
import type { Operation, TopicAddress, TopicItem, TopicPosition } from '../transport.js';
import { nothing, type Value } from './shared.js';

export const publish: Operation<TopicAddress & { value: Value }, void> = {
  rpc: 'cache_client.pubsub.Pubsub/Publish',
  action: 'publish to the topic',
  writes: true,
  encode: ({ cache, topic, value }) =>
    encode([1, cache], [2, topic], [3, message([typeof value === 'string' ? 1 : 2, element(value)])]),
  decode: nothing,
};

/** Path of the RPC behind `Transport.subscribe`. */
export const SUBSCRIBE_RPC = 'cache_client.pubsub.Pubsub/Subscribe';

/** Encodes a subscription that begins after the item at `after`, or with the next item. */
export function encodeSubscription({ cache, topic }: TopicAddress, after?: TopicPosition): Uint8Array {
  return encode([1, cache], [2, topic], [3, after && after.sequence + 1], [4, after?.page]);
}

/** One message of a subscription. One of a kind that a newer service has is `unknown`. */
export type TopicEvent =
  | { readonly kind: 'item'; readonly item: TopicItem }
  | { readonly kind: 'heartbeat' | 'discontinuity' | 'unknown' };

const EVENT = {
  item: [
    1,
    {
      sequence: [1, 'int'],
      value: [2, { text: [1, 'text'], binary: [2, 'bytes'] }],
      publisherId: [3, 'text'],
      page: [4, 'int'],
    },
  ],
  discontinuity: [2, 'bytes'],
  heartbeat: [3, 'bytes'],
} as const;

/** An item without a value has the empty text, so that its sequence number is not missed. */
export function decodeTopicEvent(bytes: Uint8Array): TopicEvent {
  const { item, discontinuity, heartbeat } = decode(bytes, EVENT);
  if (item !== undefined) {
    const { sequence = 0, page = 0, publisherId, value } = item;
    // A copy, so that keeping the value does not keep all that came with it.
    const content = value?.binary?.slice() ?? value?.text ?? '';
    return { kind: 'item', item: { value: content, sequence, page, publisherId: publisherId || undefined } };
  }
  return { kind: heartbeat ? 'heartbeat' : discontinuity ? 'discontinuity' : 'unknown' };
}
