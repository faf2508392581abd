import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Scheduler } from '../../src/shared/clock.js';
import { ChatRoom } from '../../src/web-room.js';
// Loaded ahead, so that no join waits for the disk while virtual time stands still.
import '../../src/room/web-runtime.js';
import { ENVIRONMENT } from '../../src/room/options.js';
import { sdkTransport } from '../../src/transport/sdk-transport.js';
import { ModelMomento, type Rpc } from '../support/model-momento.js';
import { VirtualTime } from '../support/virtual-time.js';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);
const SETTLE_MS = 2000;

const delay = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9000 }));
const way = fc.record({ there: delay, back: delay });
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
          const time = new VirtualTime(seed);
          const momento = new ModelMomento(time, seed, { heartbeatMs: 3_600_000 });
          const sender = momento.client();
          const reader = momento.client();
          const clocks = [senders, readers].map((jumped) => {
            const clock = time.unsteady();
            for (const { at, ms } of jumped) time.after(3000 + at, () => clock.jump(ms));
            return clock;
          });
          const open = (name: string, clients: typeof sender, scheduler: Scheduler = time) =>
            new ChatRoom({
              room: 'r',
              user: { name },
              clients,
              events: false,
              [ENVIRONMENT]: {
                scheduler,
                connectivity: { watch: () => () => {} },
                connect: async () => sdkTransport(clients, scheduler),
                connectClients: async () => sdkTransport(clients, scheduler),
              },
            } as ConstructorParameters<typeof ChatRoom>[0]);
          const ada = open('Ada', sender, clocks[0]);
          const bob = open('Bob', reader, clocks[1]);
          void ada.join();
          await time.advance(3000);

          let published = 0;
          sender.delays = (rpc: Rpc) => {
            if (rpc === 'push') return slow.push;
            published += 1;
            return slow.publish[Math.min(published, slow.publish.length) - 1] ?? { there: 0, back: 0 };
          };
          const sent = ada.send('hello');
          const joined = new Promise<void>((resolve, reject) => {
            time.after(joinAt, () => void bob.join().then(resolve, reject));
          });
          await time.until(Promise.all([sent, joined]));
          // One settle window, and what two calls and a delivery take.
          await time.advance(SETTLE_MS + 100);
          expect(bob.messages.map(({ text }) => text)).toEqual(['hello']);
          void ada.leave();
          void bob.leave();
          momento.close();
        },
      ),
      { numRuns: RUNS, verbose: 1 },
    );
  },
);
