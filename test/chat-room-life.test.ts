import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMessage } from '../src/messages/codec.js';
import type { Gap } from '../src/room/events.js';
import type { ChatRoom } from '../src/web-room.js';
import { textsOf } from './support/chat.js';
import { ModelWorld } from './support/model-room.js';

let world: ModelWorld;
beforeEach(() => {
  world = new ModelWorld();
});
afterEach(() => world.momento.close());

describe('listeners', () => {
  it('given to once() hear once, have their context, and can be taken back', async () => {
    const room = world.room('Ada');
    await world.joined(room);
    const heard: unknown[] = [];
    const context = { name: 'context' };
    room.once('message', ({ text }) => heard.push(text));
    room.on(
      'message',
      function (this: unknown) {
        heard.push(this);
      },
      context,
    );
    const removed = () => heard.push('removed');
    room.on('message', removed).off('message', removed);
    await world.send(room, 'one');
    await world.send(room, 'two');
    expect(heard).toEqual(['one', context, context]);
    expect(room.listenerCount('message')).toBe(1);
  });
});

describe('a room that is left while something is under way', () => {
  it('G5: can be joined again at once', async () => {
    const room = world.room('Ada');
    const first = world.settled(room.join());
    await world.time.advance(5);
    void room.leave();
    const second = room.join();
    // The one that leave() ended has nothing to tell: a component that unmounts has no catch.
    expect(await first).toMatchObject({ status: 'fulfilled' });
    expect(await world.settled(second)).toMatchObject({ status: 'fulfilled' });
    expect(room.status).toBe('joined');
  });

  it.each([
    ['left', (room: ChatRoom) => void room.leave()],
    ['joined again', (room: ChatRoom) => void room.join()],
  ])('can be %s by who hears that it is joining', async (_, act) => {
    const room = world.room('Ada');
    room.once('status', () => act(room));
    const first = await world.settled(room.join());
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(await world.settled(room.join())).toMatchObject({ status: 'fulfilled' });
    expect(world.momento.subscriptions).toBe(1);
  });

  it('is left after join() has resolved, and sends nothing', async () => {
    const room = world.room('Ada');
    const joining = room.join().then(() => room.send('too late'));
    void room.leave();
    expect(await world.settled(joining)).toMatchObject({ reason: { code: 'not-joined' } });
    expect(room.status).toBe('left');
  });

  it('still has its join() rejected when what ended it was the session', async () => {
    const session = world.session(world.source(1000).source);
    const room = world.room('Ada', { session });
    const joining = world.settled(room.join());
    await world.time.advance(100);
    await session.close();
    expect(await joining).toMatchObject({ reason: { code: 'closed' } });
    expect(room.status).toBe('failed');
  });

  it('G1: tells of nothing after leave(), and of all that was missed after the next join()', async () => {
    const room = world.room('Ada');
    const other = world.room('Bob');
    const told: string[] = [];
    room.on('message', ({ text }) => told.push(text));
    await world.joined(room, other);
    await world.send(other, 'heard');
    void room.leave();
    await world.send(other, 'missed');
    world.momento.weather = { ...world.momento.weather, latencyMs: 4000 };
    room.join().catch(() => {});
    await world.time.advance(7000);
    await world.settled(room.leave());
    await world.time.advance(10_000);
    expect(told).toEqual(['heard']);
    world.momento.weather = { ...world.momento.weather, latencyMs: 20 };
    await world.joined(room);
    expect(told).toEqual(['heard', 'missed']);
    expect(textsOf(room)).toEqual(['heard', 'missed']);
  });

  it('G5: settles though its token can never be renewed', async () => {
    let down = false;
    const { source } = world.source(20);
    const session = world.session(async (request) => {
      if (down) throw new Error('down');
      return source(request);
    });
    const [a, b] = [world.room('Ada', { session }), world.room('Bob', { session })];
    await world.joined(a, b);
    down = true;
    world.momento.revoke('t1');
    const sending = world.settled(b.send('x'));
    await world.time.advance(3000);
    expect(await world.settled(b.leave())).toMatchObject({ status: 'fulfilled' });
    expect(await sending).toMatchObject({ reason: { code: 'closed' } });
  });

  it('says why it failed, once, when its stream ends for good while it joins', async () => {
    const client = world.momento.client();
    const room = world.room('Ada', { clients: client });
    const errors: string[] = [];
    room.on('error', ({ code }) => errors.push(code));
    client.delays = (rpc) => ({ there: rpc === 'fetch' ? 1000 : 10, back: 10 });
    const { subscribe } = client.topics;
    client.topics.subscribe = async (cache, topic, callbacks) => {
      const refusal = { type: 'Error', errorCode: () => 'PERMISSION_ERROR', message: () => 'no' };
      world.time.after(500, () => callbacks.onError(refusal, refusal));
      return subscribe(cache, topic, callbacks);
    };
    expect(await world.settled(room.join())).toMatchObject({ reason: { code: 'permission-denied' } });
    expect(errors).toEqual(['permission-denied']);
  });
});

