import { pubsub } from '@gomomento/generated-types';
import { common } from '@gomomento/generated-types/dist/common.js';
import type { TopicEvent, TopicValue } from '../engine/topic-events.js';
import { MomentoError } from '../status.js';
import { requireTopic } from './access.js';
import { type Rpc, type Services, stream, unary } from './rpc.js';

const messages = pubsub.cache_client.pubsub;
const { definition } = messages.UnimplementedPubsubService;

/** Publishing and subscribing. */
export function pubsubRpcs({ engine, limits, faults }: Services): Rpc[] {
  return [
    unary(definition.Publish, {
      authorize: (request, caller) => requireTopic(caller, request.cache_name, request.topic, 'publish'),
      run(request, caller) {
        const { cache_name: cache, topic } = request;
        engine.caches.get(cache);
        const value = topicValue(request.value);
        limits.publish('text' in value ? Buffer.byteLength(value.text) : value.binary.length);
        const loss = faults.takeLoss(cache, topic);
        if (!loss) engine.topics.publish(cache, topic, value, caller.principal.tokenId);
        else if (loss.numbered) engine.topics.skip(cache, topic);
        return new common._Empty();
      },
    }),
    stream(definition.Subscribe, {
      authorize: (request, caller) => requireTopic(caller, request.cache_name, request.topic, 'subscribe'),
      open(request, caller, outlet) {
        const { cache_name: cache, topic } = request;
        engine.caches.get(cache);
        limits.subscription(engine.topics.subscriptionCount);
        const sink = {
          send: (event: TopicEvent) => outlet.write(encoded(event)),
          end: (error?: MomentoError) => outlet.end(error),
        };
        const subscription = engine.topics.subscribe(cache, topic, sink);
        const unwatch =
          caller.token === ''
            ? () => {}
            : engine.tokens.watch(caller.token, (error) => subscription.end(error));
        outlet.onDrain(() => subscription.drained());
        outlet.onClose(() => {
          unwatch();
          subscription.close();
        });
        faults.onSubscription(subscription, cache, topic);
        subscription.start({
          sequence: request.resume_at_topic_sequence_number,
          page: request.sequence_page,
        });
      },
    }),
  ];
}

/** The value, which the SDKs leave empty for an empty text: INVALID_ARGUMENT, as the service answers. */
function topicValue(value: InstanceType<typeof messages._TopicValue> | undefined): TopicValue {
  if (value?.text) return { text: value.text };
  if (value && value.binary.length > 0) return { binary: value.binary };
  throw new MomentoError('INVALID_ARGUMENT', 'the value to publish must not be empty');
}

/** One encoding of an event, however many streams it goes to. */
const encodings = new WeakMap<TopicEvent, Buffer>();

function encoded(event: TopicEvent): Buffer {
  const known = encodings.get(event);
  if (known) return known;
  const bytes = definition.Subscribe.responseSerialize(subscriptionItem(event));
  encodings.set(event, bytes);
  return bytes;
}

function subscriptionItem(event: TopicEvent): InstanceType<typeof messages._SubscriptionItem> {
  switch (event.kind) {
    case 'item':
      return new messages._SubscriptionItem({
        item: new messages._TopicItem({
          topic_sequence_number: event.sequence,
          sequence_page: event.page,
          publisher_id: event.publisherId,
          value: new messages._TopicValue(event.value),
        }),
      });
    case 'discontinuity':
      return new messages._SubscriptionItem({
        discontinuity: new messages._Discontinuity({
          last_topic_sequence: event.lastSequence,
          new_topic_sequence: event.newSequence,
          new_sequence_page: event.newPage,
        }),
      });
    case 'heartbeat':
      return new messages._SubscriptionItem({ heartbeat: new messages._Heartbeat() });
  }
}
