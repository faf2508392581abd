import { expect, it } from 'vitest';
import { TopicStream } from '../../src/sync/topic-stream.js';
import type { MomentoClients } from '../../src/transport/client-types.js';
import { VirtualTime } from '../support/virtual-time.js';

it('G2: a stream that the SDK begins anew is doubted, though its heartbeat is on time', async () => {
  const time = new VirtualTime();
  const state = { setSubscribed: () => {} };
  let beat = () => {};
  const topics = {
    subscribe: async (_cache: string, _topic: string, { onHeartbeat }: { onHeartbeat(): void }) => {
      beat = onHeartbeat;
      return { type: 'Subscription', unsubscribe() {}, subscriptionState: state };
    },
  };
  const skips: string[] = [];
  await TopicStream.open({
    clients: { topics } as unknown as MomentoClients,
    cacheName: 'chat',
    topic: 'room-chat',
    scheduler: time,
    events: {
      item() {},
      sign() {},
      skipped: (reason) => skips.push(reason),
      interrupted() {},
      ended() {},
    },
    signal: new AbortController().signal,
  });
  for (let beats = 0; beats < 4; beats += 1) {
    beat();
    await time.advance(5000);
  }
  expect(skips).toEqual(['heartbeat']);
  state.setSubscribed();
  beat();
  expect(skips).toEqual(['heartbeat', 'restart']);
});
