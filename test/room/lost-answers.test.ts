import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** How many answers are lost, by the RPC's name. */
type Lost = Readonly<Record<string, number>>;

/** A room that gives a message up after one attempt of each call; the service does those calls, and no answer comes. */
async function roomWithLost(lost: Lost) {
  const client = world.client();
  const room = client.room({
    room: 'lobby',
    user: { name: 'Ada' },
    // An app whose clients wait for an answer no longer than that.
    clients: client.sdk({ timeoutMs: 300 }),
    events: false,
    retry: { maxAttempts: 1 },
  });
  const other = world.member('Bob');
  await world.joined(room, other);
  const left: Record<string, number> = { ...lost };
  client.link.fates = (rpc) => {
    const count = left[rpc] ?? 0;
    left[rpc] = count - 1;
    return count > 0 ? { outcome: 'answer-lost', learnsAfterMs: undefined } : undefined;
  };
  const updates: string[] = [];
  room.on('update', ({ status }) => updates.push(status));
  return { room, other, calls: client.link.calls, updates };
}

describe('a send whose answers are lost', () => {
  it.each<Lost>([{ Publish: 1 }, { ListPushFront: 1 }, { Publish: 1, ListPushFront: 1 }])(
    'G3: becomes sent when it was seen live and in the list (%j), and is forgotten',
    async (lost) => {
      const { room, other, updates } = await roomWithLost(lost);
      await world.settled(room.send('hello'));
      world.hint('online');
      await world.run(10_000);
      expect(room.messages).toMatchObject([{ text: 'hello', status: 'sent' }]);
      expect(updates.at(-1)).toBe('sent');
      const id = room.messages[0]?.id ?? '';
      await expect(room.retry(id)).rejects.toMatchObject({ code: 'invalid-argument' });
      expect(() => room.discard(id)).toThrow('no failed one');
      expect(textsOf(other)).toEqual(['hello']);
    },
  );

  it('G2, G3: is published once more where the settle window is over when it is seen to be stored', async () => {
    const { room, other, calls, updates } = await roomWithLost({ ListPushFront: 1 });
    await world.settled(room.send('hello'));
    await world.run(30_000);
    world.hint('online');
    await world.run(10_000);
    expect(calls).toMatchObject({ Publish: 2, ListPushFront: 1 });
    expect(updates).toEqual(['failed', 'sending', 'sent']);
    expect(textsOf(other)).toEqual(['hello']);
  });

  it('G6: a failed message that somebody publishes again and again has the list read once a settle window', async () => {
    const { room, calls } = await roomWithLost({ ListPushFront: 1 });
    await world.settled(room.send('hello'));
    const [payload = ''] = world.list('lobby');
    world.setList('lobby', []);
    const before = calls.ListFetch ?? 0;
    for (let again = 0; again < 100; again += 1) {
      world.publish('lobby-chat', payload);
      await world.run(100);
    }
    expect((calls.ListFetch ?? 0) - before).toBeGreaterThan(1);
    expect((calls.ListFetch ?? 0) - before).toBeLessThan(12);
  });

  it('G3: stays failed while only one of the two is known', async () => {
    const { room, updates } = await roomWithLost({ ListPushFront: 1 });
    await world.settled(room.send('hello'));
    world.setList('lobby', []);
    world.hint('online');
    await world.run(10_000);
    expect(updates).toEqual(['failed']);
    expect(room.messages).toMatchObject([{ status: 'failed' }]);
  });
});