describe('the rooms of one session', () => {
  it('ask for no token on behalf of one that left meanwhile', async () => {
    const { requests, source } = world.source(200);
    const session = world.session(source);
    const a = world.room('Ada', { session });
    const b = world.room('Ada', { session, room: 'other' });
    const joining = a.join();
    await world.time.advance(50);
    const left = b.join();
    await world.time.advance(50);
    void b.leave();
    await world.time.advance(60_000);
    await Promise.all([joining, left]);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it('G5: leave no subscription behind when one leaves while the token is replaced', async () => {
    const { source } = world.source(500);
    const session = world.session(source);
    const [a, b] = [world.room('Ada', { session }), world.room('Bob', { session })];
    await world.joined(a, b);
    world.momento.revoke('t1');
    await world.time.advance(200);
    await world.settled(b.leave());
    await world.time.advance(60_000);
    await world.settled(a.leave());
    await world.time.advance(60_000);
    expect(world.momento.subscriptions).toBe(0);
    expect(a.status).toBe('left');
  });
});

describe('what leaves memory, and what comes late', () => {
  const twenty = { history: { maxInMemory: 20, pageSize: 10 } };
  const shown = (room: ChatRoom) => textsOf(room).filter((text) => text !== 'filler');

  it('G1: a message that failed in a tunnel and is sent later shows, though newer ones filled the memory', async () => {
    const client = world.momento.client();
    const sender = world.room('Ada', { clients: client, retry: { maxAttempts: 1, timeoutMs: 1000 } });
    const [other, reader] = [world.room('Bob', twenty), world.room('Eve', twenty)];
    await world.joined(sender, other, reader);
    client.delays = () => ({ there: 1, back: 1 });
    client.connected = false;
    const failed = await world.settled(sender.send('from the tunnel'));
    expect(failed).toMatchObject({ status: 'rejected' });
    for (let sent = 0; sent < 40; sent += 1) await world.send(other, 'filler');
    client.connected = true;
    await world.time.advance(60_000);
    const { id } = sender.messages.find(({ status }) => status === 'failed') ?? { id: '' };
    expect(await world.settled(sender.retry(id))).toMatchObject({ status: 'fulfilled' });
    expect(shown(reader)).toEqual(['from the tunnel']);
  });

  it('G1, G3: one fast clock hides nobody else, and nobody from themselves', async () => {
    const fast = world.room('fast', {}, world.environment({ scheduler: world.time.skewed(3_600_000) }));
    const [a, b] = [world.room('Ada', twenty), world.room('Bob', twenty)];
    await world.joined(fast, a, b);
    for (let sent = 0; sent < 25; sent += 1) await world.send(fast, 'filler');
    await world.send(a, 'hello?');
    expect(shown(a)).toEqual(['hello?']);
    expect(shown(b)).toEqual(['hello?']);
    await world.loadAll(b);
    expect(b.messages).toHaveLength(26);
  });

  it('G6: an old message that somebody publishes again hides nothing from who pages back', async () => {
    const writer = world.room('Ada');
    await world.joined(writer);
    for (let sent = 0; sent < 100; sent += 1) await world.send(writer, `text ${sent}`);
    const reader = world.room('Eve', { history: { pageSize: 20 } });
    await world.joined(reader);
    world.momento.publish('r-chat', world.momento.lists.get('r')?.[40] ?? '');
    await world.time.advance(1000);
    await world.loadAll(reader);
    expect(textsOf(reader)).toEqual(Array.from({ length: 100 }, (_, sent) => `text ${sent}`));
  });

  it('G1: a discarded message that had been stored is no new one when it is read back', async () => {
    const client = world.momento.client();
    const room = world.room('Ada', { clients: client });
    const told: string[] = [];
    room.on('message', ({ text }) => told.push(text));
    await world.joined(room);
    const { publish } = client.topics;
    client.topics.publish = async () =>
      ({ type: 'Error', errorCode: () => 'INVALID_ARGUMENT_ERROR', message: () => 'no' }) as never;
    await world.settled(room.send('half sent'));
    client.topics.publish = publish;
    room.discard(room.messages[0]?.id ?? '');
    expect(room.messages).toEqual([]);
    world.hint('online');
    await world.time.advance(5000);
    expect(told).toEqual(['half sent']);
    expect(room.messages).toMatchObject([{ text: 'half sent', status: 'sent' }]);
  });
});

describe('a flood that truncates the list before it is read', () => {
  const history = { maxStored: 20, pageSize: 10 };

  async function afterFlood() {
    const client = world.momento.client();
    let readings = 0;
    const { listFetch } = client.cache;
    client.cache.listFetch = (...args) => {
      readings += 1;
      return listFetch(...args);
    };
    const reader = world.room('Ada', { clients: client, history });
    const other = world.room('Bob', { history });
    const gaps: Gap[] = [];
    reader.on('gap', (gap) => gaps.push(gap));
    await world.joined(reader, other);
    await world.time.advance(5000);
    const flood = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) await world.send(other, `flood ${sent}`);
    };
    // The first item of a stream is looked into for two seconds.
    await flood(15);
    readings = 0;
    await flood(40);
    const meanwhile = readings;
    for (let sent = 0; sent < 10; sent += 1) {
      await world.send(other, `calm ${sent}`);
      await world.time.advance(1000);
    }
    return { client, gaps, meanwhile, afterwards: readings };
  }

  it('costs no readings while it lasts, and is no gap while the stream lives', async () => {
    const { gaps, meanwhile, afterwards } = await afterFlood();
    expect(meanwhile).toBe(0);
    expect(afterwards).toBeGreaterThan(0);
    expect(gaps).toEqual([]);
  });

  it('G2: is owned up to once when the stream is lost later: what was stored meanwhile may come out then', async () => {
    const { client, gaps } = await afterFlood();
    for (let lost = 0; lost < 2; lost += 1) {
      world.momento.cut((one) => one === client, 'told');
      await world.time.advance(20_000);
    }
    expect(gaps).toMatchObject([{ complete: false, filled: 0 }]);
  });
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
    world.momento.lists.set('r', [bad]);
    const room = world.room('Ada');
    const errors: string[] = [];
    room.on('error', ({ code }) => errors.push(code));
    await world.joined(room);
    world.momento.publish('r-chat', bad);
    await world.send(room, 'still here');
    expect(textsOf(room)).toEqual(['still here']);
    expect(errors.length).toBeLessThanOrEqual(2);
  });
});

