import { expect, it } from 'vitest';
import type { MomentoClients } from '../../src/transport/client-types.js';
import { sdkTransport } from '../../src/transport/sdk-transport.js';
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
  const doubts: string[] = [];
  await sdkTransport({ topics } as unknown as MomentoClients, time).subscribe(
    { cache: 'chat', topic: 'room-chat' },
    {
      item() {},
      heartbeat() {},
      discontinuity() {},
      uncertain: (reason) => doubts.push(reason),
      closed() {},
    },
  );
  for (let beats = 0; beats < 4; beats += 1) {
    beat();
    await time.advance(5000);
  }
  expect(doubts).toEqual(['heartbeat']);
  state.setSubscribed();
  beat();
  expect(doubts).toEqual(['heartbeat', 'restart']);
});
