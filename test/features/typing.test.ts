// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/presence.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeatureHost } from '../../src/features/feature.js';
import { type RoomTyping, Typing } from '../../src/features/typing.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
const signal = new AbortController().signal;

beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (id: string) => world.room({ room: 'lobby', user: { id, name: id } });
const names = ({ users }: RoomTyping) => users.map(({ name }) => name);

/** Joined rooms that listen. */
async function joined(...ids: string[]): Promise<ChatRoom[]> {
  const rooms = ids.map(open);
  for (const room of rooms) room.on('typing', () => {});
  await world.join(...rooms);
  await world.run(1000);
  return rooms;
}

async function pair(): Promise<[ada: ChatRoom, bob: ChatRoom]> {
  return (await joined('ada', 'bob')) as [ChatRoom, ChatRoom];
}

/** Types for so long, a key every 100 ms. */
async function type({ typing }: ChatRoom, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    typing.keystroke();
    await world.run(100);
  }
}

const say = (id: string, user: string, data: object) =>
  world.result(
    world.transport().call(
      publish,
      {
        cache: 'chat',
        topic: 'lobby:events',
        value: JSON.stringify({ v: 1, id, type: 'typing', user: { id: user, name: user }, data }),
      },
      { signal },
    ),
  );

const ids = () => {
  const time = world.time.now().toString(16).slice(0, 11).padStart(12, '0');
  return (n: number) => `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};

describe('typing', () => {
  it('is seen by others and not by the one who types, and ends with stop()', async () => {
    const [ada, bob] = await pair();
    const heard: [string[], boolean][] = [];
    bob.on('typing', (users, many) => heard.push([users.map(({ name }) => name), many]));
    ada.typing.keystroke();
    await world.run(100);
    expect([names(ada.typing), names(bob.typing)]).toEqual([[], ['ada']]);
    const { users } = bob.typing;
    await type(ada, 6000);
    expect(bob.typing.users).toBe(users);
    ada.typing.stop();
    await world.run(100);
    expect(heard).toEqual([
      [['ada'], false],
      [[], false],
    ]);
  });

  it('costs twelve deliveries a minute, and only one more at the end', async () => {
    const [ada, bob] = await pair();
    const { Publish = 0 } = world.calls;
    await type(ada, 60_000);
    expect((world.calls.Publish ?? 0) - Publish).toBe(12);
    expect(names(bob.typing)).toEqual(['ada']);
    for (let i = 0; i < 100; i += 1) {
      ada.typing.stop();
      ada.typing.keystroke();
    }
    await world.run(1000);
    expect((world.calls.Publish ?? 0) - Publish).toBeLessThanOrEqual(14);
  });

  it('ends seven seconds after the last sign, when the device is gone or the stop is lost', async () => {
    const [ada, bob] = await pair();
    ada.typing.keystroke();
    await world.run(100);
    world.clientOf(ada).link.connected = false;
    ada.typing.stop();
    await world.run(6800);
    expect(names(bob.typing)).toEqual(['ada']);
    await world.run(300);
    expect(names(bob.typing)).toEqual([]);
    world.clientOf(ada).link.connected = true;
  });

  it('ends by the monotonic clock, whatever becomes of the other', async () => {
    const [ada, bob] = await pair();
    ada.typing.keystroke();
    await world.run(100);
    world.clientOf(bob).clock.jump(-3_600_000);
    await world.run(7100);
    expect(names(bob.typing)).toEqual([]);
  });

  it('ends at once with a message, which costs no further event, and with leave()', async () => {
    const [ada, bob] = await pair();
    const { Publish = 0 } = world.calls;
    ada.typing.keystroke();
    await world.run(100);
    await world.result(ada.send('hello'));
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
    ada.typing.stop();
    await world.run(100);
    expect((world.calls.Publish ?? 0) - Publish).toBe(2);
    ada.typing.keystroke();
    await world.run(100);
    expect(names(bob.typing)).toEqual(['ada']);
    await world.result(ada.leave());
    await world.run(200);
    expect(names(bob.typing)).toEqual([]);
  });

  it('ends at once when the page is hidden', async () => {
    const [ada, bob] = await pair();
    ada.typing.keystroke();
    await world.run(100);
    world.clientOf(ada).page.becomes('hidden');
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
  });

  it('of who claims to be somebody else, and whose token says so, is not shown', async () => {
    const [, bob] = await pair();
    const eve = world.room({ room: 'lobby', user: { id: 'cy', name: 'cy' }, userId: 'eve' });
    eve.on('typing', () => {});
    await world.join(eve);
    await world.run(1000);
    eve.typing.keystroke();
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
  });

  it('is not ended by a message of who claims to be somebody else, and whose token says so', async () => {
    const [ada, bob] = await pair();
    const eve = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, userId: 'eve' });
    await world.join(eve);
    ada.typing.keystroke();
    await world.run(100);
    await world.result(eve.send('I am Ada'));
    await world.run(100);
    expect(names(bob.typing)).toEqual(['ada']);
  });

  it('ends with a message from another device of the user, however far apart their clocks are', async () => {
    const [bob] = await joined('bob');
    const ada = { room: 'lobby', user: { id: 'ada', name: 'ada' }, via: 'clients' } as const;
    const [ahead, behind] = [world.room({ ...ada, skewMs: 20 * 60_000 }), world.room(ada)];
    await world.join(ahead, behind);
    ahead.typing.keystroke();
    await world.run(500);
    expect(names(bob?.typing ?? ahead.typing)).toEqual(['ada']);
    await world.result(behind.send('done'));
    await world.run(200);
    expect(bob?.typing.users).toEqual([]);
  });

  it.each(['that failed and is sent again', 'that waited for a lost connection'])(
    'on one device is not ended by a message from long before, on another one, %s',
    async (which) => {
      const [ada, bob, tab] = (await joined('ada', 'bob', 'ada')) as [ChatRoom, ChatRoom, ChatRoom];
      const seen: string[] = [];
      bob.on('typing', (users) => seen.push(users.map(({ name }) => name).join()));
      bob.on('message', ({ text }) => seen.push(text));
      const { link } = world.clientOf(ada);
      const again = which === 'that failed and is sent again';
      if (again) link.fates = () => ({ outcome: 'request-lost', learnsAfterMs: 50 });
      else link.goOffline(25_000);
      const sending = ada.send('from before').catch(() => {});
      if (again) await world.result(sending);
      link.fates = undefined;
      await world.run(20_000);
      await type(tab, 2000);
      if (again) ada.retry(ada.messages[0]?.id ?? '').catch(() => {});
      await type(tab, 30_000);
      expect(seen).toEqual(['ada', 'from before']);
    },
  );

  it('does not come back with a sign from before the message, or from before the stop', async () => {
    const [ada, bob] = await pair();
    const id = ids();
    await world.result(ada.send('hello'));
    await world.run(100);
    await say(id(1), 'ada', { on: true });
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
    await say(id(5), 'cy', { on: false });
    await say(id(4), 'cy', { on: true });
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
    await say(id(6), 'cy', { on: true });
    await say(id(3), 'cy', { on: false });
    await world.run(100);
    expect(names(bob.typing)).toEqual(['cy']);
  });

  it('of several devices of a user is one, and never oneself', async () => {
    const [ada, bob, second] = (await joined('ada', 'bob', 'ada')) as [ChatRoom, ChatRoom, ChatRoom];
    ada.typing.keystroke();
    second.typing.keystroke();
    await world.run(100);
    expect([ada, bob, second].map(({ typing }) => names(typing))).toEqual([[], ['ada'], []]);
  });

  it('of more than ten is many; one more tells nobody', async () => {
    const [ada, bob] = await pair();
    const id = ids();
    for (let n = 0; n < 10; n += 1) await say(id(n), `u${n}`, { on: true });
    await world.run(100);
    expect([bob.typing.users.length, bob.typing.many]).toEqual([10, false]);
    await say(id(10), 'u10', { on: true });
    await world.run(100);
    expect([bob.typing.users.length, bob.typing.many]).toEqual([10, true]);
    const { Publish } = world.calls;
    ada.typing.keystroke();
    await world.run(100);
    expect(world.calls.Publish).toBe(Publish);
    for (let n = 11; n < 600; n += 1) await say(id(n), `u${n}`, { on: true });
    await world.run(8000);
    expect([bob.typing.users.length, bob.typing.many]).toEqual([0, false]);
  });

  it('is not sent while offline, and not known after leave()', async () => {
    const [ada, bob] = await pair();
    world.clientOf(ada).link.cut('told');
    world.clientOf(ada).link.connected = false;
    await world.run(20_000);
    expect(ada.status).toBe('reconnecting');
    const { Publish } = world.calls;
    ada.typing.keystroke();
    world.clientOf(ada).link.connected = true;
    await world.run(60_000);
    expect(world.calls.Publish).toBe(Publish);
    ada.typing.keystroke();
    await world.run(100);
    expect(names(bob.typing)).toEqual(['ada']);
    await world.result(bob.leave());
    expect(names(bob.typing)).toEqual([]);
  });

  it.each([
    ['of a thread', { on: true, thread: '019b76da-a82e-721c-86c4-e8d09f8039a5' }],
    ['without a direction', {}],
    ['with another direction', { on: 'true' }],
    ['of an unknown kind of thread', { on: true, thread: null }],
  ])('%s does not show in the room', async (_, data) => {
    const [, bob] = await pair();
    await say(ids()(1), 'eve', data);
    await world.run(100);
    expect(names(bob.typing)).toEqual([]);
  });

  it('before the first join is nobody, and calls harm nothing', async () => {
    const room = open('ada');
    room.typing.keystroke();
    room.typing.stop();
    expect([room.typing.users, room.typing.many]).toEqual([[], false]);
  });
});

describe('a scope', () => {
  it('tells of its thread and hears of no other; where nobody else is, nothing is sent', async () => {
    const sent: unknown[] = [];
    const listeners: ((event: object) => void)[] = [];
    let visible = true;
    let alone = false;
    const host = {
      clock: world.time,
      events: {
        send: async (_: string, data: unknown) => void sent.push(data),
        on: (_: string, listener: (event: object) => void) => listeners.push(listener),
      },
      timeline: { onMessage() {} },
      onVisibility() {},
      onLeave() {},
      onHidden() {},
      hides: () => false,
      isAlone: () => alone,
      onJoined: (begin: (signal: AbortSignal) => void) => begin(signal),
      isVisible: () => visible,
      isOffline: () => false,
    } as unknown as FeatureHost;
    const typing = new Typing(host, () => {}, { scope: 'root' });
    alone = true;
    typing.keystroke();
    alone = false;
    visible = false;
    typing.keystroke();
    visible = true;
    expect(sent).toEqual([]);
    typing.keystroke();
    expect(sent).toEqual([{ on: true, thread: 'root' }]);
    const event = { id: ids()(1), user: { name: 'cy' }, own: false };
    for (const thread of [undefined, 'other', 'root'])
      for (const listener of listeners) listener({ ...event, data: { on: true, thread } });
    expect(names(typing)).toEqual(['cy']);
    await world.run(8000);
    expect(names(typing)).toEqual([]);
  });

  it('is not sent to an empty room, where that is known without a call', async () => {
    const [ada] = (await joined('ada')) as [ChatRoom];
    const published = () => world.clientOf(ada).link.calls.Publish ?? 0;
    const told = async () => {
      const before = published();
      ada.typing.keystroke();
      await world.run(6000);
      return published() - before;
    };
    expect(await told(), 'whoever has not entered may be there').toBe(1);
    await world.result(ada.presence.enter());
    await world.run(1000);
    expect(await told()).toBe(0);
    const bob = open('bob');
    await world.join(bob);
    await world.result(bob.presence.enter());
    await world.run(1000);
    expect(await told()).toBe(1);
    await world.result(bob.leave());
    await world.run(1000);
    expect(await told()).toBe(0);
    await world.join(bob);
    await world.result(bob.send('I am here all the same'));
    await world.run(1000);
    expect(await told()).toBe(1);
  });

  it('in a thread is not sent to an empty room either, though the thread was opened before presence', async () => {
    const [ada] = (await joined('ada')) as [ChatRoom];
    const { id } = await world.result(ada.send('root'));
    const thread = ada.thread(id);
    await world.result(thread.open());
    await world.result(ada.presence.enter());
    await world.run(1000);
    const { calls } = world.clientOf(ada).link;
    const before = calls.Publish;
    thread.typing.keystroke();
    await world.run(6000);
    expect(calls.Publish).toBe(before);
  });

  it.each(['before', 'after'])(
    'is seen by who looks on without entering, and came %s the only member',
    async (when) => {
      const [ada, bob] = [open('ada'), open('bob')];
      const typists: string[] = [];
      bob.on('presence', () => {});
      bob.on('typing', (users) => typists.push(...users.map(({ name }) => name)));
      if (when === 'before') await world.join(bob);
      await world.join(ada);
      await world.result(ada.presence.enter());
      await world.run(5000);
      if (when === 'after') await world.join(bob);
      await world.run(5000);
      ada.typing.keystroke();
      await world.run(100);
      expect(typists).toEqual(['ada']);
      // The same for the connection that comes next.
      await world.result(ada.leave());
      await world.join(ada);
      await world.result(ada.presence.enter());
      await world.run(5000);
      ada.typing.keystroke();
      await world.run(100);
      expect(typists).toEqual(['ada', 'ada']);
    },
  );

  it('is seen by who looks on after a reading has another connection of the only member', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    const typists: string[] = [];
    bob.on('presence', () => {});
    bob.on('typing', (users) => typists.push(...users.map(({ name }) => name)));
    await world.join(ada, bob);
    await world.result(ada.presence.enter());
    await world.run(5000);
    world.clientOf(bob).link.goOffline(5000);
    await world.result(ada.leave());
    await world.join(ada);
    await world.result(ada.presence.enter());
    // Nothing of it is replayed.
    world.engine.faults.resetTopic();
    await world.run(8000);
    world.clientOf(bob).link.cut('told');
    await world.run(12_000);
    ada.typing.keystroke();
    await world.run(100);
    expect(typists).toEqual(['ada']);
  });

  it('is sent to who looks on for as long as they do, and a lease longer', async () => {
    const [ada, bob, cy] = [open('ada'), open('bob'), open('cy')];
    for (const room of [bob, cy]) room.on('presence', () => {});
    await world.join(ada, bob, cy);
    await world.result(ada.presence.enter());
    await world.run(5000);
    const published = (room: ChatRoom) => world.clientOf(room).link.calls.Publish ?? 0;
    const isTold = async () => {
      const before = published(ada);
      ada.typing.keystroke();
      await world.run(10_000);
      return published(ada) > before;
    };
    const [before, began] = [published(bob) + published(cy), world.time.now()];
    for (let times = 0; times < 30; times += 1) expect(await isTold()).toBe(true);
    const minutes = (world.time.now() - began) / 60_000;
    expect((published(bob) + published(cy) - before) / minutes).toBeLessThan(1.5);
    await world.result(cy.leave());
    await world.run(60_000);
    expect(await isTold(), 'bob is there').toBe(true);
    await world.result(bob.leave());
    await world.run(60_000);
    expect(await isTold()).toBe(false);
  });

  it('is no error to who looks on and may not write', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    const errors: string[] = [];
    bob.on('error', ({ message }) => errors.push(message));
    bob.on('presence', () => {});
    world.clientOf(bob).tokens.readOnly = true;
    await world.join(ada, bob);
    await world.result(ada.presence.enter());
    await world.run(60_000);
    expect(bob.presence.count).toBe(1);
    expect(errors).toEqual([]);
    expect(world.clientOf(bob).link.calls.Publish).toBe(1);
  });

  it('costs a few events that they look on, however many do, and none where all have entered', async () => {
    const rooms = Array.from({ length: 60 }, (_, index) => open(`u${index}`));
    const [ada, bob, ...others] = rooms as [ChatRoom, ChatRoom, ...ChatRoom[]];
    for (const room of rooms) room.on('presence', () => {});
    await world.join(...rooms);
    await world.run(5000);
    const published = () => world.calls.Publish ?? 0;
    const before = published();
    await world.result(ada.presence.enter());
    await world.run(60_000);
    expect(published() - before).toBeGreaterThan(1);
    expect(published() - before, 'the enter, and some who look on').toBeLessThanOrEqual(6);
    await world.result(Promise.all(others.map((room) => room.leave())));
    await world.result(bob.presence.enter());
    await world.run(60_000);
    const entered = published();
    await world.run(60_000);
    expect(published()).toBe(entered);
  });

  it('of a hidden user is not shown, and ends as the user is hidden', async () => {
    const [ada, bob] = await pair();
    ada.typing.keystroke();
    await world.run(100);
    bob.hide('ada');
    expect(names(bob.typing)).toEqual([]);
    ada.typing.stop();
    await type(ada, 1000);
    expect(names(bob.typing)).toEqual([]);
    ada.typing.stop();
    bob.unhide('ada');
    await type(ada, 1000);
    expect(names(bob.typing)).toEqual(['ada']);
  });
});
