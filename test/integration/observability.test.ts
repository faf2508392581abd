import { type ChatLogger, ChatRoom, ChatSession, type LogDetails } from 'momento-chat';
import { ChatRoom as LiteRoom, ChatSession as LiteSession } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { Rooms, rootToken, webClients } from '../support/chat.js';

const WAIT = { timeout: 20_000, interval: 20 };
const TRANSPORTS = [
  ['sdk-web', ChatRoom, ChatSession],
  ['lite', LiteRoom, LiteSession],
] as const;

let momento: LocalMomento;
let uninstall: () => void;
let rooms: Rooms;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());
beforeEach(async () => {
  momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 500 });
});
afterEach(async () => {
  await rooms.leaveAll();
  await momento.close();
});

/** Keeps what it is given. */
function bookkeeper(): ChatLogger & { lines: { level: string; text: string; details: LogDetails }[] } {
  const lines: { level: string; text: string; details: LogDetails }[] = [];
  const write = (level: string) => (text: string, details: LogDetails) =>
    void lines.push({ level, text, details });
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

describe.each(TRANSPORTS)('over %s', (_, Room, Session) => {
  beforeEach(() => {
    rooms = new Rooms(Room);
  });

  it('`stats` count what came, what was known, what was missed, what made no sense, and what it took; those of a session all of it', async () => {
    const session = new Session({ token: rootToken(momento) });
    const ada = rooms.open({ room: 'r', session });
    const bob = rooms.open({ room: 'r', token: rootToken(momento) });
    expect(ada.stats).toMatchObject({ received: 0, operations: 0, reconnects: {} });
    await Promise.all([ada.join(), bob.join()]);
    for (const text of ['one', 'two', 'three']) await bob.send(text);
    await vi.waitFor(() => expect(ada.stats.received).toBe(3), WAIT);

    const { topics, cache } = webClients(momento);
    const listed = await cache.listFetch('chat', 'r');
    const payload = listed.type === 'Hit' ? (listed.valueListString()[0] ?? '') : '';
    await topics.publish('chat', 'r-chat', payload);
    await topics.publish('chat', 'r-chat', new Uint8Array([1]));
    await vi.waitFor(() => expect(ada.stats).toMatchObject({ duplicates: 1, malformed: 1 }), WAIT);
    // Bob's own message, which came back twice: an echo is no double.
    await vi.waitFor(() => expect(bob.stats.received).toBe(5), WAIT);
    expect(bob.stats.duplicates).toBe(0);

    momento.faults.losePublishes(1, { topic: 'r-chat', numbered: true });
    await bob.send('missed by the stream');
    await bob.send('seen');
    await vi.waitFor(() => expect(ada.stats.gapsFilled).toBe(1), WAIT);

    momento.faults.endStreams({ code: 'INTERNAL', topic: 'r-chat' });
    await vi.waitFor(
      () => expect(Object.values(ada.stats.reconnects).reduce((sum, count) => sum + count, 0)).toBe(1),
      WAIT,
    );
    await vi.waitFor(() => expect(ada.status).toBe('joined'), WAIT);

    momento.faults.failNext({ rpc: 'Publish', code: 'UNAVAILABLE', times: 1 });
    await ada.send('tried twice');
    expect(ada.stats.retries).toBeGreaterThanOrEqual(1);
    expect(ada.stats.operations).toBeGreaterThanOrEqual(4);
    expect(ada.stats.tokens).toBe(0);
    expect(session.stats).toEqual({ ...ada.stats, tokens: 1 });
    expect(bob.stats.tokens).toBe(1);
    await session.close();
  });

  it('a `logger` is told of statuses, gaps, errors, calls and tokens, and never of a message, a user or a token', async () => {
    const logger = bookkeeper();
    const session = new Session({ token: rootToken(momento), logger });
    const ada = rooms.open({ room: 'r', session, user: { name: 'Ada-the-secret' } });
    await ada.join();
    await ada.send('text-of-a-secret');
    const { topics } = webClients(momento);
    await topics.publish('chat', 'r-chat', '{"secret":"payload"}');
    momento.faults.endStreams({ code: 'INTERNAL' });
    const texts = () => logger.lines.map(({ level, text }) => `${level} ${text}`);
    await vi.waitFor(() => expect(texts().join('\n')).toContain('the room is joined (recovered)'), WAIT);
    await ada.leave();
    await session.close();
    expect(texts()).toEqual(
      expect.arrayContaining([
        'debug momento-chat: asks for a token',
        'info momento-chat: the room is joining (join)',
        'info momento-chat: the room is joined (subscribed)',
        expect.stringMatching(/^debug momento-chat: cache_client\.Scs\/ListPushFront took \d+ ms: ok$/),
        expect.stringMatching(/^info momento-chat: the room is reconnecting \(/),
        'info momento-chat: the room is left (leave)',
      ]),
    );
    const all = JSON.stringify(logger.lines);
    for (const secret of ['secret', momento.apiKey]) expect(all).not.toContain(secret);
  });

  it('a `logger` that throws harms nobody, and one that is none is refused', async () => {
    const broken = () => {
      throw new Error('disk full');
    };
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    const ada = rooms.open({ room: 'r', token: rootToken(momento), logger });
    await ada.join();
    await expect(ada.send('hello')).resolves.toMatchObject({ status: 'sent' });
    const wrong = { log: broken } as unknown as ChatLogger;
    expect(() => rooms.open({ room: 'r', token: rootToken(momento), logger: wrong })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(() => new Session({ token: rootToken(momento), logger: wrong })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});
