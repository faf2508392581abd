import type { ChatRoom, Message, RoomStatus, TokenRequest } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, textsOf, webClients } from '../support/chat.js';
import { tokenMint } from '../support/tokens.js';

/** The machine may be busy, and backoff takes its time; what is waited for comes or never comes. */
const WAIT = { timeout: 25_000, interval: 50 };

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

/** A local Momento and rooms that end with the test. */
async function ownMomento() {
  const momento = await startLocalMomento({ caches: ['chat'] });
  const rooms = new Rooms();
  onTestFinished(async () => {
    await rooms.leaveAll();
    await momento.close();
  });
  return { momento, rooms };
}

interface Fault {
  fault: string;
  strike: (momento: LocalMomento) => unknown;
  /** Rooms that must have noticed: the stream was really lost, and stayed lost long enough to say so. */
  notice?: 'all' | 'web';
}

const FAULTS: Fault[] = [
  { fault: 'every connection drops', strike: ({ faults }) => faults.dropConnections() },
  { fault: 'new connections are refused', strike: ({ faults }) => faults.refuseConnections(1500) },
  { fault: 'the service is out of reach', strike: ({ faults }) => faults.goOffline(2500), notice: 'all' },
  { fault: 'the service restarts', strike: ({ faults }) => faults.restart(1000) },
  { fault: 'calls are slow', strike: ({ faults }) => faults.delay({ ms: 2500, times: 10 }) },
  {
    fault: 'calls fail',
    strike({ faults }) {
      faults.failNext({ rpc: 'Publish', code: 'UNAVAILABLE', times: 2 });
      faults.failNext({ rpc: 'ListPushFront', code: 'INTERNAL', times: 2 });
      faults.failNext({ rpc: 'ListFetch', code: 'DEADLINE_EXCEEDED' });
    },
  },
  {
    fault: 'pushes come later than the settle window',
    strike: ({ faults }) => faults.delay({ rpc: 'ListPushFront', ms: 3000, times: 3 }),
  },
  {
    fault: 'answers are cut off after the work is done',
    strike({ faults }) {
      faults.dropResponses({ rpc: 'Publish', times: 2 });
      faults.dropResponses({ rpc: 'ListPushFront', times: 2 });
    },
  },
  {
    fault: 'answers never come though the work is done',
    strike: ({ faults }) => faults.dropResponses({ rpc: 'ListPushFront', times: 2, how: 'hang' }),
  },
  { fault: 'acknowledged publishes reach nobody', strike: ({ faults }) => faults.losePublishes(3) },
  { fault: 'the topic starts anew', strike: ({ faults }) => faults.resetTopic() },
  {
    fault: 'the topic starts anew without a word',
    strike: ({ faults }) => faults.resetTopic(undefined, { announce: false }),
  },
  { fault: 'a discontinuity is announced', strike: ({ faults }) => faults.discontinuity() },
  { fault: 'every token ends', strike: ({ faults }) => faults.expireAllTokens(), notice: 'web' },
];

/** A room that keeps a diary of what it told. */
class Diary {
  readonly statuses: RoomStatus[] = [];
  readonly ids: string[] = [];
  readonly gaps: boolean[] = [];
  readonly room: ChatRoom;

  constructor(room: ChatRoom) {
    this.room = room;
    room.on('status', (status) => this.statuses.push(status));
    room.on('message', ({ id }) => this.ids.push(id));
    room.on('gap', ({ complete }) => this.gaps.push(complete));
  }
}

