import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { Message } from '../../src/messages/message.js';
import { ChatError } from '../../src/shared/errors.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client({ userId: 'ada' });
});
afterEach(() => world.end());

const settings = { room: 'r', user: { id: 'ada', name: 'Ada' } };

describe('a member who may only read', () => {
  const DEEDS: [string, (room: ChatRoom, message: Message) => Promise<unknown>][] = [
    ['publish the message', (room) => room.send('hello')],
    ['send the reply', (room, { id }) => room.thread(id).send('hello')],
    ['send the signal', (room) => room.signal('dice', { pips: 4 })],
    ['pin the message', (room, { id }) => room.pin(id)],
    ['add the reaction', (room, { id }) => room.react(id, '👍')],
    ['enter the presence', (room) => room.presence.enter()],
    ['upload the file', (room) => room.files.upload(new Blob(['x']))],
    ['unpin the message', (room, { id }) => room.unpin(id)],
  ];

  it.each(DEEDS)('is told that they cannot %s', async (deed, act) => {
    const other = world.room({ room: 'r', user: { id: 'bob', name: 'Bob' } });
    await world.join(other);
    const message = await world.result(other.send('hi'));
    if (deed.startsWith('unpin')) await world.result(other.pin(message.id));
    client.tokens.readOnly = true;
    const room = client.room(settings);
    await world.join(room);
    await expect(world.result(act(room, message))).rejects.toMatchObject({
      code: 'permission-denied',
      message: expect.stringMatching(new RegExp(`^unable to ${deed}; `)),
    });
  });
});

describe('what waits to be sent says why it is not sent any more', () => {
  /** A call that no answer comes to. */
  async function waiting(act: () => Promise<unknown>): Promise<{ sent: Promise<unknown> }> {
    client.link.goOffline(60_000);
    const sent = act();
    sent.catch(() => {});
    await world.run(100);
    return { sent };
  }
  const refused = (why: string) => ({ code: 'closed', message: `unable to send the message; ${why}` });

  it('when the room is left', async () => {
    const room = client.room(settings);
    await world.join(room);
    const { sent } = await waiting(() => room.send('hello'));
    await world.result(room.leave());
    await expect(sent).rejects.toMatchObject(refused('the room was left'));
  });

  it('when the session is closed', async () => {
    const session = client.session();
    const room = client.room({ ...settings, session });
    await world.join(room);
    const { sent } = await waiting(() => room.send('hello'));
    await session.close();
    await expect(world.result(sent)).rejects.toMatchObject(refused('the session was closed'));
  });

  it('when the thread is closed', async () => {
    const room = client.room(settings);
    await world.join(room);
    const root = await world.result(room.send('hello'));
    const thread = room.thread(root.id);
    await world.result(thread.open());
    const { sent } = await waiting(() => thread.send('hello'));
    thread.close();
    await expect(world.result(sent)).rejects.toMatchObject(refused('the thread was closed'));
  });

  it('when the room fails', async () => {
    const room = client.room(settings);
    await world.join(room);
    client.link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'request-lost' } : undefined);
    const sent = room.send('hello');
    sent.catch(() => {});
    client.tokens.refusal = new ChatError('permission-denied', 'unable to get a token; not your room');
    world.engine.engine.tokens.expireAll();
    await expect(world.result(sent)).rejects.toMatchObject(refused('the room failed: permission-denied'));
  });
});
