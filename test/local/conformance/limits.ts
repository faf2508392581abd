import { ManualClock, MOMENTO_LIMITS } from '../../../src/local/index.js';
import { listen } from '../support/listen.js';
import { outcome } from '../support/outcome.js';
import { type Behaviour, behaviour, CACHE, each } from './behaviour.js';

const EXCEEDED = 'LIMIT_EXCEEDED_ERROR';

/** Of so many calls, one after the other, the outcomes of all but the last, and that of the last. */
async function inOneSecond(count: number, call: () => Promise<object>): Promise<unknown> {
  const seen = [];
  for (let n = 0; n < count; n++) seen.push(outcome(await call()));
  return [...new Set(seen.slice(0, -1)), seen.at(-1)];
}

/** A second that lasts as long as the trial. */
const limited = () => ({ limits: MOMENTO_LIMITS, clock: new ManualClock() });

/** An account's limits, and what a client meets on a bad day. */
export const limitBehaviours: Behaviour[] = [
  behaviour('Get', 'with limits: the 101st in a second is refused', ['Miss', EXCEEDED], async (trial) => {
    const { cache } = await trial.elsewhere(limited());
    return inOneSecond(101, () => cache.get(CACHE, 'k'));
  }),
  behaviour(
    'Publish',
    'with limits: the 11th in a second is refused',
    ['Success', EXCEEDED],
    async (trial) => {
      const { topics } = await trial.elsewhere(limited());
      return inOneSecond(11, () => topics.publish(CACHE, 't', 'x'));
    },
  ),
  behaviour(
    'ListCaches',
    'with limits: the 6th in a second is refused',
    ['Success', EXCEEDED],
    async (trial) => {
      const { cache } = await trial.elsewhere(limited());
      return inOneSecond(6, () => cache.listCaches());
    },
  ),
  behaviour('ListCaches', 'with limits: an item has at most 4,883 KiB', 4883, async (trial) => {
    const { cache } = await trial.elsewhere(limited());
    const listed = await cache.listCaches();
    return 'getCaches' in listed && listed.getCaches()[0]?.getCacheLimits().maxItemSizeKb;
  }),
  behaviour(
    'Set',
    'with limits: key and value count, and too much is refused as a request too large',
    ['Success', 'Request size limit exceeded for this account'],
    async (trial) => {
      const { cache } = await trial.elsewhere({ limits: { itemBytes: 100 } });
      const [fits] = await each(() => cache.set(CACHE, 'key', 'x'.repeat(97)));
      const refused = await cache.set(CACHE, 'key', 'x'.repeat(98));
      return [fits, String(refused).split(':')[0]];
    },
  ),
  behaviour(
    'Subscribe',
    'a failure that is no passing one ends it, after the messages before',
    [3, ['NOT_FOUND_ERROR']],
    async (trial) => {
      const there = await trial.elsewhere({ heartbeatMs: 20 });
      there.momento.faults.endStreams({ code: 'NOT_FOUND', after: 3, includeNew: true });
      const listener = await listen(there, 't');
      for (let n = 0; n < 500 && listener.errors.length === 0; n++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return [listener.heartbeats, listener.errors];
    },
  ),
  behaviour(
    'Increment',
    'a call that is not to be repeated fails at the first failure',
    ['INTERNAL_SERVER_ERROR', ['Success', 1]],
    async (trial) => {
      const { cache, momento } = await trial.elsewhere({});
      momento.faults.failNext({ rpc: 'Increment', code: 'INTERNAL' });
      return each(
        () => cache.increment(CACHE, 'n'),
        () => cache.increment(CACHE, 'n'),
      );
    },
  ),
];
