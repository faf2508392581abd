import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { ModelWorld } from '../support/model-room.js';

const DAY_MS = 86_400_000;

const article = (text: string) => JSON.stringify({ username: 'Eve', message: text });
const texts = ({ messages }: { messages: readonly { text: string }[] }) => messages.map(({ text }) => text);

async function room(options = {}) {
  const world = new ModelWorld();
  const ada = world.room('Ada', options);
  await world.joined(ada);
  const both = async (payload: string) => {
    world.momento.publish('r-chat', payload);
    world.momento.lists.set('r', [payload, ...(world.momento.lists.get('r') ?? [])]);
    await world.time.advance(100);
  };
  const from = (skewMs: number, text: string) =>
    encodeMessage({
      id: new MessageIds(world.time.skewed(skewMs)).next(),
      text,
      user: { name: 'Mallory' },
      sentAt: new Date(world.time.now()),
    });
  return { world, ada, both, from };
}

describe('a room', () => {
  it.each([6 * 60_000, DAY_MS, 2 * DAY_MS - 60_000])(
    "G1: keeps the article's messages apart and in order behind an id that is %d ms ahead, live and read",
    async (lead) => {
      const { world, ada, both, from } = await room();
      await world.send(ada, 'first');
      await both(from(lead, 'ahead'));
      const said = ['ok', 'A', 'ok', 'B', 'C', 'ok'];
      for (const text of said) {
        await both(article(text));
        await world.send(ada, '-');
      }
      const expected = ['first', ...said.flatMap((text) => [text, '-']), 'ahead'];
      expect(texts(ada)).toEqual(expected);
      const bob = world.room('Bob');
      await world.joined(bob);
      expect(texts(bob)).toEqual(expected);
      expect(bob.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id));
    },
  );

  it('G6: tells of a thousand malformed items in two seconds a few times, with counts', async () => {
    const { world, ada } = await room();
    const errors: string[] = [];
    ada.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    for (let count = 0; count < 1000; count += 1) {
      world.momento.publish('r-chat', `rubbish ${count}`);
      await world.time.advance(2);
    }
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBe('malformed-message: unable to read a message; it is not JSON');
    expect(errors[1]).toMatch(/^malformed-message: unable to read \d{3} messages; for each, it is not JSON$/);
  });

  it.each(['joined', 'joining'])(
    'G2: goes on without a list when a member puts an entry of another kind in its place, %s',
    async (when) => {
      const world = new ModelWorld();
      const [ada, bob] = [world.room('Ada'), world.room('Bob')];
      const gaps: boolean[] = [];
      ada.on('gap', ({ complete }) => gaps.push(complete));
      if (when === 'joined') await world.joined(ada);
      world.momento.replaced.add('r');
      if (when === 'joining') await world.joined(ada);
      world.hint('online');
      await world.time.advance(3000);
      await world.joined(bob);
      expect([ada.status, bob.status]).toEqual(['joined', 'joined']);
      expect(gaps).toContain(false);
      const sending = ada.send('hello');
      const outcome = await world.settled(sending);
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'server', retryable: false } });
      expect(ada.messages.map(({ status }) => status)).toEqual(['failed']);
      expect(texts(bob)).toEqual(['hello']);
      world.momento.replaced.delete('r');
      await world.send(bob, 'healed');
      expect(texts(ada)).toContain('healed');
    },
  );

  it('shows the messages of others though its own clock is three days behind', async () => {
    const { world, ada } = await room();
    for (const text of ['one', 'two', 'three']) await world.send(ada, text);
    const scheduler = world.time.skewed(-3 * DAY_MS);
    const behind = world.room('Bob', {}, world.environment({ scheduler }));
    await world.joined(behind);
    await world.send(ada, 'four');
    expect(texts(behind)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('G6: ids from the future that a member adds to the messages of others stay out', async () => {
    const { world, ada, both, from } = await room();
    for (const text of ['one', 'two', 'three']) await world.send(ada, text);
    await both(from(3 * DAY_MS, 'forged'));
    await both(from(3 * DAY_MS, 'forged again'));
    const bob = world.room('Bob');
    await world.joined(bob);
    expect(texts(bob)).toEqual(['one', 'two', 'three']);
    expect(texts(ada)).toEqual(['one', 'two', 'three']);
  });

  it('G6: a discarded message is not own when somebody else gives its id to other words', async () => {
    const { world, ada, both } = await room();
    world.momento.replaced.add('r');
    const sending = ada.send('mine');
    await world.settled(sending);
    const { id = '' } = ada.messages[0] ?? {};
    ada.discard(id);
    const forged = { id, text: 'not mine', user: { name: 'Ada' }, sentAt: new Date(0) };
    await both(encodeMessage(forged));
    expect(ada.messages.map(({ text, own }) => [text, own])).toEqual([['not mine', false]]);
  });

  it('G5: keeps no more than its limit once a burst of sends is through', async () => {
    const { world, ada } = await room({ history: { maxInMemory: 10 } });
    const burst = Promise.all(Array.from({ length: 40 }, (_, index) => ada.send(`${index}`)));
    await world.settled(burst);
    expect(ada.messages).toHaveLength(10);
  });
});
