import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoomEventBus } from '../../src/features/event-bus.js';
import { decodeEvent, encodeEvent, type RoomEvent } from '../../src/features/room-event.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { Scheduler } from '../../src/shared/clock.js';
import { VirtualTime } from '../support/virtual-time.js';

const DAY = 86_400_000;

/** Buses that share a topic, in virtual time. */
function topic() {
  const time = new VirtualTime();
  const buses = new Set<RoomEventBus>();
  let malformed = 0;
  const published: string[] = [];
  const bring = (value: unknown, publisherId?: string) => {
    for (const each of buses) each.receive({ value: value as string, publisherId });
  };
  const bus = (name: string, clock: Scheduler = time) => {
    const made = new RoomEventBus({
      publish: async (payload) => {
        published.push(payload);
        bring(payload, name);
      },
      ids: new MessageIds(clock),
      author: () => ({ id: name, name }),
      isOwn: (user) => user.id === name,
      clock,
      onMalformed: () => {
        malformed += 1;
      },
    });
    buses.add(made);
    return made;
  };
  return { time, bus, bring, published, malformed: () => malformed };
}

describe('the bus of events', () => {
  it('brings an event to everybody who listens for its type, with who sent it', async () => {
    const { bus } = topic();
    const [ada, bob] = [bus('ada'), bus('bob')];
    const heard: RoomEvent[] = [];
    for (const each of [ada, bob]) each.on('typing', (event) => heard.push(event));
    bob.on('other', () => expect.fail('another type'));
    await ada.send('typing', { draft: true });
    expect(heard.map(({ own }) => own)).toEqual([true, false]);
    expect(heard[1]).toMatchObject({
      type: 'typing',
      data: { draft: true },
      user: { id: 'ada', name: 'ada' },
      verifiedUserId: 'ada',
    });
  });

  it('calls a listener until it is taken off, and twice when it was added twice', async () => {
    const { bus } = topic();
    const ada = bus('ada');
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    const offs = [ada.on('a', listener), ada.on('a', listener)];
    await ada.send('a', {});
    expect(heard).toBe(2);
    offs[0]?.();
    offs[0]?.();
    await ada.send('a', {});
    expect(heard).toBe(3);
  });

  it('sends with the id that it is given, and sorts what is sent later after what was heard', async () => {
    const { bus, time } = topic();
    const ahead = bus('ahead', time.skewed(60_000));
    const bob = bus('bob');
    const id = await ahead.send('a', {});
    expect((await bob.send('a', {})) > id).toBe(true);
    const own = new MessageIds(time).next();
    expect(await bob.send('a', {}, { id: own })).toBe(own);
  });

  it('G1: brings an event once, however often it comes', async () => {
    const { bus, bring, published } = topic();
    const bob = bus('bob');
    let heard = 0;
    bob.on('a', () => {
      heard += 1;
    });
    await bus('ada').send('a', {});
    bring(published[0], 'ada');
    bring(published[0], 'ada');
    expect(heard).toBe(1);
  });

  it('brings it to all though somebody else has sent another one under its id', async () => {
    const { bus, bring } = topic();
    const id = new MessageIds(new VirtualTime()).next();
    bus('bob').on('a', (event) => expect(event).toMatchObject({ verifiedUserId: 'ada' }));
    bring(JSON.stringify({ v: 1, id, type: 'b', user: { id: 'eve', name: 'eve' }, data: {} }), 'eve');
    await bus('ada').send('a', {}, { id });
    expect.assertions(1);
  });

  it('G6: what is no event is inert', () => {
    const { bus, bring, malformed, time } = topic();
    const heard: RoomEvent[] = [];
    bus('bob').on('a', (event) => heard.push(event));
    const ids = new MessageIds(time.skewed(3 * DAY));
    const event = { v: 1, id: ids.next(), type: 'a', user: { name: 'x' }, data: {} };
    const now = new MessageIds(time).next();
    const hostile = [
      '',
      'null',
      '[]',
      new Uint8Array(3),
      JSON.stringify(event),
      ...[
        { id: 'x' },
        { type: '' },
        { type: 'x'.repeat(65) },
        { v: 0 },
        { user: 'x' },
        { user: { name: 1 } },
        { data: [] },
      ].map((change) => JSON.stringify({ ...event, id: now, ...change })),
      JSON.stringify({ ...event, id: now, data: { long: 'x'.repeat(5000) } }),
    ];
    for (const value of hostile) bring(value);
    expect(heard).toEqual([]);
    expect(malformed()).toBe(hostile.length);
  });
});

it('an event decodes to what was encoded', () => {
  const id = new MessageIds(new VirtualTime()).next();
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 64 }),
      fc.record({ id: fc.string({ maxLength: 20 }), name: fc.string({ maxLength: 20 }) }),
      fc.dictionary(
        fc.string({ maxLength: 10 }).filter((key) => key !== '__proto__'),
        fc.string({ maxLength: 20 }),
        {
          maxKeys: 5,
        },
      ),
      (type, user, data) => {
        const decoded = decodeEvent(encodeEvent({ id, type, user, data }, 'send the signal'));
        expect(decoded).toMatchObject({ id, type, user });
        expect(decoded?.data).toEqual({ ...data });
      },
    ),
  );
});

it('an event that a topic would not take is refused, by the name of what was asked', () => {
  const id = new MessageIds(new VirtualTime()).next();
  const event = { id, type: 'a', user: { name: 'x' }, data: { x: 'é'.repeat(2100) } };
  expect(() => encodeEvent(event, 'send the signal')).toThrow('unable to send the signal; it takes');
});
