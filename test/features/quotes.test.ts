import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/revision-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (id: string, options: Partial<ChatRoomOptions> = {}) =>
  world.room({ room: 'r', user: { id, name: id }, ...options });
const send = (room: ChatRoom, ...args: Parameters<ChatRoom['send']>) => world.result(room.send(...args));
const quoteIn = (room: ChatRoom) => room.messages.findLast(({ replyTo }) => replyTo !== undefined)?.replyTo;

it('shows who said what, and follows edits and the deletion', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x'.repeat(200));
  await world.run(500);
  await send(bob, 'reply', { replyTo: id });
  await world.run(500);
  const user = { id: 'ada', name: 'ada' };
  for (const room of [ada, bob])
    expect(quoteIn(room)).toEqual({ id, user, text: 'x'.repeat(140), state: 'sent' });
  await world.result(ada.edit(id, 'new'));
  await world.run(500);
  for (const room of [ada, bob]) expect(quoteIn(room)).toEqual({ id, user, text: 'new', state: 'edited' });
  await world.result(bob.delete(id));
  await world.run(500);
  for (const room of [ada, bob]) expect(quoteIn(room)).toEqual({ id, user, text: '', state: 'deleted' });
  const late = open('late');
  await world.join(late);
  await world.run(5000);
  expect(quoteIn(late)).toEqual({ id, user: { name: '' }, text: '', state: 'deleted' });
});

it('is found when the original was never loaded, and follows it then, also what was missed', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'old');
  await world.result(ada.edit(id, 'edited'));
  for (let index = 0; index < 10; index += 1) await send(ada, `${index}`);
  await send(bob, 'reply', { replyTo: id });
  const late = open('late', { history: { pageSize: 3 } });
  await world.join(late);
  await world.run(1000);
  expect(quoteIn(late)).toMatchObject({ text: 'edited', state: 'edited', user: { id: 'ada' } });
  const scans = world.clientOf(late).link.calls.ListFetch;
  await world.result(ada.edit(id, 'again'));
  await world.run(1000);
  expect(quoteIn(late)?.text).toBe('again');
  world.clientOf(late).link.goOffline(20_000);
  await world.result(bob.delete(id));
  await world.run(60_000);
  expect(quoteIn(late)).toMatchObject({ text: '', state: 'deleted' });
  expect(scans).toBeLessThan(4);
});

it('outlives that its original leaves memory', async () => {
  const [ada, late] = [open('ada'), open('late', { history: { maxInMemory: 3 } })];
  await world.join(ada, late);
  const { id } = await send(ada, 'original');
  await send(ada, 'a');
  await send(ada, 'b');
  const reply = await send(ada, 'reply', { replyTo: id });
  await world.run(1000);
  expect(late.messages.map(({ text }) => text)).toEqual(['a', 'b', 'reply']);
  expect(quoteIn(late)?.text).toBe('original');
  await world.result(ada.edit(reply.id, 'reply again'));
  await world.result(ada.delete(id));
  await world.run(1000);
  expect(quoteIn(late)).toMatchObject({ text: '', state: 'deleted' });
});

it('of messages that quote each other, or themselves, comes to rest', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  let changes = 0;
  bob.on('update', () => {
    changes += 1;
  });
  const id = (n: number) => `01980000-0000-7000-8000-00000000000${n}`;
  const message = (own: number, other: number) =>
    JSON.stringify({ v: 1, id: id(own), username: 'eve', message: `m${own}`, replyTo: id(other) });
  for (const value of [message(1, 2), message(2, 1), message(3, 3)])
    await world.result(world.transport().call(publish, { cache: 'chat', topic: 'r-chat', value }));
  await world.run(20_000);
  expect(bob.messages.map(({ replyTo }) => replyTo?.text)).toEqual(['m2', 'm1', 'm3']);
  expect(changes).toBeLessThan(10);
});

