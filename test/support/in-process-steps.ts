import fc from 'fast-check';
import type { LinkWeather } from './in-process-link.js';
import type { InProcessClient, InProcessWorld } from './in-process-rooms.js';
import type { LinkCut } from './in-process-stream.js';
import type { Restart } from './in-process-subscription.js';
import { settle } from './virtual-time.js';

/** Something that happens to a client: `who` is its number among the clients of the world. */
export type NetworkStep =
  | { do: 'wait'; ms: number }
  | { do: 'weather'; who: number; weather: LinkWeather }
  | { do: 'cut'; who: number; how: LinkCut }
  | { do: 'offline'; who: number; ms: number }
  /** The topics forget what they would replay to those who come back, and number anew. */
  | { do: 'forget' }
  | { do: 'jump'; who: number; ms: number }
  | { do: 'sleep'; who: number; ms: number }
  | { do: 'revoke' }
  | RestartStep
  | SlowStep;

/** SDK clients begin their streams anew by themselves, with what traces of it an SDK leaves. */
export interface RestartStep {
  do: 'restart';
  who: number;
  how: Restart;
}

/** From now on the client's calls of this kind take so much longer, and so do the answers to its readings; 0: not any more. */
export interface SlowStep {
  do: 'slow';
  who: number;
  rpc: string;
  ms: number;
}

const chance = fc.constantFrom(0, 0, 0.1, 0.3);

export const anyWeather: fc.Arbitrary<LinkWeather> = fc.record({
  latencyMs: fc.constantFrom(1, 20, 300),
  loseRequest: chance,
  loseResponse: chance,
  slow: fc.record({ chance, ms: fc.constantFrom(500, 4000, 10_000) }),
  refuse: chance,
  deliveryMs: fc.constantFrom(0, 50, 1000, 5000),
  skip: chance,
});

/**
 * Events of the networks and clocks of so many clients; to be mixed with steps of a test's own. `skips`: whether
 * streams leave items out. One that leaves out its last shows that by nothing but the next. Default true.
 */
export function anyNetworkStep(clients: number, { skips = true } = {}): fc.Arbitrary<NetworkStep> {
  const who = fc.nat(clients - 1);
  const weather = skips ? anyWeather : anyWeather.map((drawn) => ({ ...drawn, skip: 0 }));
  const as = <const Name extends string>(name: Name) => fc.constant(name);
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: as('wait'), ms: fc.constantFrom(5, 100, 1000, 3000, 20_000) }) },
    { weight: 3, arbitrary: fc.record({ do: as('weather'), who, weather }) },
    { weight: 3, arbitrary: fc.record({ do: as('cut'), who, how: fc.constantFrom('told', 'silent') }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: as('offline'), who, ms: fc.constantFrom(200, 3000, 60_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: as('forget') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: as('jump'),
        who,
        ms: fc.constantFrom(
          ...[10, 60, 5 * 1440].flatMap((minutes) => [minutes * 60_000, minutes * -60_000]),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: as('sleep'), who, ms: fc.constantFrom(3000, 30_000, 300_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: as('revoke') }) },
  );
}

/** For clients that take the way of an SDK. */
export function anyRestart(clients: number): fc.Arbitrary<RestartStep> {
  return fc.record({
    do: fc.constant('restart' as const),
    who: fc.nat(clients - 1),
    how: fc.constantFrom('told', 'marked'),
  });
}

/** Calls of some kinds are slow: what is stored or told first may arrive last. */
export function anySlowStep(clients: number, rpcs: readonly [string, ...string[]]): fc.Arbitrary<SlowStep> {
  return fc.record({
    do: fc.constant('slow' as const),
    who: fc.nat(clients - 1),
    rpc: fc.constantFrom(...rpcs),
    ms: fc.constantFrom(0, 1500, 4000),
  });
}

/**
 * No clock tells how long an attempt took in which a device slept, so that its monotonic clock stood still, and its wall clock was
 * set back as well (docs/guarantees.md). So neither happens within so many milliseconds of the other: no attempt lasts as long.
 */
const APART_MS = 60_000;
const lastSleep = new WeakMap<InProcessClient, number>();
const lastSetBack = new WeakMap<InProcessClient, number>();

/** Lets it happen. */
export async function play(world: InProcessWorld, step: NetworkStep): Promise<void> {
  const client = 'who' in step ? world.clients[step.who] : undefined;
  if (step.do === 'wait') await world.run(step.ms);
  else if (step.do === 'forget') world.engine.faults.resetTopic();
  else if (step.do === 'revoke') world.engine.faults.expireAllTokens();
  else if (client !== undefined) await happen(world, client, step);
  await settle();
}

async function happen(
  world: InProcessWorld,
  client: InProcessClient,
  step: Extract<NetworkStep, { who: number }>,
): Promise<void> {
  const { link, clock } = client;
  const isRecent = (last: WeakMap<InProcessClient, number>) =>
    world.time.monotonic() - (last.get(client) ?? Number.NEGATIVE_INFINITY) < APART_MS;
  if (step.do === 'weather') link.weather = step.weather;
  else if (step.do === 'slow') {
    const slow = step.rpc.endsWith('Fetch') ? { backMs: step.ms } : { thereMs: step.ms };
    link.fates = (rpc) => (rpc === step.rpc && step.ms > 0 ? slow : undefined);
  } else if (step.do === 'cut') link.cut(step.how);
  else if (step.do === 'restart') client.restart(step.how);
  else if (step.do === 'offline') link.goOffline(step.ms);
  else if (step.do === 'jump') {
    if (step.ms < 0 && isRecent(lastSleep)) return;
    if (step.ms < 0) lastSetBack.set(client, world.time.monotonic());
    clock.jump(step.ms);
  } else {
    const wake = isRecent(lastSetBack) ? () => {} : clock.freeze();
    await world.run(step.ms);
    wake();
    lastSleep.set(client, world.time.monotonic());
  }
}
