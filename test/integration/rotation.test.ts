import { ChatRoom, ChatSession, type RoomStatus, type TokenRequest, type VendedToken } from 'momento-chat';
import { ChatRoom as LiteRoom, ChatSession as LiteSession } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, memoryTokenCache } from 'momento-chat/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../server/support.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { Rooms, rootToken, textsOf } from '../support/chat.js';
import { MovedTime } from '../support/moved-time.js';
import { tokenMint } from '../support/tokens.js';

const WAIT = { timeout: 20_000, interval: 20 };

let momento: LocalMomento;
let uninstall: () => void;
let rooms: Rooms;

/** Each of them tells by different code that a token expired or that a stream ended. */
const TRANSPORTS = [
  ['sdk-web', ChatRoom, ChatSession, 'web'],
  ['lite', LiteRoom, LiteSession, 'lite'],
] as const;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());
beforeEach(async () => {
  rooms = new Rooms();
  momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 500 });
});
afterEach(async () => {
  await rooms.leaveAll();
  await momento.close();
});

const statusesOf = (room: ChatRoom) => {
  const statuses: RoomStatus[] = [];
  room.on('status', (status) => statuses.push(status));
  return statuses;
};

describe.each(TRANSPORTS)('over %s', (_, Room, Session, via) => {
  beforeEach(() => {
    rooms = new Rooms(Room);
  });

  describe('a token that nears its end', () => {
    it('G4: is renewed ahead of it, the new subscription before the old one ends: nothing lost, nothing twice', async () => {
      const mint = tokenMint(momento);
      const history = { maxStored: 10_000, maxInMemory: 10_000 };
      // Lives on, so that a busy machine that renews late has it renewed all the same.
      const token = async (request: TokenRequest) => ({ ...(await mint.source(request)), expiresIn: 10 });
      const time = new MovedTime();
      const ada = rooms.open({ room: 'r', token, history, ...time.options(via) });
      const bob = rooms.open({ room: 'r', token: rootToken(momento), history });
      const statuses = statusesOf(ada);
      const told = { ids: [] as string[], gaps: 0, errors: [] as string[] };
      ada.on('message', ({ id }) => told.ids.push(id));
      ada.on('gap', () => {
        told.gaps += 1;
      });
      ada.on('error', ({ message }) => told.errors.push(message));
      await Promise.all([ada.join(), bob.join()]);
      let sent = 0;
      while (mint.requests.length < 3) {
        const sending = Promise.all([bob.send(`of Bob ${sent}`), ada.send(`of Ada ${sent}`)]);
        time.advance(500);
        await sending;
        sent += 1;
      }
      await bob.send('the last');
      await vi.waitFor(() => expect(textsOf(ada)).toHaveLength(2 * sent + 1), WAIT);
      expect(mint.requests.map(({ reason }) => reason)).toEqual(['join', 'refresh', 'refresh']);
      expect(statuses).toEqual(['joining', 'joined']);
      expect(told).toMatchObject({ gaps: 0, errors: [] });
      expect(new Set(told.ids).size).toBe(told.ids.length);
      expect(ada.messages.map(({ id }) => id)).toEqual(bob.messages.map(({ id }) => id));
    });

    it('G4: a token source that is down meanwhile is asked until it answers, and the room hears of it', async () => {
      const mint = tokenMint(momento);
      const time = new MovedTime();
      let down = 0;
      const ada = rooms.open({
        room: 'r',
        token: async (request) => {
          if (request.reason === 'join' || down >= 2)
            return { ...(await mint.source(request)), expiresIn: 10 };
          down += 1;
          throw new Error('down');
        },
        ...time.options(via),
      });
      const statuses = statusesOf(ada);
      const errors: string[] = [];
      ada.on('error', ({ code }) => errors.push(code));
      await ada.join();
      await vi.waitFor(() => {
        time.advance(100);
        expect(mint.requests.length).toBeGreaterThanOrEqual(2);
      }, WAIT);
      await ada.send('still here');
      expect(statuses).toEqual(['joining', 'joined']);
      // Both attempts failed by the same: that is told once a minute.
      expect(errors).toEqual(['token-unavailable']);
    });

    it('G4: a wrong clock does not matter: what the token says is left counts', async () => {
      const mint = tokenMint(momento, { lifeSeconds: 3600 });
      const ada = rooms.open({
        room: 'r',
        token: async (request) => ({ ...(await mint.source(request)), exp: Date.now() / 1000 - 86_400 }),
      });
      await ada.join();
      await ada.send('hello');
      expect(mint.requests).toHaveLength(1);
    });
  });

  describe('a token that is rejected', () => {
    it('G4: in mid-stream is replaced at once, and nothing is lost or doubled', async () => {
      const mint = tokenMint(momento);
      const ada = rooms.open({ room: 'r', token: mint.source });
      const bob = rooms.open({ room: 'r', token: rootToken(momento) });
      const ids: string[] = [];
      ada.on('message', ({ id }) => ids.push(id));
      await Promise.all([ada.join(), bob.join()]);
      await bob.send('before');
      momento.faults.expireToken(mint.tokens[0] ?? '');
      await Promise.all([bob.send('meanwhile'), ada.send('mine'), bob.send('meanwhile, too')]);
      await vi.waitFor(() => {
        expect(textsOf(ada).sort()).toEqual(['before', 'meanwhile', 'meanwhile, too', 'mine']);
        expect(ada.status).toBe('joined');
      }, WAIT);
      await bob.send('after');
      await vi.waitFor(() => expect(textsOf(ada)).toContain('after'), WAIT);
      expect(mint.requests.map(({ reason }) => reason)).toEqual(['join', 'rejected']);
      expect(new Set(ids).size).toBe(5);
      expect(ids).toHaveLength(5);
    });

    it('G4: again when it was just replaced fails the room with `unauthenticated`', async () => {
      const mint = tokenMint(momento);
      const ada = rooms.open({
        room: 'r',
        token: async (request) => {
          const vended = await mint.source(request);
          if (request.reason === 'rejected') momento.faults.expireToken(vended.token);
          return vended;
        },
      });
      const errors: string[] = [];
      ada.on('error', ({ code }) => errors.push(code));
      await ada.join();
      momento.faults.expireToken(mint.tokens[0] ?? '');
      await vi.waitFor(() => expect(ada.status).toBe('failed'), WAIT);
      expect(errors.at(-1)).toBe('unauthenticated');
      expect(mint.requests.map(({ reason }) => reason)).toEqual(['join', 'rejected']);
      await expect(ada.send('hello')).rejects.toMatchObject({ code: 'not-joined' });
      // A new join starts afresh.
      await ada.join();
      expect(ada.status).toBe('joined');
    });

    it('G4: for a message under way is renewed, and the message goes out', async () => {
      const mint = tokenMint(momento);
      const ada = rooms.open({ room: 'r', token: mint.source });
      await ada.join();
      momento.faults.expireToken(mint.tokens[0] ?? '');
      await expect(ada.send('hello')).resolves.toMatchObject({ status: 'sent' });
    });
  });

  describe('the rooms of one session', () => {
    it('G4: a room that the token does not cover causes one renewal for all, which loses nothing', async () => {
      const mint = tokenMint(momento);
      const session = new Session({ token: mint.source });
      onTestFinished(() => session.close());
      const lobby = rooms.open({ room: 'lobby', session });
      const help = rooms.open({ room: 'help', session });
      const more = rooms.open({ room: 'more', session });
      const bob = rooms.open({ room: 'lobby', token: rootToken(momento) });
      const statuses = statusesOf(lobby);
      await Promise.all([lobby.join(), bob.join()]);
      const sending = [0, 1, 2, 3, 4].map((number) => bob.send(`first ${number}`));
      await Promise.all([help.join(), more.join()]);
      sending.push(bob.send('last'));
      await Promise.all(sending);
      await vi.waitFor(() => expect(textsOf(lobby)).toEqual(textsOf(bob)), WAIT);
      expect(textsOf(lobby)).toHaveLength(6);
      expect(statuses).toEqual(['joining', 'joined']);
      expect(mint.requests.map(({ rooms, reason }) => [reason, ...rooms])).toEqual([
        ['join', 'lobby'],
        ['join', 'lobby', 'help', 'more'],
      ]);
      await Promise.all([lobby.send('a'), help.send('b'), more.send('c')]);
    });

    it('G4, G5: end with it', async () => {
      const session = new Session({ token: tokenMint(momento).source });
      const lobby = rooms.open({ room: 'lobby', session });
      const errors: string[] = [];
      lobby.on('error', ({ code }) => errors.push(code));
      await lobby.join();
      await session.close();
      expect(lobby.status).toBe('failed');
      expect(errors).toEqual(['closed']);
      await expect(lobby.join()).rejects.toMatchObject({ code: 'closed' });
    });
  });
});

