import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { BaseSession } from '../../src/session/chat-session.js';
import { textsOf } from '../support/chat.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

let world: InProcessWorld;
/** The device of rooms that share a session. */
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client({ via: 'sdk' });
});
afterEach(() => world.end());

const roomOf = (session: BaseSession, name: string, room = 'lobby') =>
  client.room({ room, user: { name }, session, events: false });
const revokeFirst = () => world.engine.faults.expireToken(client.tokens.minted[0]?.token ?? '');

describe('a room that is left while something is under way', () => {
  it('G5: can be joined again at once', async () => {
    const room = world.member('Ada');
    const first = world.settled(room.join());
    await world.run(5);
    void room.leave();
    const second = room.join();
    // The one that leave() ended has nothing to tell: a component that unmounts has no catch.
    expect(await first).toMatchObject({ status: 'fulfilled' });
    expect(await world.settled(second)).toMatchObject({ status: 'fulfilled' });
    expect(room.status).toBe('joined');
  });

  it('G5: has left nothing behind when a second leave() resolves, while the first one is under way', async () => {
    const room = world.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' } });
    const { link } = world.clientOf(room);
    await world.joined(room);
    await world.result(room.presence.enter());
    await world.run(5000);
    link.fates = () => ({ thereMs: 400, backMs: 400 });
    void room.leave();
    await world.run(10);
    await world.result(room.leave());
    expect({ streams: link.streams, timers: world.time.pending }).toEqual({ streams: 0, timers: 0 });
  });

  it.each([
    ['left', (room: ChatRoom) => void room.leave()],
    ['joined again', (room: ChatRoom) => void room.join()],
  ])('can be %s by who hears that it is joining', async (_, act) => {
    const room = world.member('Ada');
    room.once('status', () => act(room));
    const first = await world.settled(room.join());
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(await world.settled(room.join())).toMatchObject({ status: 'fulfilled' });
    expect(world.subscriptions).toBe(1);
  });

  it('G5: can be left by whoever hears of an error of the join, and nothing survives', async () => {
    const room = world.member('Ada');
    room.on('error', () => void room.leave());
    (room.on as (event: string, listener: () => void) => void)('mesage', () => {});
    expect(await world.settled(room.join())).toMatchObject({ status: 'fulfilled' });
    expect(room.status).toBe('left');
    expect(world.subscriptions).toBe(0);
  });

  it('G5: is left by a leave() in whatever turn of its join', async () => {
    const ends: string[] = [];
    for (let turns = 0; turns < 60; turns += 1) {
      const room = world.member('Ada', { events: turns % 2 === 0 });
      room.once('history', async () => {
        for (let turn = 0; turn < turns; turn += 1) await undefined;
        void room.leave();
      });
      await world.settled(room.join());
      await world.run(1000);
      ends.push(room.status);
    }
    expect(new Set(ends)).toEqual(new Set(['left']));
    expect(world.subscriptions).toBe(0);
  });

  it('is left after join() has resolved, and sends nothing', async () => {
    const room = world.member('Ada');
    const joining = room.join().then(() => room.send('too late'));
    void room.leave();
    expect(await world.settled(joining)).toMatchObject({ reason: { code: 'not-joined' } });
    expect(room.status).toBe('left');
  });

  it('still has its join() rejected when what ended it was the session', async () => {
    const session = client.session(client.slowTokens(1000).source);
    const room = roomOf(session, 'Ada');
    const joining = world.settled(room.join());
    await world.run(100);
    await session.close();
    expect(await joining).toMatchObject({ reason: { code: 'closed' } });
    expect(room.status).toBe('failed');
  });

  it('G1: tells of nothing after leave(), and of all that was missed after the next join()', async () => {
    const room = world.member('Ada');
    const other = world.member('Bob');
    const told: string[] = [];
    room.on('message', ({ text }) => told.push(text));
    await world.joined(room, other);
    await world.say(other, 'heard');
    void room.leave();
    await world.say(other, 'missed');
    const { link } = world.clientOf(room);
    link.weather = { ...FAIR, latencyMs: 4000 };
    room.join().catch(() => {});
    await world.run(7000);
    await world.settled(room.leave());
    await world.run(10_000);
    expect(told).toEqual(['heard']);
    link.weather = FAIR;
    await world.joined(room);
    expect(told).toEqual(['heard', 'missed']);
    expect(textsOf(room)).toEqual(['heard', 'missed']);
  });

  it('G5: settles though its token can never be renewed', async () => {
    let down = false;
    const session = client.session(async (request) => {
      if (down) throw new Error('down');
      return client.tokens.source(request);
    });
    const [a, b] = [roomOf(session, 'Ada'), roomOf(session, 'Bob')];
    await world.joined(a, b);
    down = true;
    revokeFirst();
    const sending = world.settled(b.send('x'));
    await world.run(3000);
    expect(await world.settled(b.leave())).toMatchObject({ status: 'fulfilled' });
    expect(await sending).toMatchObject({ reason: { code: 'closed' } });
  });

  it('says why it failed, once, when its stream ends for good while it joins', async () => {
    const room = world.member('Ada');
    const errors: string[] = [];
    room.on('error', ({ code }) => errors.push(code));
    world.clientOf(room).link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs: 1000 } : undefined);
    world.time.after(500, () => void world.engine.faults.endStreams({ code: 'PERMISSION_DENIED' }));
    expect(await world.settled(room.join())).toMatchObject({ reason: { code: 'permission-denied' } });
    expect(errors).toEqual(['permission-denied']);
  });
});

describe('the rooms of one session', () => {
  it('ask for no token on behalf of one that left meanwhile', async () => {
    const { requests, source } = client.slowTokens(200);
    const session = client.session(source);
    const [a, b] = [roomOf(session, 'Ada'), roomOf(session, 'Ada', 'other')];
    const joining = a.join();
    await world.run(50);
    const left = b.join();
    await world.run(50);
    void b.leave();
    await world.run(60_000);
    await Promise.all([joining, left]);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it('G5: leave no subscription behind when one leaves while the token is replaced', async () => {
    const session = client.session(client.slowTokens(500).source);
    const [a, b] = [roomOf(session, 'Ada'), roomOf(session, 'Bob')];
    await world.joined(a, b);
    revokeFirst();
    await world.run(200);
    await world.settled(b.leave());
    await world.run(60_000);
    await world.settled(a.leave());
    await world.run(60_000);
    expect(world.subscriptions).toBe(0);
    expect(a.status).toBe('left');
  });
});
