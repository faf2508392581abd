import type { ChatRoom, Message, RoomStatus, TokenRequest } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
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
  /** `noticed` resolves once the rooms that must notice did. */
  strike: (momento: LocalMomento, noticed: () => Promise<unknown>) => unknown;
  /** Rooms that must have noticed: the stream was really lost, and stayed lost long enough to say so. */
  notice?: 'all' | 'web';
}

const FAULTS: Fault[] = [
  { fault: 'every connection drops', strike: ({ faults }) => faults.dropConnections() },
  { fault: 'new connections are refused', strike: ({ faults }) => faults.refuseConnections(1500) },
  {
    fault: 'the service is out of reach',
    // The SDKs mend a short outage unnoticed, and on a busy machine any time is short.
    strike({ faults }, noticed) {
      const restore = faults.goOffline();
      void noticed().finally(restore);
    },
    notice: 'all',
  },
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

describe.concurrent('two rooms in a browser, one in a bot and one on lite', () => {
  it.each(FAULTS)(
    'G1, G2, G3: show the same, all of it, once and in order, when $fault',
    {
      timeout: 60_000,
    },
    async ({ strike, notice }) => {
      const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 500 });
      const rooms = new Rooms();
      const liteRooms = new Rooms(LiteRoom);
      try {
        const token = tokenMint(momento).source;
        const web = [rooms.open({ room: 'r', token }), rooms.open({ room: 'r', token })];
        const bot = rooms.open({ room: 'r', clients: nodeClients(momento) });
        const all = [...web, bot, liteRooms.open({ room: 'r', token })];
        const diaries = all.map((room) => new Diary(room));
        await Promise.all(all.map((room) => room.join()));

        const sent = await talk(all, 'before');
        const noticing = diaries.slice(0, notice === 'all' ? all.length : notice === 'web' ? web.length : 0);
        const noticed = () =>
          vi.waitFor(() => {
            for (const { statuses } of noticing) expect(statuses).toContain('reconnecting');
          }, WAIT);
        strike(momento, noticed);
        sent.push(...(await talk(all, 'during')));
        await noticed();
        await vi.waitFor(() => {
          for (const { room } of diaries) expect(room.status).toBe('joined');
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
        await Promise.all([rooms.leaveAll(), liteRooms.leaveAll()]);
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
  const NOT_JSON = 'it is not JSON';
  const NO_OBJECT = 'it is not a JSON object';
  const NO_TEXT = 'it has no text';
  const FIELDS = 'its fields are not those of a message';
  const HOSTILE: [what: string, why: string, payload: string | Uint8Array][] = [
    ['binary', 'it is binary', new Uint8Array([0, 255, 254])],
    ['not JSON', NOT_JSON, '<script>alert(1)</script>'],
    ['half of a message', NOT_JSON, '{"v":1,"id":"0190'],
    ['null', NO_OBJECT, 'null'],
    ['an array', NO_OBJECT, '[]'],
    ['a number', NO_OBJECT, '42'],
    ['no text', NO_TEXT, '{"username":"x"}'],
    ['an empty text', NO_TEXT, '{"username":"x","message":""}'],
    ['a text of the wrong type', NO_TEXT, '{"username":"x","message":{"a":1}}'],
    ['a name of the wrong type', 'it has no username', '{"username":["x"],"message":"hi"}'],
    ['an id that is none', FIELDS, '{"v":1,"id":"../../etc","username":"x","message":"hi"}'],
    ['a version that is none', FIELDS, '{"v":"1","id":"x","username":"x","message":"hi"}'],
    [
      'an id from the far future, to stay at the end for ever',
      'its id is from the future, by the clock of this device',
      JSON.stringify({ v: 1, id: 'ffffffff-ffff-7fff-bfff-ffffffffffff', username: 'x', message: 'hi' }),
    ],
    [
      'a time that is none',
      FIELDS,
      JSON.stringify({ v: 1, id: uuidAt(1), username: 'x', message: 'hi', sentAt: 'x' }),
    ],
    [
      'meta that is none',
      FIELDS,
      JSON.stringify({ v: 1, id: uuidAt(2), username: 'x', message: 'hi', meta: 3 }),
    ],
    [
      'too much',
      'it is larger than 4096 bytes',
      JSON.stringify({ username: 'x', message: 'm'.repeat(100_000) }),
    ],
    [
      'depth',
      'it is larger than 4096 bytes',
      `{"username":"x","message":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    ],
  ];

  it('G6: costs one error event a kind and second, and nothing more, through both SDKs', async () => {
    const { momento, rooms } = await ownMomento();
    const mallory = webClients(momento);
    const all = [
      rooms.open({ room: 'r', token: tokenMint(momento).source }),
      rooms.open({ room: 'r', clients: nodeClients(momento) }),
    ];
    const errors = all.map((room) => {
      const told: { text: string; at: number }[] = [];
      room.on('error', ({ code, message }) =>
        told.push({ text: `${code} ${message}`, at: performance.now() }),
      );
      return told;
    });
    await Promise.all(all.map((room) => room.join()));
    for (const [what, why, payload] of HOSTILE) {
      await mallory.topics.publish('chat', 'r-chat', payload);
      // The first of a kind is told of at once; those that follow within a second, with the next of the kind.
      await vi.waitFor(() => {
        for (const told of errors)
          expect(told.map(({ text }) => text.split('; ')[1]).join(), what).toContain(why);
      }, WAIT);
    }
    await all[0]?.send('still here');
    await vi.waitFor(() => expect(all.map(textsOf)).toEqual([['still here'], ['still here']]), WAIT);
    for (const room of all) expect(room.status).toBe('joined');
    for (const told of errors) {
      expect(told.length).toBeLessThanOrEqual(HOSTILE.length);
      for (const [index, { text, at }] of told.entries()) {
        expect(text).toMatch(/^malformed-message unable to read (a message|\d+ messages); /);
        expect(text).not.toContain('alert');
        const why = text.split('; ')[1];
        const before = told.slice(0, index).findLast((earlier) => earlier.text.endsWith(why ?? ''));
        // The clock is read a moment before the event.
        if (before !== undefined) expect(at - before.at, text).toBeGreaterThan(500);
      }
    }
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
    await Promise.all(Array.from({ length: count }, (_, index) => bob.send(`old ${index}`)));
    const list = await cache.listFetch('chat', 'r');
    const newest = list.type === 'Hit' ? (list.valueListString()[0] ?? '') : '';
    await ada.join();
    const gaps: boolean[] = [];
    ada.on('gap', ({ complete }) => gaps.push(complete));
    momento.faults.losePublishes(30, { numbered: false });
    const missed = Array.from({ length: 30 }, (_, index) => `missed ${index}`);
    await Promise.all(missed.map((text) => bob.send(text)));
    // A sender that got no answer to a push pushes again, however long ago the first push was done.
    await cache.listPushFront('chat', 'r', newest);
    momento.faults.discontinuity();
    await vi.waitFor(() => expect(textsOf(ada).slice(-30)).toEqual(missed), WAIT);
    expect(gaps.every(Boolean)).toBe(true);
  },
);
