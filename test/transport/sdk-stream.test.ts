import { expect, it } from 'vitest';
import type { MomentoClients } from '../../src/transport/client-types.js';
import { sdkTransport } from '../../src/transport/sdk-transport.js';
import { settle, VirtualTime } from '../support/virtual-time.js';

async function open(subscriptionState?: { setSubscribed(): void }, begun = () => {}) {
  const time = new VirtualTime();
  let beat = () => {};
  const topics = {
    subscribe: (_cache: string, _topic: string, { onHeartbeat }: { onHeartbeat(): void }) => {
      beat = onHeartbeat;
      const subscribing = Promise.resolve({ type: 'Subscription', unsubscribe() {}, subscriptionState });
      void subscribing.then(() => {}).then(begun);
      return subscribing;
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
  const beats = async (...pauses: readonly number[]) => {
    for (const ms of pauses) {
      await time.advance(ms);
      beat();
    }
  };
  return { beats, doubts };
}

it('G2: a stream that the SDK begins anew is doubted, though its heartbeat is on time', async () => {
  const state = { setSubscribed: () => {} };
  const { beats, doubts } = await open(state);
  await beats(0, 5000, 5000, 5000);
  expect(doubts).toEqual([]);
  state.setSubscribed();
  await beats(5000);
  expect(doubts).toEqual(['restart']);
});

it('costs: where the SDK marks its streams, heartbeats that come early, late or for the second time are no doubt', async () => {
  const { beats, doubts } = await open({ setSubscribed: () => {} });
  await beats(0, 5000, 9000, 300, 5000);
  expect(doubts).toEqual([]);
});

it('G2: where the SDK marks nothing, a heartbeat off its time is a doubt', async () => {
  const { beats, doubts } = await open();
  await beats(0, 5000, 5000);
  expect(doubts).toEqual(['heartbeat']);
  await beats(2000);
  expect(doubts).toEqual(['heartbeat', 'heartbeat']);
});

it('G5: a stream that is given up in the turn in which it begins is ended', async () => {
  const left: number[] = [];
  for (let ticks = 0; ticks < 12; ticks += 1) {
    const life = new AbortController();
    let ended = false;
    const subscription = { type: 'Subscription', unsubscribe: () => (ended = true) };
    let begin = (_: unknown) => {};
    const topics = { subscribe: () => new Promise((resolve) => (begin = resolve)) };
    const sink = { item() {}, heartbeat() {}, discontinuity() {}, uncertain() {}, closed() {} };
    const { signal } = life;
    const opening = sdkTransport({ topics } as unknown as MomentoClients, new VirtualTime())
      .subscribe({ cache: 'chat', topic: 'room-chat' }, sink, { signal })
      .catch(() => {});
    await settle();
    begin(subscription);
    for (let tick = 0; tick < ticks; tick += 1) await undefined;
    life.abort();
    await opening;
    await settle();
    if (!ended) left.push(ticks);
  }
  expect(left).toEqual([]);
});

it('G2: a stream that the SDK begins anew in the turn in which it began is doubted', async () => {
  const state = { setSubscribed: () => {} };
  const { beats, doubts } = await open(state, () => state.setSubscribed());
  await beats(0, 5000);
  expect(doubts).toEqual(['restart']);
});
