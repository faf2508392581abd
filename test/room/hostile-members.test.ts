import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { decodeMessage, encodeMessage } from '../../src/messages/codec.js';
import { idTime, MessageIds } from '../../src/messages/message-id.js';
import { dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import type { CacheInput, Operation } from '../../src/transport/transport.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

const DAY_MS = 86_400_000;

const article = (text: string) => JSON.stringify({ username: 'Eve', message: text });
const texts = ({ messages }: { messages: readonly { text: string }[] }) => messages.map(({ text }) => text);

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** A room that no token tells the time, so that it has to find out who is ahead. */
const member = (name: string, options: Partial<WorldRoomOptions> = {}) =>
  world.member(name, { via: 'clients', ...options });

async function joined(options: Partial<WorldRoomOptions> = {}) {
  const ada = member('Ada', options);
  await world.joined(ada);
  return ada;
}

/** Somebody publishes and stores it. */
async function both(payload: string): Promise<void> {
  world.publish('lobby-chat', payload);
  world.setList('lobby', [payload, ...world.list('lobby')]);
  await world.run(100);
}

/** A message from a clock that is off. */
function from(skewMs: number, text: string): string {
  return encodeMessage({
    id: new MessageIds(world.time.skewed(skewMs)).next(),
    text,
    user: { name: 'Mallory' },
    sentAt: new Date(world.time.now()),
  });
}

describe('a room', () => {
  it.each([6 * 60_000, DAY_MS, 2 * DAY_MS - 60_000])(
    "G1: keeps the article's messages apart and in order behind an id that is %d ms ahead, live and read",
    async (lead) => {
      const ada = await joined();
      await world.say(ada, 'first');
      await both(from(lead, 'ahead'));
      const said = ['ok', 'A', 'ok', 'B', 'C', 'ok'];
      for (const text of said) {
        await both(article(text));
        await world.say(ada, '-');
      }
      const expected = ['first', ...said.flatMap((text) => [text, '-']), 'ahead'];
      expect(texts(ada)).toEqual(expected);
      const bob = member('Bob');
      await world.joined(bob);
      expect(texts(bob)).toEqual(expected);
      expect(bob.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id));
    },
  );

  it('G6: tells of a thousand malformed items in two seconds a few times, with counts', async () => {
    const ada = await joined();
    const errors: string[] = [];
    ada.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    for (let count = 0; count < 1000; count += 1) {
      world.publish('lobby-chat', `rubbish ${count}`);
      await world.run(2);
    }
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBe('malformed-message: unable to read a message; it is not JSON');
    expect(errors[1]).toMatch(/^malformed-message: unable to read \d{3} messages; for each, it is not JSON$/);
  });

  it.each(['joined', 'joining'])(
    'G2: goes on without a list when a member puts an entry of another kind in its place, %s',
    async (when) => {
      const [ada, bob] = [member('Ada'), member('Bob')];
      const gaps: boolean[] = [];
      ada.on('gap', ({ complete }) => gaps.push(complete));
      if (when === 'joined') await world.joined(ada);
      world.replaceList('lobby');
      if (when === 'joining') await world.joined(ada);
      world.hint('online');
      await world.run(3000);
      await world.joined(bob);
      expect([ada.status, bob.status]).toEqual(['joined', 'joined']);
      expect(gaps).toContain(false);
      const sending = ada.send('hello');
      const outcome = await world.settled(sending);
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'server', retryable: false } });
      expect(ada.messages.map(({ status }) => status)).toEqual(['failed']);
      expect(texts(bob)).toEqual(['hello']);
      world.setList('lobby', []);
      await world.say(bob, 'healed');
      expect(texts(ada)).toContain('healed');
    },
  );

  it('shows the messages of others though its own clock is three days behind', async () => {
    const ada = await joined();
    for (const text of ['one', 'two', 'three']) await world.say(ada, text);
    const behind = member('Bob', { skewMs: -3 * DAY_MS });
    await world.joined(behind);
    await world.say(ada, 'four');
    expect(texts(behind)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('G6: ids from the future that a member adds to the messages of others stay out', async () => {
    const ada = await joined();
    for (const text of ['one', 'two', 'three']) await world.say(ada, text);
    await both(from(3 * DAY_MS, 'forged'));
    await both(from(3 * DAY_MS, 'forged again'));
    const bob = member('Bob');
    await world.joined(bob);
    expect(texts(bob)).toEqual(['one', 'two', 'three']);
    expect(texts(ada)).toEqual(['one', 'two', 'three']);
  });

  it('G6: a discarded message is not own when somebody else gives its id to other words', async () => {
    const ada = await joined();
    world.replaceList('lobby');
    const sending = ada.send('mine');
    await world.settled(sending);
    const { id = '' } = ada.messages[0] ?? {};
    ada.discard(id);
    world.setList('lobby', []);
    const forged = { id, text: 'not mine', user: { name: 'Ada' }, sentAt: new Date(0) };
    await both(encodeMessage(forged));
    expect(ada.messages.map(({ text, own }) => [text, own])).toEqual([['not mine', false]]);
  });

  it('G5: keeps no more than its limit once a burst of sends is through', async () => {
    const ada = await joined({ history: { maxInMemory: 10 } });
    const burst = Promise.all(Array.from({ length: 40 }, (_, index) => ada.send(`${index}`)));
    await world.settled(burst);
    expect(ada.messages).toHaveLength(10);
  });
});

describe('a slow network', () => {
  const big = 'x'.repeat(100_000);
  const store = <Input extends CacheInput>(operation: Operation<Input, void>, input: Omit<Input, 'cache'>) =>
    world.result(world.transport().call(operation, { ...input, cache: 'chat' } as Input));

  it.each<[string, (ids: readonly string[]) => Promise<void>]>([
    [
      'edits',
      (ids) =>
        store(dictionarySetFields, {
          dictionary: 'lobby:revisions',
          ttlSeconds: 3600,
          fields: new Map(ids.map((id) => [id, big])),
        }),
    ],
    [
      'reactions',
      (ids) =>
        store(sortedSetPut, {
          set: 'lobby:reactions',
          ttlSeconds: 3600,
          elements: new Map(ids.map((id) => [`${id} ${big}`, idTime(id)])),
        }),
    ],
  ])(
    'G2, G6: brings the room to who joins, and what was missed, whatever a member stored as %s',
    async (_, attack) => {
      const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((id) =>
        world.room({ room: 'lobby', user: { id, name: id } }),
      ) as [ChatRoom, ChatRoom, ChatRoom];
      await world.joined(ada, bob);
      for (let said = 0; said < 50; said += 1) await world.say(ada, `said ${said}`);
      world.clientOf(bob).link.goOffline(60_000);
      for (let said = 0; said < 20; said += 1) await world.say(ada, `missed ${said}`);
      const { id } = ada.messages.at(-1) ?? { id: '' };
      await world.result(ada.react(id, '👍'));
      await attack(ada.messages.map((message) => message.id));
      for (const room of [bob, eve]) world.clientOf(room).link.weather = { ...FAIR, bytesPerSecond: 400_000 };
      await world.join(eve);
      await world.run(300_000);
      expect([bob.status, bob.messages.length]).toEqual(['joined', 70]);
      expect(eve.messages).toHaveLength(50);
      for (const { messages } of [bob, eve])
        expect(messages.at(-1)?.reactions).toMatchObject([{ emoji: '👍' }]);
      expect(await world.result(eve.loadOlder())).toHaveLength(20);
    },
  );
});

describe('hostile payloads', () => {
  it('G6: decode to a message or to why not, whatever their fields hold', () => {
    const id = '019b76da-bb88-720b-b043-2d0c169814fa';
    const field = fc.oneof(fc.jsonValue(), fc.constant({ toString: 0 }), fc.constant(id), fc.constant(1));
    const fields = fc.record(
      { v: field, id: field, username: field, message: field, userId: field, sentAt: field, meta: field },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (payload) => {
        const valid = { v: 1, id, username: 'x', message: 'y' };
        for (const text of [
          JSON.stringify(payload),
          JSON.stringify({ ...valid, ...payload }),
          JSON.stringify({ ...payload, ...valid }),
        ])
          decodeMessage(text, 4096);
      }),
      { numRuns: 200 },
    );
  });

  it('G6: cost one error, stored or live, and let the room go on', async () => {
    const bad =
      '{"v":1,"id":"019b76da-bb88-720b-b043-2d0c169814fa","username":"x","message":"y","sentAt":{"toString":0}}';
    world.setList('lobby', [bad]);
    const room = member('Ada');
    const errors: string[] = [];
    room.on('error', ({ code }) => errors.push(code));
    await world.joined(room);
    world.publish('lobby-chat', bad);
    await world.say(room, 'still here');
    expect(texts(room)).toEqual(['still here']);
    expect(errors.length).toBeLessThanOrEqual(2);
  });
});
