import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChatRoom } from '../../src/chat-room.js';
// Loaded ahead, so that no join waits for the disk while virtual time stands still.
import '../../src/entrance.js';
import { ENVIRONMENT } from '../../src/options.js';
import { ModelMomento, type Rpc } from '../support/model-momento.js';
import { VirtualTime } from '../support/virtual-time.js';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 300);
const SETTLE_MS = 2000;

const delay = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9000 }));
const way = fc.record({ there: delay, back: delay });
const ways = fc.record({ publish: fc.array(way, { minLength: 1, maxLength: 3 }), push: way });

/**
 * The argument for G2, tried: a message is sent while another room joins, and every call takes as long as it likes.
 * Nothing else happens, so no later reading can hide that the join's two readings were not enough.
 */
it('G2: a message sent around the time of a join is there one settle window after both', async () => {
  await fc.assert(
    fc.asyncProperty(ways, fc.integer({ min: 0, max: 25_000 }), fc.nat(), async (slow, joinAt, seed) => {
      const time = new VirtualTime(seed);
      const momento = new ModelMomento(time, seed, { heartbeatMs: 3_600_000 });
      const sender = momento.client();
      const reader = momento.client();
      const open = (name: string, clients: typeof sender) =>
        new ChatRoom({
          room: 'r',
          user: { name },
          clients,
          [ENVIRONMENT]: {
            scheduler: time,
            connectivity: { watch: () => () => {} },
            connect: async () => clients,
          },
        } as ConstructorParameters<typeof ChatRoom>[0]);
      const ada = open('Ada', sender);
      const bob = open('Bob', reader);
      void ada.join();
      await time.advance(3000);

      let published = 0;
      sender.delays = (rpc: Rpc) => {
        if (rpc === 'push') return slow.push;
        published += 1;
        return slow.publish[Math.min(published, slow.publish.length) - 1] ?? { there: 0, back: 0 };
      };
      let readyAt = 0;
      const sent = ada.send('hello').then(() => time.now());
      const joined = new Promise<number>((resolve) => {
        time.after(joinAt, () => void bob.join().then(() => resolve(time.now())));
      });
      void Promise.all([sent, joined]).then((times) => {
        readyAt = Math.max(...times);
      });
      while (readyAt === 0) await time.advance(50);
      // One settle window, and what two calls and a delivery take.
      await time.advance(SETTLE_MS + 100);
      expect(bob.messages.map(({ text }) => text)).toEqual(['hello']);
      void ada.leave();
      void bob.leave();
      momento.close();
    }),
    { numRuns: RUNS, verbose: 1 },
  );
});
