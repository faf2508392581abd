import { expect, it } from 'vitest';
import type { EventBus } from '../../src/features/event-bus.js';
import type { RoomEvent } from '../../src/features/room-event.js';
import { onSignal, type Signal, sendSignal } from '../../src/features/signals.js';

/** A bus of one, which gives back what was sent. */
function echo() {
  const listeners = new Set<(event: RoomEvent) => void>();
  let sent = 0;
  const bus: EventBus = {
    async send(type, data) {
      sent += 1;
      const event = { id: `${sent}`, type, data, user: { name: 'Ada' }, sentAt: new Date(0), own: true };
      for (const listener of listeners) listener(event);
    },
    on(_, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { bus, sent: () => sent };
}

it('a signal comes as it was sent', async () => {
  const { bus } = echo();
  const heard: Signal[] = [];
  const off = onSignal(bus, (signal) => heard.push(signal));
  await sendSignal(bus, 'goal', { team: 1, by: 'Ada' });
  off();
  await sendSignal(bus, 'goal', {});
  expect(heard).toEqual([
    { type: 'goal', data: { team: 1, by: 'Ada' }, user: { name: 'Ada' }, sentAt: new Date(0), own: true },
  ]);
});

it.each([
  ['no type', '', {}, 'invalid-argument'],
  ['a type that is too long', 'x'.repeat(65), {}, 'invalid-argument'],
  ['data that is no object', 'a', [] as never, 'invalid-argument'],
  ['data that is not JSON', 'a', { big: 1n } as never, 'invalid-argument'],
  ['data with a Map, which JSON makes {}', 'a', { deep: [new Map([['a', 1]])] } as never, 'invalid-argument'],
  ['data that is a Set', 'a', new Set([1]) as never, 'invalid-argument'],
  ['data with a number that JSON makes null', 'a', { x: Number.NaN }, 'invalid-argument'],
  ['data with a key that would change prototypes', 'a', JSON.parse('{"__proto__":1}'), 'invalid-argument'],
  ['data over 3 KB', 'a', { text: 'é'.repeat(1600) }, 'message-too-large'],
])('a signal with %s is refused, and nothing is sent', async (_, type, data, code) => {
  const { bus, sent } = echo();
  await expect(sendSignal(bus, type, data)).rejects.toMatchObject({ code });
  expect(sent()).toBe(0);
});