describe.concurrent('two rooms in a browser and one in a bot', () => {
  it.each(FAULTS)(
    'G1, G2, G3: show the same, all of it, once and in order, when $fault',
    {
      timeout: 60_000,
    },
    async ({ strike, notice }) => {
      const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 500 });
      const rooms = new Rooms();
      try {
        const token = tokenMint(momento).source;
        const web = [rooms.open({ room: 'r', token }), rooms.open({ room: 'r', token })];
        const all = [...web, rooms.open({ room: 'r', clients: nodeClients(momento) })];
        const diaries = all.map((room) => new Diary(room));
        await Promise.all(all.map((room) => room.join()));

        const sent = await talk(all, 'before');
        strike(momento);
        sent.push(...(await talk(all, 'during')));
        await vi.waitFor(() => {
          for (const { room } of diaries) expect(room.status).toBe('joined');
          if (notice === undefined) return;
          const noticing = diaries.slice(0, notice === 'web' ? web.length : undefined);
          for (const { statuses } of noticing) expect(statuses).toContain('reconnecting');
        }, WAIT);
        sent.push(...(await talk(all, 'after')));

        await vi.waitFor(() => {
          for (const room of all) expect(textsOf(room).sort()).toEqual([...sent].sort());
        }, WAIT);
        for (const { room, ids, statuses, gaps } of diaries) {
          const shown = room.messages.map(({ id }) => id);
          expect(shown).toEqual([...shown].sort());
          expect(new Set(ids).size, 'message events').toBe(ids.length);
          expect([...ids].sort()).toEqual(shown);
          expect(new Set(statuses).has('failed')).toBe(false);
          expect(gaps.every(Boolean), 'storage holds all, so no gap stays open').toBe(true);
        }
      } finally {
        await rooms.leaveAll();
        await momento.close();
      }
    },
  );
});

/** Everybody says three things at once; resolves with what was said once all of it went out. */
async function talk(rooms: readonly ChatRoom[], when: string): Promise<string[]> {
  const sending = rooms.flatMap((room, who) =>
    [1, 2, 3].map((number) => room.send(`${when}: ${number} of ${who}`)),
  );
  return (await Promise.all(sending)).map(({ text }) => text);
}

