import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fate } from '../support/in-process-link.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(150, 400);
const SETTLE_MS = 2000;
/** An app may give its clients as long a deadline as it likes. */
const PATIENT_MS = 60_000;

const delay = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9000 }));
const way: fc.Arbitrary<Partial<Fate>> = fc.record({ thereMs: delay, backMs: delay });
const MINUTE = 60_000;
const DAYS = 5 * 1440;
const jumps = (...minutes: number[]) =>
  fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 25_000 }),
      ms: fc.constantFrom(...minutes).map((count) => count * MINUTE),
    }),
    { maxLength: 3 },
  );
// A sender days ahead of its reader is a forger to it where no token tells the time, as with `clients`.
const ofSenders = jumps(-10, 10, -60, 60, -DAYS);
const ofReaders = jumps(-10, 10, -60, 60, DAYS);
const ways = fc.record({ publish: fc.array(way, { minLength: 1, maxLength: 3 }), push: way });

/**
 * The argument for G2, tried: a message is sent while another room joins, and every call takes as long as it likes.
 * Nothing else happens, so no later reading can hide that the join's two readings were not enough.
 */
it.each([
  ['a message', fc.constant([]), fc.constant([])],
  // The sender's rule is a duration.
  ['whatever is done to the clocks, a message', ofSenders, ofReaders],
])(
  'G2: %s sent around the time of a join is there one settle window after both',
  timeoutOf(RUNS),
  async (_, ofSender, ofReader) => {
    const joins = fc.integer({ min: 0, max: 25_000 });
    await fc.assert(
      fc.asyncProperty(
        ways,
        joins,
        fc.nat(),
        ofSender,
        ofReader,
        async (slow, joinAt, seed, senders, readers) => {
          const world = inProcessWorld({ seed, heartbeatMs: 3_600_000 });
          const open = (name: string, jumped: typeof senders) => {
            const client = world.client();
            for (const { at, ms } of jumped) world.time.after(3000 + at, () => client.clock.jump(ms));
            const clients = client.sdk({ timeoutMs: PATIENT_MS });
            return client.room({ room: 'lobby', user: { name }, clients, events: false });
          };
          const ada = open('Ada', senders);
          const bob = open('Bob', readers);
          void ada.join();
          await world.run(3000);

          let published = 0;
          world.clientOf(ada).link.fates = (rpc) => {
            if (rpc === 'ListPushFront') return slow.push;
            if (rpc !== 'Publish') return undefined;
            published += 1;
            return slow.publish[Math.min(published, slow.publish.length) - 1];
          };
          const sent = ada.send('hello');
          const joined = new Promise<void>((resolve, reject) => {
            world.time.after(joinAt, () => void bob.join().then(resolve, reject));
          });
          await world.time.until(Promise.all([sent, joined]));
          // One settle window, and what two calls and a delivery take.
          await world.run(SETTLE_MS + 100);
          expect(bob.messages.map(({ text }) => text)).toEqual(['hello']);
          await world.end();
        },
      ),
      RUNS,
    );
  },
);