it('comes to rest where the original and its reply are pinned, and neither is in memory', async () => {
  const ada = open('ada');
  await world.join(ada);
  const { id } = await send(ada, 'original');
  await world.result(ada.edit(id, 'edited'));
  const reply = await send(ada, 'reply', { replyTo: id });
  for (const pinned of [id, reply.id]) await world.result(ada.pin(pinned));
  for (let index = 0; index < 20; index += 1) await send(ada, `${index}`);
  const late = open('late', { history: { pageSize: 3 } });
  let changes = 0;
  late.on('pins', () => {
    changes += 1;
  });
  await world.join(late);
  await world.run(20_000);
  expect(late.pinned.map(({ text }) => text).sort()).toEqual(['edited', 'reply']);
  expect(late.pinned.find((message) => message.id === reply.id)?.replyTo).toMatchObject({ text: 'edited' });
  expect(changes).toBeLessThan(10);
  await world.result(ada.edit(id, 'again'));
  await world.run(5000);
  expect(late.pinned.find((message) => message.id === reply.id)?.replyTo).toMatchObject({ text: 'again' });
});

it('G6: quotes of messages that are not stored cost a search in five seconds, and keep no true one away', async () => {
  const [ada, bob] = [open('ada', { history: { pageSize: 10 } }), open('bob')];
  await world.join(bob);
  const { id } = await send(bob, 'long ago');
  for (let index = 0; index < 450; index += 1) await send(bob, `${index}`);
  await world.join(ada);
  await world.run(5000);
  const before = world.clientOf(ada).link.calls.ListFetch ?? 0;
  const ids = new MessageIds(world.time);
  for (let index = 0; index < 40; index += 1) {
    const message = { v: 1, id: ids.next(), username: 'eve', message: `m${index}`, replyTo: ids.next() };
    const value = JSON.stringify(message);
    await world.result(world.transport().call(publish, { cache: 'chat', topic: 'r-chat', value }));
    await world.run(250);
  }
  await send(bob, 'reply', { replyTo: id });
  await world.run(6000);
  expect(quoteIn(ada)).toMatchObject({ text: 'long ago', state: 'sent' });
  expect((world.clientOf(ada).link.calls.ListFetch ?? 0) - before).toBeLessThanOrEqual(16);
});

/** Cy, who has left memory behind of a message that they see quoted and pinned, and whose author is still there. */
async function quotedAndPinned(): Promise<{ ada: ChatRoom; cy: ChatRoom; id: string }> {
  const [ada, cy] = [open('ada'), open('cy', { history: { maxInMemory: 3 } })];
  cy.on('pins', () => {});
  await world.join(ada, cy);
  const { id } = await send(ada, 'secret');
  await world.result(ada.pin(id));
  for (const text of ['a', 'b']) await send(ada, text);
  await send(ada, 'reply', { replyTo: id });
  for (const text of ['c', 'd', 'e']) await send(ada, text);
  await world.run(1000);
  return { ada, cy, id };
}

/** Eve tells of a change of a message; `by` whomever. */
function claim(type: string, by: string, ids: MessageIds, data: object): void {
  const event = { v: 1, id: ids.next(), type, user: { id: by, name: by }, data };
  world.publish('r:events', JSON.stringify(event));
}

it.each(['delete', 'edit'] as const)(
  'and pins keep no text that went by %s(), however many other changes are told of',
  async (what) => {
    const { ada, cy, id } = await quotedAndPinned();
    await world.result(ada.react(id, '👍'));
    await world.result<unknown>(what === 'delete' ? ada.delete(id) : ada.edit(id, 'harmless'));
    await world.run(30_000);
    const ids = new MessageIds(world.time);
    for (let index = 0; index < 2100; index += 1) {
      claim('delete', 'eve', ids, { of: ids.next() });
      claim('reaction', 'eve', ids, { id: ids.next(), emoji: '👍', on: true, rank: 0 });
    }
    await world.run(1000);
    await send(ada, 'another reply', { replyTo: id });
    await world.run(5000);
    const pinned = cy.pinned.map(({ text, reactions }) => [text, reactions.length]);
    expect([quoteIn(cy)?.text, quoteIn(cy)?.state, pinned]).toEqual(
      what === 'delete' ? ['', 'deleted', []] : ['harmless', 'edited', [['harmless', 1]]],
    );
  },
);

it('and pins keep no deleted text, however many claim to have written it', async () => {
  const { ada, cy, id } = await quotedAndPinned();
  const ids = new MessageIds(world.time);
  for (const by of ['b', 'c', 'd', 'e']) claim('edit', by, ids, { of: id, text: 'forged' });
  await world.run(1000);
  await world.result(ada.delete(id));
  await world.run(1000);
  await send(ada, 'another reply', { replyTo: id });
  await world.run(1000);
  expect([quoteIn(cy)?.text, cy.pinned]).toEqual(['', []]);
});
