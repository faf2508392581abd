import { ProtobufReader, ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation, TopicAddress, TopicItem, TopicPosition } from '../transport.js';
import { nothing, type Value } from './shared.js';

export const publish: Operation<TopicAddress & { value: Value }, void> = {
  rpc: 'cache_client.pubsub.Pubsub/Publish',
  action: 'publish to the topic',
  writes: true,
  encode: ({ cache, topic, value }) =>
    new ProtobufWriter()
      .bytes(1, cache)
      .bytes(2, topic)
      .message(3, (writer) => writer.element(typeof value === 'string' ? 1 : 2, value))
      .finish(),
  decode: nothing,
};

/** Path of the RPC behind `Transport.subscribe`. */
export const SUBSCRIBE_RPC = 'cache_client.pubsub.Pubsub/Subscribe';

/** Encodes a subscription that begins after the item at `after`, or with the next item. */
export function encodeSubscription({ cache, topic }: TopicAddress, after?: TopicPosition): Uint8Array {
  return new ProtobufWriter()
    .bytes(1, cache)
    .bytes(2, topic)
    .uint(3, after && after.sequence + 1)
    .uint(4, after?.page)
    .finish();
}

export type TopicEvent =
  | { readonly kind: 'item'; readonly item: TopicItem }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'discontinuity'; readonly lastSequence: number; readonly next: TopicPosition }
  | { readonly kind: 'unknown' };

/** Decodes one message of a subscription. One of a kind that a newer service has is `unknown`. */
export function decodeTopicEvent(bytes: Uint8Array): TopicEvent {
  const reader = new ProtobufReader(bytes);
  let event: TopicEvent = { kind: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) event = { kind: 'item', item: decodeItem(reader.bytes()) };
    else if (reader.field === 2) event = decodeDiscontinuity(reader.bytes());
    else if (reader.field === 3) event = { kind: 'heartbeat' };
  }
  return event;
}

/** An item without a value has the empty text, so that its sequence number is not missed. */
function decodeItem(bytes: Uint8Array): TopicItem {
  const reader = new ProtobufReader(bytes);
  let value: Value = '';
  let sequence = 0;
  let page = 0;
  let publisherId: string | undefined;
  while (reader.next()) {
    if (reader.field === 1) sequence = reader.uint();
    else if (reader.field === 2) value = decodeValue(reader.bytes());
    else if (reader.field === 3) publisherId = reader.text() || undefined;
    else if (reader.field === 4) page = reader.uint();
  }
  return { value, sequence, page, publisherId };
}

function decodeValue(bytes: Uint8Array): Value {
  const reader = new ProtobufReader(bytes);
  let value: Value = '';
  while (reader.next()) {
    if (reader.field === 1) value = reader.text();
    // A copy, so that keeping the value does not keep all that came with it.
    else if (reader.field === 2) value = reader.bytes().slice();
  }
  return value;
}

function decodeDiscontinuity(bytes: Uint8Array): TopicEvent {
  const reader = new ProtobufReader(bytes);
  let lastSequence = 0;
  let sequence = 0;
  let page = 0;
  while (reader.next()) {
    if (reader.field === 1) lastSequence = reader.uint();
    else if (reader.field === 2) sequence = reader.uint();
    else if (reader.field === 3) page = reader.uint();
  }
  return { kind: 'discontinuity', lastSequence, next: { sequence, page } };
}
