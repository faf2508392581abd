import type { InProcessWorld } from './in-process-rooms.js';

/** The usage between two moments. */
export interface Usage {
  /** Calls by the RPC's name; a subscription counts once, when it opens. */
  calls: Record<string, number>;
  /** Calls on the cache and on topics: each is an operation, and each has a limit of its own. */
  cacheCalls: number;
  topicCalls: number;
  /** Items handed to a subscriber, an operation for each KB or part of it. */
  deliveries: number;
  /** Deliveries by what follows the room's name in the topic: '' for messages, 'events' for the rest. */
  deliveriesOf: Record<string, number>;
  /** Bytes of requests, answers, and values that were delivered. */
  bytesUp: number;
  bytesDown: number;
}

const TOPIC_CALLS = new Set(['Publish', 'Subscribe']);

/** Counts what the clients of a world cost at the service, as it is billed: calls, deliveries, bytes. */
export class CostMeter {
  readonly #world: InProcessWorld;
  #since: Usage = empty();
  readonly #total: Usage = empty();

  constructor(world: InProcessWorld) {
    this.#world = world;
    const { dispatch, engine } = world.engine;
    const total = this.#total;
    dispatch.onCall = (rpc) => {
      add(total.calls, rpc, 1);
      if (TOPIC_CALLS.has(rpc)) total.topicCalls += 1;
      else total.cacheCalls += 1;
    };
    const unary = dispatch.unary.bind(dispatch);
    dispatch.unary = async (call) => {
      const response = await unary(call);
      total.bytesUp += call.message.length;
      total.bytesDown += response?.length ?? 0;
      return response;
    };
    const { topics } = engine;
    const publish = topics.publish.bind(topics);
    topics.publish = (cache, topic, value, publisherId) => {
      const bytes = 'text' in value ? Buffer.byteLength(value.text) : value.binary.length;
      const [found] = topics.matching({ cache, topic });
      const listeners = found?.subscriptions.size ?? 0;
      const operations = listeners * Math.ceil(bytes / 1024);
      total.deliveries += operations;
      total.bytesDown += listeners * bytes;
      add(total.deliveriesOf, topic.split(':')[1] ?? '', operations);
      publish(cache, topic, value, publisherId);
    };
  }

  /** The usage of `act`, together with all that went on meanwhile. */
  async during(act: () => Promise<unknown>): Promise<Usage> {
    this.#since = structuredClone(this.#total);
    await act();
    return difference(this.#total, this.#since);
  }

  /** The usage of so many minutes of virtual time, for one minute. */
  async minute(minutes = 1): Promise<Usage> {
    const used = await this.during(() => this.#world.run(minutes * 60_000));
    return scaled(used, 1 / minutes);
  }
}

function empty(): Usage {
  return {
    calls: {},
    cacheCalls: 0,
    topicCalls: 0,
    deliveries: 0,
    deliveriesOf: {},
    bytesUp: 0,
    bytesDown: 0,
  };
}

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}

function difference(total: Usage, since: Usage): Usage {
  return {
    calls: counted(total.calls, (count, name) => count - (since.calls[name] ?? 0)),
    cacheCalls: total.cacheCalls - since.cacheCalls,
    topicCalls: total.topicCalls - since.topicCalls,
    deliveries: total.deliveries - since.deliveries,
    deliveriesOf: counted(total.deliveriesOf, (count, name) => count - (since.deliveriesOf[name] ?? 0)),
    bytesUp: total.bytesUp - since.bytesUp,
    bytesDown: total.bytesDown - since.bytesDown,
  };
}

function scaled(used: Usage, factor: number): Usage {
  return {
    calls: counted(used.calls, (count) => count * factor),
    cacheCalls: used.cacheCalls * factor,
    topicCalls: used.topicCalls * factor,
    deliveries: used.deliveries * factor,
    deliveriesOf: counted(used.deliveriesOf, (count) => count * factor),
    bytesUp: used.bytesUp * factor,
    bytesDown: used.bytesDown * factor,
  };
}

/** The changed counts that are not zero. */
function counted(
  counts: Record<string, number>,
  change: (count: number, name: string) => number,
): Record<string, number> {
  const entries = Object.entries(counts).map(([name, count]) => [name, change(count, name)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count !== 0));
}