describe('what anybody may write', () => {
  const HOSTILE: [why: string, payload: string | Uint8Array][] = [
    ['binary', new Uint8Array([0, 255, 254])],
    ['not JSON', '<script>alert(1)</script>'],
    ['half of a message', '{"v":1,"id":"0190'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '42'],
    ['no text', '{"username":"x"}'],
    ['an empty text', '{"username":"x","message":""}'],
    ['a text of the wrong type', '{"username":"x","message":{"a":1}}'],
    ['a name of the wrong type', '{"username":["x"],"message":"hi"}'],
    ['an id that is none', '{"v":1,"id":"../../etc","username":"x","message":"hi"}'],
    ['a version that is none', '{"v":"1","id":"x","username":"x","message":"hi"}'],
    [
      'an id from the far future, to stay at the end for ever',
      JSON.stringify({ v: 1, id: 'ffffffff-ffff-7fff-bfff-ffffffffffff', username: 'x', message: 'hi' }),
    ],
    [
      'a time that is none',
      JSON.stringify({ v: 1, id: uuidAt(1), username: 'x', message: 'hi', sentAt: 'x' }),
    ],
    ['meta that is none', JSON.stringify({ v: 1, id: uuidAt(2), username: 'x', message: 'hi', meta: 3 })],
    ['too much', JSON.stringify({ username: 'x', message: 'm'.repeat(100_000) })],
    ['depth', `{"username":"x","message":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ];

  it('G6: costs one error event, and nothing more, through both SDKs', async () => {
    const { momento, rooms } = await ownMomento();
    const mallory = webClients(momento);
    const all = [
      rooms.open({ room: 'r', token: tokenMint(momento).source }),
      rooms.open({ room: 'r', clients: nodeClients(momento) }),
    ];
    const errors = all.map((room) => {
      const codes: string[] = [];
      room.on('error', ({ code, message }) => codes.push(`${code} ${message}`));
      return codes;
    });
    await Promise.all(all.map((room) => room.join()));
    for (const [why, payload] of HOSTILE) {
      const before = errors.map((codes) => codes.length);
      await mallory.topics.publish('chat', 'r-chat', payload);
      await vi.waitFor(() => {
        expect(errors.map((codes, index) => codes.length - (before[index] ?? 0), why)).toEqual([1, 1]);
      }, WAIT);
    }
    expect(errors.flat().every((text) => text.startsWith('server unable to read a message; '))).toBe(true);
    expect(errors.flat().some((text) => text.includes('alert'))).toBe(false);
    for (const room of all) expect([room.status, room.messages.length]).toEqual(['joined', 0]);
    await all[0]?.send('still here');
    await vi.waitFor(() => expect(all.map(textsOf)).toEqual([['still here'], ['still here']]), WAIT);
    expect(errors.map((codes) => codes.length)).toEqual([HOSTILE.length, HOSTILE.length]);
  });

  it('G6: a replayed message is no second message, and a forged one does not replace the first', async () => {
    const { momento, rooms } = await ownMomento();
    const mallory = webClients(momento);
    const ada = rooms.open({
      room: 'r',
      user: { id: 'ada', name: 'Ada' },
      token: tokenMint(momento, { tokenId: 'ada' }).source,
    });
    const seen: string[] = [];
    ada.on('message', ({ text }) => seen.push(text));
    await ada.join();
    await ada.send('mine');
    const list = await mallory.cache.listFetch('chat', 'r');
    const payload = list.type === 'Hit' ? (list.valueListString()[0] ?? '') : '';
    for (let times = 0; times < 3; times += 1) await mallory.topics.publish('chat', 'r-chat', payload);
    await mallory.topics.publish('chat', 'r-chat', payload.replace('mine', 'yours'));
    const claim = { v: 1, id: uuidAt(Date.now()), username: 'Ada', userId: 'ada', message: 'as Ada' };
    await mallory.topics.publish('chat', 'r-chat', JSON.stringify(claim));
    await vi.waitFor(() => expect(seen).toEqual(['mine', 'as Ada']), WAIT);
    expect(textsOf(ada)).toEqual(['mine', 'as Ada']);
    expect(ada.messages[0]).toMatchObject({ own: true, verifiedUserId: 'ada' });
    // The super user's key has no token id: nobody vouches for the claim.
    expect(ada.messages[1]?.verifiedUserId).toBeUndefined();
  });

  it('G6: a stored message that somebody publishes again stays with who it is from', async () => {
    const { momento, rooms } = await ownMomento();
    const { source } = tokenMint(momento, { tokenId: 'ada' });
    const token = async (request: TokenRequest) => ({ ...(await source(request)), userId: 'ada' });
    const before = rooms.open({ room: 'r', token });
    await before.join();
    await before.send('mine');
    const ada = rooms.open({ room: 'r', token });
    await ada.join();
    const updates: Message[] = [];
    ada.on('update', (message) => updates.push(message));

    const mint = tokenMint(momento, { tokenId: 'mallory' });
    const request = { rooms: ['r'], reason: 'join', signal: new AbortController().signal } as const;
    const mallory = webClients(momento, (await mint.source(request)).token);
    const list = await mallory.cache.listFetch('chat', 'r');
    const payload = list.type === 'Hit' ? (list.valueListString()[0] ?? '') : '';
    await mallory.topics.publish('chat', 'r-chat', payload);
    await before.send('a later one');
    await vi.waitFor(() => expect(textsOf(ada)).toEqual(['mine', 'a later one']), WAIT);
    expect(ada.messages[0]).toMatchObject({ own: true, user: { id: 'ada' } });
    expect(ada.messages[0]?.verifiedUserId).toBeUndefined();
    expect(updates).toEqual([]);
  });

  it('G6: what was stored in the name of another is not vouched for; what they wrote takes its place', async () => {
    const { momento, rooms } = await ownMomento();
    const truth = { v: 1, id: uuidAt(Date.now()), username: 'Ada', userId: 'ada', message: 'keep it' };
    const forged = { ...truth, message: 'send it to Mallory', meta: { amount: 100 } };
    await webClients(momento).cache.listPushFront('chat', 'r', JSON.stringify(forged));
    const carol = rooms.open({ room: 'r', token: tokenMint(momento, { tokenId: 'carol' }).source });
    await carol.join();
    expect(textsOf(carol)).toEqual(['send it to Mallory']);

    const request = { rooms: ['r'], reason: 'join', signal: new AbortController().signal } as const;
    const ada = webClients(momento, (await tokenMint(momento, { tokenId: 'ada' }).source(request)).token);
    await ada.topics.publish('chat', 'r-chat', JSON.stringify(truth));
    await vi.waitFor(() => expect(textsOf(carol)).toEqual(['keep it']), WAIT);
    expect(carol.messages[0]).toMatchObject({ status: 'sent', verifiedUserId: 'ada' });
    expect(carol.messages[0]).not.toHaveProperty('meta');
  });
});

/** A UUIDv7 of a given time. */
function uuidAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

describe.each([
  ['@gomomento/sdk-web', (momento: LocalMomento) => ({ token: tokenMint(momento).source })],
  ['@gomomento/sdk', (momento: LocalMomento) => ({ clients: nodeClients(momento) })],
])('history through %s', (_, access) => {
  it('G1: pages of older messages neither skip nor repeat while others push', async () => {
    const { momento, rooms } = await ownMomento();
    const ada = rooms.open({ room: 'r', ...access(momento) });
    await ada.join();
    await Promise.all(Array.from({ length: 60 }, (_, index) => ada.send(`old ${index}`)));
    const late = rooms.open({ room: 'r', history: { pageSize: 7 }, ...access(momento) });
    await late.join();
    const added: string[] = [];
    late.on('history', (page) => added.push(...page.map(({ id }) => id)));
    const pushing = Array.from({ length: 40 }, (_, index) => ada.send(`new ${index}`));
    while (late.hasOlder) await late.loadOlder();
    await Promise.all(pushing);
    await vi.waitFor(
      () => expect(late.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id)),
      WAIT,
    );
    expect(late.messages).toHaveLength(100);
    expect(new Set(added).size).toBe(added.length);
  });

  it('G5: memory is bounded by maxInMemory, and what left it can be loaded again', async () => {
    const { momento, rooms } = await ownMomento();
    const ada = rooms.open({ room: 'r', ...access(momento) });
    const bob = rooms.open({ room: 'r', history: { maxInMemory: 20, pageSize: 15 }, ...access(momento) });
    let most = 0;
    bob.on('change', (messages) => {
      most = Math.max(most, messages.length);
    });
    const news: string[] = [];
    bob.on('message', ({ text }) => news.push(text));
    await Promise.all([ada.join(), bob.join()]);
    for (let index = 0; index < 80; index += 1) await ada.send(`message ${index}`);
    await vi.waitFor(() => expect(news).toHaveLength(80), WAIT);
    expect(most).toBeLessThanOrEqual(20);
    expect(textsOf(bob)).toEqual(textsOf(ada).slice(-20));
    expect(bob.hasOlder).toBe(true);
    while (bob.hasOlder) await bob.loadOlder();
    expect(textsOf(bob)).toEqual(textsOf(ada));
    expect(news).toHaveLength(80);
  });
});

it.each([1, 40])(
  'G2: a message that is stored once more further up hides nothing below it, with %i stored before',
  async (count) => {
    const { momento, rooms } = await ownMomento();
    const { cache } = webClients(momento);
    const open = () =>
      rooms.open({ room: 'r', token: tokenMint(momento).source, history: { pageSize: 5, maxStored: 500 } });
    const [ada, bob] = [open(), open()];
    await bob.join();
    for (let number = 1; number <= count; number += 1) await bob.send(`old ${number}`);
    const list = await cache.listFetch('chat', 'r');
    const newest = list.type === 'Hit' ? (list.valueListString()[0] ?? '') : '';
    await ada.join();
    const gaps: boolean[] = [];
    ada.on('gap', ({ complete }) => gaps.push(complete));
    momento.faults.losePublishes(30, { numbered: false });
    const missed = Array.from({ length: 30 }, (_, index) => `missed ${index}`);
    for (const text of missed) await bob.send(text);
    // Whoever got no answer to a push pushes again, however long ago the first one was done.
    await cache.listPushFront('chat', 'r', newest);
    momento.faults.discontinuity();
    await vi.waitFor(() => expect(textsOf(ada).slice(-30)).toEqual(missed), WAIT);
    expect(gaps.every(Boolean)).toBe(true);
  },
);