describe('a token vendor behind a URL', () => {
  /** Answers with the given statuses in turn, the last one for ever; undefined never answers. */
  async function vendor(...statuses: (number | undefined)[]) {
    const paths: string[] = [];
    let aborted = 0;
    const { url, close } = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.once('close', () => {
        if (!response.writableFinished) aborted += 1;
      });
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      if (status === undefined) return;
      void rootToken(momento)().then((token: VendedToken) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(status === 200 ? JSON.stringify(token) : '{}');
      });
    });
    onTestFinished(close);
    return { url: `${url}/token?app=1`, paths, aborted: () => aborted };
  }

  it('is asked with each room in the query', async () => {
    const { url, paths } = await vendor(200);
    const ada = rooms.open({ room: 'r & d', token: url });
    await ada.join();
    expect(paths).toEqual(['/token?app=1&room=r+%26+d']);
  });

  it('is told that Momento refused its token, and gives another one', async () => {
    const vended: string[] = [];
    const tokenCache = memoryTokenCache();
    const vendor = createTokenVendor({
      auth: { apiKey: momento.apiKey, endpoint: momento.url },
      endpoint: momento.url,
      rooms: ['r'],
      tokenCache: {
        get: (key) => tokenCache.get(key),
        set: (key, entry, ttlSeconds) => {
          vended.push(entry.token);
          return tokenCache.set(key, entry, ttlSeconds);
        },
      },
    });
    const server = await serve(vendor);
    onTestFinished(server.close);
    const ada = rooms.open({ room: 'r', token: `${server.url}/token` });
    await ada.join();
    momento.faults.expireToken(vended[0] ?? '');
    await ada.send('with another token');
    expect(vended).toHaveLength(2);
    await vi.waitFor(() => expect(ada.status).toBe('joined'), WAIT);
  });

  it('is asked again after 5xx and 429', async () => {
    const { url, paths } = await vendor(503, 500, 429, 200);
    const ada = rooms.open({ room: 'r', token: url });
    await ada.join();
    expect(paths).toHaveLength(4);
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
    [404, 'token-unavailable'],
  ])('is not asked again after %i', async (status, code) => {
    const { url, paths } = await vendor(status);
    const ada = rooms.open({ room: 'r', token: url });
    await expect(ada.join()).rejects.toMatchObject({ code });
    expect(ada.status).toBe('failed');
    expect(paths).toHaveLength(1);
  });

  it('that is a page is found out when joining, and borne with later', async () => {
    let asked = 0;
    const mint = tokenMint(momento, { lifeSeconds: 2 });
    const { url, close } = await serve(async (_request, response) => {
      const request = { rooms: ['r'], reason: 'join' as const, signal: new AbortController().signal };
      const isPage = asked % 2 === 0;
      asked += 1;
      response.end(isPage ? '<!doctype html>' : JSON.stringify(await mint.source(request)));
    });
    onTestFinished(close);
    const ada = rooms.open({ room: 'r', token: url });
    await expect(ada.join()).rejects.toMatchObject({ code: 'token-unavailable', retryable: false });
    await ada.join();
    await vi.waitFor(() => expect(mint.tokens.length).toBeGreaterThanOrEqual(2), WAIT);
    await ada.send('still here');
    // On a slow machine a token of two seconds ends before the next one is there.
    await vi.waitFor(() => expect(ada.status).toBe('joined'), WAIT);
  });

  it('G5: is not waited for after leave()', async () => {
    const { url, paths, aborted } = await vendor(undefined);
    const ada = new ChatRoom({ room: 'r', user: { name: 'Ada' }, token: url });
    const joining = ada.join();
    await vi.waitFor(() => expect(paths).toHaveLength(1), WAIT);
    await ada.leave();
    await joining;
    await vi.waitFor(() => expect(aborted()).toBe(1), WAIT);
    expect(ada.status).toBe('left');
  });
});
