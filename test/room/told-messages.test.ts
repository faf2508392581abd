import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatThread } from '../../src/room/chat-thread.js';
import type { Gap } from '../../src/room/events.js';
import type { Transport } from '../../src/transport/transport.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** The texts that come as `message` events. */
function toldBy(room: ChatRoom | ChatThread): string[] {
  const told: string[] = [];
  (room as ChatRoom).on('message', ({ text }) => told.push(text));
  return told;
}

/** Ada has missed two messages of Bob's, and is about to read them. */
async function missed(options: Partial<WorldRoomOptions> = {}) {
  const [room, other] = [
    world.member('Ada', options),
    world.member('Bob', { room: options.room ?? 'lobby' }),
  ];
  const told = toldBy(room);
  await world.joined(room, other);
  world.clientOf(room).link.cut('silent');
  await world.say(other, 'one');
  await world.say(other, 'two');
  return { room, other, told };
}

describe('G1: what a reading gave back comes as `message`', () => {
  it('though who hears that it is shown leaves at once', async () => {
    const { room, told } = await missed();
    room.once('change', () => void room.leave());
    world.hint('online');
    await world.run(5000);
    expect([room.status, textsOf(room), told]).toEqual(['left', ['one', 'two'], ['one', 'two']]);
  });

  it('at once, or after the next join, in whatever turn of the reading the room is left', async () => {
    for (let turns = 0; turns < 24; turns += 1) {
      let onAnswer = () => {};
      const wrap = (transport: Transport): Transport => ({
        ...transport,
        subscribe: (...how) => transport.subscribe(...how),
        call: async (operation, ...rest) => {
          const output = await transport.call(operation, ...rest);
          if (operation.rpc.endsWith('ListFetch')) onAnswer();
          return output;
        },
      });
      const { room, other, told } = await missed({ wrap, room: `lobby ${turns}`, events: turns % 2 === 0 });
      onAnswer = async () => {
        onAnswer = () => {};
        for (let turn = 0; turn < turns; turn += 1) await undefined;
        void room.leave();
      };
      world.hint('online');
      await world.run(5000);
      expect([room.status, textsOf(room)]).toEqual(['left', told]);
      await world.joined(room);
      expect(told).toEqual(['one', 'two']);
      for (const member of [room, other]) void member.leave();
    }
  });

  it('after the next join where the room was left before, though last words were still being said', async () => {
    const { room, told } = await missed({ events: true });
    await world.result(room.presence.enter());
    const { link } = world.clientOf(room);
    link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 300 } : { thereMs: 800 });
    world.hint('online');
    await world.run(200);
    void room.leave();
    await world.run(5000);
    expect([textsOf(room), told]).toEqual([[], []]);
    link.fates = undefined;
    await world.joined(room);
    expect([textsOf(room), told]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  it('and so does a gap that may not be complete, though who hears of it leaves at once', async () => {
    const { room, told } = await missed({ history: { maxStored: 2, pageSize: 2 } });
    const gaps: Gap[] = [];
    room.on('gap', (gap) => gaps.push(gap));
    room.once('change', () => void room.leave());
    world.hint('online');
    await world.run(5000);
    expect([told, gaps]).toEqual([['one', 'two'], [{ filled: 2, complete: false }]]);
  });
});

describe('G1: what a reading of a thread gave back comes as `message`', () => {
  async function opened() {
    const [ada, bob] = ['ada', 'bob'].map((name) => world.room({ room: 'lobby', user: { id: name, name } }));
    if (ada === undefined || bob === undefined) throw new Error('unable to begin; nobody is there');
    await world.joined(ada, bob);
    const { id } = await world.result(ada.send('root'));
    const [ours, theirs] = [ada.thread(id), bob.thread(id)];
    await world.result(Promise.all([ours.open(), theirs.open()]));
    await world.run(5000);
    return { ada, ours, theirs, told: toldBy(ours) };
  }

  it('though who hears that it is shown leaves the room at once', async () => {
    const { ada, ours, theirs, told } = await opened();
    world.clientOf(ada).link.cut('silent');
    await world.result(theirs.send('missed'));
    ours.once('change', () => void ada.leave());
    world.hint('online');
    await world.run(5000);
    expect([ada.status, told]).toEqual(['left', ['missed']]);
  });

  it('also where it was read to count the replies', async () => {
    const { ours, theirs, told } = await opened();
    world.engine.faults.losePublishes(1);
    await world.result(theirs.send('unheard'));
    world.engine.faults.failNext({ rpc: 'ListPushFront', code: 'INVALID_ARGUMENT' });
    await world.settled(ours.send('failed'));
    await world.run(30_000);
    expect([textsOf(ours), told]).toEqual([
      ['unheard', 'failed'],
      ['failed', 'unheard'],
    ]);
  });
});

it("G1: a message in the article's format is none that came before under the same number, where the topic was reset", async () => {
  const room = world.member('Ada');
  await world.joined(room);
  const say = async (text: string) => {
    const payload = JSON.stringify({ username: 'Eve', message: text });
    world.publish('lobby-chat', payload);
    world.setList('lobby', [payload, ...world.list('lobby')]);
    await world.run(3000);
  };
  for (const text of ['one', 'ok']) await say(text);
  world.engine.faults.resetTopic();
  await world.run(20_000);
  for (const text of ['two', 'ok']) await say(text);
  expect(textsOf(room)).toEqual(['one', 'ok', 'two', 'ok']);
});
