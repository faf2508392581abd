import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { FAIR } from '../support/weather.js';

const RUNS = propertyRuns(40, 600);

type Step =
  | NetworkStep
  | { do: 'send'; who: number }
  | { do: 'leave'; who: number }
  | { do: 'join'; who: number };

const CLIENTS = 2;
const who = fc.nat(CLIENTS - 1);
const send = fc.record({ do: fc.constant('send' as const), who });
const anyStep = (skips: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 5, arbitrary: send },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), who }) },
    { weight: 10, arbitrary: anyNetworkStep(CLIENTS, { skips }) },
  );
/** Nothing but late and skipped items, so that no other trouble makes a room look at the list. */
const calmStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: send },
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 3000, 20_000) }),
  fc.record({
    do: fc.constant('weather' as const),
    who,
    weather: fc
      .record({ deliveryMs: fc.constantFrom(0, 1000, 5000), skip: fc.constantFrom(0, 0.5, 1) })
      .map((changes) => ({ ...FAIR, ...changes })),
  }),
);

/** The plainest case: a stream that has brought one message skips the next. */
const SKIPPED: Step[] = [
  { do: 'wait', ms: 20_000 },
  { do: 'send', who: 0 },
  { do: 'wait', ms: 3000 },
  { do: 'weather', who: 1, weather: { ...FAIR, skip: 1 } },
  { do: 'send', who: 0 },
  { do: 'wait', ms: 3000 },
];

const ids = (room: ChatRoom) => room.messages.filter(({ status }) => status === 'sent').map(({ id }) => id);

/** Two rooms live through it, and have everything in the end (G1, G2), and leave nothing behind (G5). */
async function live(steps: readonly Step[], seed: number, resumes: boolean, skips: boolean): Promise<void> {
  const world = inProcessWorld({ seed });
  const rooms = ['Ada', 'Bob'].map((name, index) =>
    world.room({ room: 'lobby', user: { id: name, name }, resumes, skewMs: index * 90_000 }),
  );
  const resolved = new Set<string>();
  const seen = rooms.map(() => [] as string[]);
  for (const [index, room] of rooms.entries()) room.on('message', ({ id }) => seen[index]?.push(id));
  await world.join(...rooms);
  for (const next of steps) {
    const room = 'who' in next ? rooms[next.who] : undefined;
    if (next.do === 'send') {
      const sent = room?.send('text');
      sent?.then(({ id }) => resolved.add(id)).catch(() => {});
    } else if (next.do === 'leave') void room?.leave();
    else if (next.do === 'join') void room?.join().catch(() => {});
    else await play(world, next);
  }
  world.clearUp();
  await world.run(400_000);
  await world.join(...rooms);
  // A stream that skipped its last item shows it by the next one. Whatever else went wrong shows without.
  if (skips) for (const room of rooms) resolved.add((await world.result(room.send('the end'))).id);
  await world.run(60_000);
  for (const [index, room] of rooms.entries()) {
    expect(room.status).toBe('joined');
    while (room.hasOlder) await world.result(room.loadOlder());
    const own = ids(room);
    expect(own).toEqual([...new Set(own)].sort());
    const missing = [...resolved].filter((id) => !own.includes(id));
    expect(missing, 'lost').toEqual([]);
    expect(new Set(seen[index]).size, 'G1: no message event twice for one id').toBe(seen[index]?.length);
  }
  await world.end();
}

it.each([false, true])(
  'G1, G2: two rooms have every resolved message once, in one order, whatever becomes of calls, streams (which skip: %s), tokens and clocks',
  timeoutOf(RUNS),
  async (skips) => {
    const steps = fc.array(anyStep(skips), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), fc.boolean(), (...drawn) => live(...drawn, skips)),
      RUNS,
    );
  },
);

it('G2: what a stream skips in silence shows when the next item comes', timeoutOf(RUNS), async () => {
  const steps = fc.array(calmStep, { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), fc.boolean(), (...drawn) => live(...drawn, true)),
    { ...RUNS, examples: [[SKIPPED, 0, false]] },
  );
});
