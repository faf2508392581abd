import type { Clients } from './sdk-clients.js';

export interface Listener {
  /** The items that came, as `<sequence>:<text>`. */
  items: string[];
  /** The token ids of the publishers, item by item. */
  publishers: (string | undefined)[];
  heartbeats: number;
  discontinuities: { last: number; next: number; page: number }[];
  /** Error codes that ended the subscription. */
  errors: string[];
  connectionsLost: number;
  unsubscribe(): void;
}

/** Subscribes and notes everything that the SDK tells; throws the error's code when the subscription is refused. */
export async function listen(clients: Clients, topic: string, cache = 'chat'): Promise<Listener> {
  const listener: Listener = {
    items: [],
    publishers: [],
    heartbeats: 0,
    discontinuities: [],
    errors: [],
    connectionsLost: 0,
    unsubscribe: () => {},
  };
  const response = await clients.topics.subscribe(cache, topic, {
    onItem(item) {
      listener.items.push(`${item.sequenceNumber()}:${item.value()}`);
      listener.publishers.push(item.tokenId());
    },
    onHeartbeat: () => {
      listener.heartbeats++;
    },
    onDiscontinuity: (gap) => {
      listener.discontinuities.push({
        last: gap.lastSequenceNumber(),
        next: gap.newSequenceNumber(),
        page: gap.newSequencePage(),
      });
    },
    onError: (error) => {
      listener.errors.push(error.errorCode());
    },
    onConnectionLost: () => {
      listener.connectionsLost++;
    },
  });
  if ('unsubscribe' in response) listener.unsubscribe = () => response.unsubscribe();
  else if ('errorCode' in response) throw new Error(response.errorCode());
  return listener;
}
