import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventItem, RoomEventBus } from '../../src/features/event-bus.js';
import { decodeEvent, encodeEvent, type RoomEvent } from '../../src/features/room-event.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { VirtualTime } from '../support/virtual-time.js';

const DAY = 86_400_000;

/** Buses that share a topic, in virtual time. */
function topic() {
  const time = new VirtualTime();
  const open = new Set<(item: EventItem) => void>();
  let malformed = 0;
  const published: string[] = [];
  const bus = (name: string) => {
    const ids = new MessageIds(time);
    const made = new RoomEventBus({
      open(onItem) {
        const entry = (item: EventItem) => onItem(item);
        open.add(entry);
        return () => open.delete(entry);
      },
      publish: async (payload) => {
        published.push(payload);
        for (const onItem of [...open]) onItem({ value: payload, publisherId: name });
      },
      nextId: () => ids.next(),
      author: () => ({ id: name, name }),
      isOwn: (user) => user.id === name,
      clock: time,
      onMalformed: () => {
        malformed += 1;
      },
    });
    made.start();
    return made;
  };
  const bring = (value: unknown) => {
    for (const onItem of open) onItem({ value });
  };
  return { time, bus, bring, published, streams: () => open.size, malformed: () => malformed };
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

  it('has one subscription, from the first listener to the last, and none outside of a join', () => {
    const { bus, streams } = topic();
    const ada = bus('ada');
    expect(streams()).toBe(0);
    const listener = () => {};
    const offs = [ada.on('a', listener), ada.on('a', listener), ada.on('b', listener)];
    expect(streams()).toBe(1);
    offs[0]?.();
    offs[0]?.();
    offs[2]?.();
    expect(streams()).toBe(1);
    ada.stop();
    expect(streams()).toBe(0);
    ada.start();
    expect(streams()).toBe(1);
    offs[1]?.();
    expect(streams()).toBe(0);
  });

  it('G1: brings an event once, however often it comes', async () => {
    const { bus, bring, published } = topic();
    const bob = bus('bob');
    let heard = 0;
    bob.on('a', () => {
      heard += 1;
    });
    await bus('ada').send('a', {});
    bring(published[0]);
    bring(published[0]);
    expect(heard).toBe(1);
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
        const decoded = decodeEvent(encodeEvent({ id, type, user, data }));
        expect(decoded).toMatchObject({ id, type, user });
        expect(decoded?.data).toEqual({ ...data });
      },
    ),
  );
});

it('an event that a topic would not take is refused', () => {
  const id = new MessageIds(new VirtualTime()).next();
  expect(() => encodeEvent({ id, type: 'a', user: { name: 'x' }, data: { x: 'é'.repeat(2100) } })).toThrow(
    'unable to send the event; it takes',
  );
});