describe('clocks and sleep', () => {
  it('G2: a stream that dies after a long sleep is noticed within a minute', async () => {
    let slept = 0;
    const scheduler = {
      now: () => world.time.now() + slept,
      // Stands still while the device sleeps.
      monotonic: () => world.time.monotonic(),
      random: () => world.time.random(),
      after: (ms: number, task: () => void) => world.time.after(ms, task),
    };
    const client = world.momento.client();
    const room = world.room('Ada', { clients: client }, world.environment({ scheduler }));
    const other = world.room('Bob');
    await world.joined(room, other);
    await world.time.advance(60_000);
    slept = 8 * 3_600_000;
    await world.time.advance(1000);
    world.hint('visible');
    // The readings that the browser's word causes are over when the stream dies.
    await world.time.advance(3000);
    world.momento.cut((cut) => cut === client, 'silent');
    await world.time.advance(5000);
    await world.send(other, 'unheard');
    await world.time.advance(60_000);
    expect(textsOf(room)).toEqual(['unheard']);
  });
});

describe('a send whose answers are lost', () => {
  const UNANSWERED = { type: 'Error', errorCode: () => 'TIMEOUT_ERROR', message: () => 'no answer' } as never;

  async function roomWithLost(lost: { publish?: number; push?: number }) {
    const client = world.momento.client();
    const room = world.room('Ada', { clients: client, retry: { maxAttempts: 1 } });
    const other = world.room('Bob');
    await world.joined(room, other);
    const { publish } = client.topics;
    const { listPushFront } = client.cache;
    const left = { publish: 0, push: 0, ...lost };
    const calls = { publish: 0, push: 0 };
    client.topics.publish = async (...args) => {
      calls.publish += 1;
      const response = await publish(...args);
      left.publish -= 1;
      return left.publish >= 0 ? UNANSWERED : response;
    };
    client.cache.listPushFront = async (...args) => {
      calls.push += 1;
      const response = await listPushFront(...args);
      left.push -= 1;
      return left.push >= 0 ? UNANSWERED : response;
    };
    const updates: string[] = [];
    room.on('update', ({ status }) => updates.push(status));
    return { room, other, calls, updates };
  }

  it.each([{ publish: 1 }, { push: 1 }, { publish: 1, push: 1 }])(
    'G3: becomes sent when it was seen live and in the list (%j), and is forgotten',
    async (lost) => {
      const { room, other, updates } = await roomWithLost(lost);
      await world.settled(room.send('hello'));
      world.hint('online');
      await world.time.advance(10_000);
      expect(room.messages).toMatchObject([{ text: 'hello', status: 'sent' }]);
      expect(updates.at(-1)).toBe('sent');
      const id = room.messages[0]?.id ?? '';
      await expect(room.retry(id)).rejects.toMatchObject({ code: 'invalid-argument' });
      expect(() => room.discard(id)).toThrow('no failed one');
      expect(textsOf(other)).toEqual(['hello']);
    },
  );

  it('G2, G3: is published once more where the settle window is over when it is seen to be stored', async () => {
    const { room, other, calls, updates } = await roomWithLost({ push: 1 });
    await world.settled(room.send('hello'));
    await world.time.advance(30_000);
    world.hint('online');
    await world.time.advance(10_000);
    expect(calls).toEqual({ publish: 2, push: 1 });
    expect(updates).toEqual(['failed', 'sending', 'sent']);
    expect(textsOf(other)).toEqual(['hello']);
  });

  it('G3: stays failed while only one of the two is known', async () => {
    const { room, updates } = await roomWithLost({ push: 1 });
    const stored = world.momento.lists;
    const sending = world.settled(room.send('hello'));
    await sending;
    stored.clear();
    world.hint('online');
    await world.time.advance(10_000);
    expect(updates).toEqual(['failed']);
    expect(room.messages).toMatchObject([{ status: 'failed' }]);
  });
});
