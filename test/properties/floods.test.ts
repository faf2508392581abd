import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { FutureBound } from '../../src/messages/future-bound.js';
import { MalformedReports } from '../../src/messages/malformed.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { MessageReceiver } from '../../src/messages/receiver.js';
import { Timeline } from '../../src/messages/timeline.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { VirtualTime } from '../support/virtual-time.js';

const RUNS = propertyRuns(8, 3000, 100);
const DAY_MS = 86_400_000;
const LIMIT = 50;

/** A room's receiving end, and senders whose clocks are off. */
function scene() {
  const time = new VirtualTime();
  const timeline = new Timeline({ limit: LIMIT, maxStored: 1000, onChange: () => {} });
  const errors: string[] = [];
  const inbox = new MessageReceiver({
    room: 'r',
    timeline,
    ids: new MessageIds(time),
    scheduler: time,
    maxBytes: 4096,
    maxStored: 1000,
    isOwn: () => false,
    userId: () => undefined,
    future: new FutureBound(time),
    malformed: new MalformedReports({ clock: time, maxStored: 1000, tell: (why) => errors.push(why) }),
  });
  const sender = (skewMs: number) => new MessageIds(time.skewed(skewMs));
  const receive = (id: string) => {
    const payload = encodeMessage({ id, text: id, user: { name: 'n' }, sentAt: new Date(0) });
    return inbox.receive({ value: payload }).message !== undefined;
  };
  return { timeline, sender, receive, errors };
}

/** Up to what is accepted: two days ahead; behind, anything. */
const skew = fc.integer({ min: -30 * DAY_MS, max: 2 * DAY_MS - 60_000 });

it(
  'G1: after any flood, from any clock that is accepted, a new message is new and a replayed one is not',
  timeoutOf(RUNS),
  () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ skewMs: skew, count: fc.integer({ min: 1, max: 20_000 }) }), { maxLength: 4 }),
        fc.array(skew, { minLength: 1, maxLength: 20 }),
        (floods, skews) => {
          const { sender, receive, errors, timeline } = scene();
          const seen: string[] = [];
          const shows = (id: string) => {
            seen.push(id);
            return receive(id);
          };
          for (const skewMs of skews) expect(shows(sender(skewMs).next())).toBe(true);
          for (const { skewMs, count } of floods) {
            const flooding = sender(skewMs);
            for (let sent = 0; sent < count; sent += 1) shows(flooding.next());
          }
          for (const skewMs of skews) expect(shows(sender(skewMs).next()), `skew ${skewMs}`).toBe(true);
          // The ids that are remembered: the last 50,000 that left memory.
          expect(seen.slice(-50_000).filter(receive), 'replays that show').toEqual([]);
          expect(timeline.size, 'G5').toBe(Math.min(LIMIT, seen.length));
          expect(errors).toEqual([]);
        },
      ),
      RUNS,
    );
  },
);

it('G1: beyond what is remembered, a message that comes again is shown again, and a new one is never hidden', () => {
  const { sender, receive } = scene();
  const [first, old] = [sender(0).next(), sender(-6 * 60_000)];
  expect(receive(first)).toBe(true);
  const flooding = sender(0);
  for (let sent = 0; sent < 110_000; sent += 1) receive(flooding.next());
  expect(receive(old.next())).toBe(true);
  expect(receive(first)).toBe(true);
});
