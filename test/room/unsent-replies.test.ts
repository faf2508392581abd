import { memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatThread } from '../../src/room/chat-thread.js';
import type { ReplyOptions } from '../../src/room/send-options.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

type Place = Pick<ChatThread, 'messages'>;

const person = (id: string, options: Partial<WorldRoomOptions> = {}) =>
  world.room({ room: 'lobby', user: { id, name: id }, ...options });

/** Ada and Bob have a thread open; `sent` is a reply of Ada's that both have. Then her browser says for 60 s that it is offline. */
async function outage(options: Partial<WorldRoomOptions> = {}) {
  const [ada, bob] = [person('ada', options), person('bob')];
  await world.join(ada, bob);
  const root = (await world.result(ada.send('root'))).id;
  const [ours, theirs] = [ada.thread(root), bob.thread(root)];
  await world.result(Promise.all([ours.open(), theirs.open()]));
  const sent = (await world.result(ours.send('sent'))).id;
  await world.result(ours.react(sent, '🎉'));
  await world.run(30_000);
  const { link, hints } = world.clientOf(ada);
  link.cut('told');
  link.connected = false;
  hints.give('offline');
  world.time.after(60_000, () => {
    link.connected = true;
    hints.give('online');
  });
  await world.run(1000);
  return { ada, bob, root, ours, theirs, sent };
}

/** Sends a reply and does not wait for it; returns its id. */
function send(thread: ChatThread, text: string, options?: ReplyOptions): string {
  thread.send(text, options).catch(() => {});
  return thread.messages.at(-1)?.id ?? '';
}

const textsOf = ({ messages }: Place) => messages.map(({ text }) => text);

describe('G3: in an outage of a minute a reply in memory', () => {
  it('is edited and deleted before it is sent', async () => {
    const { ours, theirs, root } = await outage();
    const [first, second] = [send(ours, 'first'), send(ours, 'second')];
    const changes = Promise.all([ours.edit(first, 'edited'), ours.delete(second)]);
    await world.run(90_000);
    await world.result(changes);
    expect([textsOf(ours), textsOf(theirs)]).toEqual([
      ['sent', 'edited'],
      ['sent', 'edited'],
    ]);
    expect(world.list(`lobby:thread:${root}`).join()).not.toMatch(/first|second/);
  });

  it.each<[string, (thread: ChatThread, id: string) => Promise<unknown>, object]>([
    ['edited', (thread, id) => thread.edit(id, 'edited'), { text: 'edited' }],
    ['deleted', (thread, id) => thread.delete(id), { text: '', deletedBy: 'ada' }],
    ['given a reaction', (thread, id) => thread.react(id, '👍'), { reactions: [{}, { emoji: '👍' }] }],
    ['taken a reaction off', (thread, id) => thread.unreact(id, '🎉'), { reactions: [] }],
  ])('that was sent is %s', async (_, change, shown) => {
    const { ours, theirs, sent } = await outage();
    const changing = change(ours, sent);
    await world.run(90_000);
    await world.result(changing);
    expect(theirs.messages).toMatchObject([shown]);
  });
});

describe.each(['room', 'thread'] as const)('an unsent reply that goes to the room as well', (where) => {
  it(`is edited in both places by an edit in the ${where}`, async () => {
    const { ada, bob, ours, theirs, root } = await outage();
    const id = send(ours, 'one', { alsoInRoom: true });
    const editing = (where === 'room' ? ada : ours).edit(id, 'two');
    await world.run(90_000);
    await world.result(editing);
    const late = person('carl');
    await world.joined(late);
    await world.result(late.thread(root).open());
    const places = [ada, ours, bob, theirs, late, late.thread(root)];
    expect(places.map(({ messages }) => messages.at(-1)?.text)).toEqual(places.map(() => 'two'));
  });

  it(`is never seen in either when it is deleted in the ${where}`, async () => {
    const { ada, bob, ours, theirs, root } = await outage();
    const seen: string[] = [];
    bob.on('message', ({ text }) => seen.push(text));
    theirs.on('message', ({ text }) => seen.push(text));
    const id = send(ours, 'secret', { alsoInRoom: true });
    await world.result((where === 'room' ? ada : ours).delete(id));
    await world.run(90_000);
    expect([ada, ours].flatMap(textsOf)).toEqual(['root', 'sent']);
    expect(seen).toEqual([]);
    expect([...world.list('lobby-chat'), ...world.list(`lobby:thread:${root}`)].join()).not.toContain(
      'secret',
    );
  });
});

it('an unsent reply that the room shows is shown to nobody when it is deleted there after its thread was closed', async () => {
  const { ada, bob, ours, theirs } = await outage({ storage: memoryStorage() });
  const id = send(ours, 'secret', { alsoInRoom: true });
  ours.close();
  await world.result(ada.delete(id));
  await world.run(90_000);
  await world.result(ada.leave());
  await world.joined(ada);
  await world.run(60_000);
  expect([bob, theirs].flatMap(textsOf)).not.toContain('secret');
});

it('a reply that failed, and is being sent to the room again, goes to nobody once it is deleted there', async () => {
  const [ada, bob] = [person('ada', { retry: { timeoutMs: 5000 } }), person('bob')];
  await world.joined(ada, bob);
  const root = (await world.result(ada.send('root'))).id;
  const ours = ada.thread(root);
  await world.result(ours.open());
  await world.run(5000);
  const seen: string[] = [];
  bob.on('message', ({ text }) => seen.push(text));
  const { link, hints } = world.clientOf(ada);
  const turn = (isOnline: boolean) => {
    link.connected = isOnline;
    hints.give(isOnline ? 'online' : 'offline');
  };
  link.cut('told');
  turn(false);
  await world.run(1000);
  ours.send('secret', { alsoInRoom: true }).catch(() => {});
  const id = ours.messages.at(-1)?.id ?? '';
  await world.run(10_000);
  expect([ours.messages.at(-1)?.status, ada.messages.at(-1)?.status]).toEqual(['failed', 'failed']);
  ada.retry(id).catch(() => {});
  await world.run(500);
  expect(ada.messages.at(-1)?.status).toBe('sending');
  await world.result(ada.delete(id));
  await world.run(100);
  turn(true);
  await world.run(60_000);
  expect(seen).toEqual([]);
});
