import type { ChatRoom, RoomStatus } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { Rooms, rootToken, textsOf, webClients } from '../support/chat.js';
import { MovedTime } from '../support/moved-time.js';

const WAIT = { timeout: 40_000, interval: 50 };

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

interface Scene {
  momento: LocalMomento;
  ada: ChatRoom;
  statuses: [RoomStatus, string][];
  /** Ada's: time that she would wait for. */
  time: MovedTime;
  /** Somebody else publishes and stores a message, on a connection of their own. */
  say(text: string): Promise<void>;
}

/** One room past its settle window, when no reading of the list is due any more, so that only news can bring one. */
async function scene(play: (scene: Scene) => Promise<void>, heartbeatMs = 500): Promise<void> {
  const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs });
  const rooms = new Rooms();
  try {
    const time = new MovedTime();
    const ada = rooms.open({ room: 'r', token: rootToken(momento), ...time.options() });
    const bob = rooms.open({ room: 'r', user: { name: 'Bob' }, token: rootToken(momento) });
    const statuses: [RoomStatus, string][] = [];
    ada.on('status', (status, _, reason) => statuses.push([status, reason]));
    await Promise.all([ada.join(), bob.join()]);
    const joinedAt = Date.now();
    const say = async (text: string) => void (await bob.send(text));
    await say('hello');
    await vi.waitFor(() => {
      expect(textsOf(ada)).toEqual(['hello']);
      expect(Date.now() - joinedAt).toBeGreaterThan(2500);
    }, WAIT);
    await play({ momento, ada, statuses, time, say });
    const told = new Set(ada.messages.map(({ id }) => id));
    expect(told.size).toBe(ada.messages.length);
  } finally {
    await rooms.leaveAll();
    await momento.close();
  }
}

describe.concurrent('a stream that dies', { timeout: 60_000 }, () => {
  it('G2: in silence is missed by its heartbeat, read up and replaced, without a change of status', () =>
    scene(async ({ momento, ada, statuses, time, say }) => {
      momento.faults.silenceStreams();
      await say('unheard');
      expect(textsOf(ada)).toEqual(['hello']);
      // Three heartbeats, ten seconds at least; it looks once a second.
      time.advance(11_000);
      await vi.waitFor(() => expect(textsOf(ada)).toEqual(['hello', 'unheard']), WAIT);
      await say('heard');
      await vi.waitFor(() => expect(textsOf(ada)).toContain('heard'), WAIT);
      expect(statuses.map(([status]) => status)).toEqual(['joining', 'joined']);
    }));

  it('G2: and cannot be replaced makes the room `reconnecting`, then `joined` with all that was missed', () =>
    scene(async ({ momento, ada, statuses, time, say }) => {
      momento.faults.silenceStreams();
      const restore = momento.faults.failNext({ rpc: 'Subscribe', code: 'INTERNAL', times: 1000 });
      await say('unheard');
      time.advance(11_000);
      await vi.waitFor(() => expect(ada.status).toBe('reconnecting'), WAIT);
      restore();
      await vi.waitFor(() => expect(ada.status).toBe('joined'), WAIT);
      expect(textsOf(ada)).toEqual(['hello', 'unheard']);
      expect(statuses).toEqual([
        ['joining', 'join'],
        ['joined', 'subscribed'],
        ['reconnecting', 'silence'],
        ['joined', 'recovered'],
      ]);
    }));

  it('G2: with an error is replaced; `gap` tells what the list gave back', () =>
    scene(async ({ momento, ada, statuses, say }) => {
      const gaps: { filled: number; complete: boolean }[] = [];
      ada.on('gap', (gap) => gaps.push(gap));
      momento.faults.failNext({ rpc: 'Subscribe', code: 'INTERNAL', times: 2 });
      momento.faults.losePublishes(2, { numbered: false });
      await say('one');
      await say('two');
      momento.faults.dropConnections();
      await vi.waitFor(() => expect(textsOf(ada)).toEqual(['hello', 'one', 'two']), WAIT);
      await vi.waitFor(() => expect(ada.status).toBe('joined'), WAIT);
      expect(gaps.reduce((sum, { filled }) => sum + filled, 0)).toBe(2);
      expect(gaps.every(({ complete }) => complete)).toBe(true);
      expect(statuses.every(([status]) => status !== 'failed')).toBe(true);
    }));
});

describe.concurrent('a stream that lives', { timeout: 60_000 }, () => {
  it('G2: and skips a number is read up', () =>
    scene(async ({ momento, ada, statuses, say }) => {
      momento.faults.losePublishes(1);
      await say('lost');
      await say('heard');
      await vi.waitFor(() => expect(textsOf(ada)).toEqual(['hello', 'lost', 'heard']), WAIT);
      expect(statuses.map(([status]) => status)).toEqual(['joining', 'joined']);
    }, 60_000));

  it('G2: and tells of a discontinuity is read up', () =>
    scene(async ({ momento, ada, say }) => {
      momento.faults.losePublishes(1, { numbered: false });
      await say('lost');
      momento.faults.discontinuity();
      await vi.waitFor(() => expect(textsOf(ada)).toEqual(['hello', 'lost']), WAIT);
    }, 60_000));

  it('G2: and no longer finds where it was in a truncated list says so', () =>
    scene(async ({ momento, ada, say }) => {
      const gaps: { filled: number; complete: boolean }[] = [];
      ada.on('gap', (gap) => gaps.push(gap));
      momento.faults.losePublishes(3, { numbered: false });
      for (const text of ['one', 'two', 'three']) await say(text);
      // Somebody else keeps only two messages.
      await webClients(momento).cache.listRetain('chat', 'r', { startIndex: 0, endIndex: 2 });
      momento.faults.discontinuity();
      await vi.waitFor(() => expect(gaps[0]).toEqual({ filled: 2, complete: false }), WAIT);
      expect(textsOf(ada)).toEqual(['hello', 'two', 'three']);
    }, 60_000));
});

// Alone, since every room in this process hears it.
it('G2: a stream is looked after when the browser says that it is online again', () =>
  // Heartbeats so rare that nothing else tells of the loss within the time of this test.
  scene(async ({ momento, ada, say }) => {
    momento.faults.losePublishes(1, { numbered: false });
    await say('unheard');
    expect(textsOf(ada)).toEqual(['hello']);
    window.dispatchEvent(new window.Event('online'));
    await vi.waitFor(() => expect(textsOf(ada)).toEqual(['hello', 'unheard']), WAIT);
  }, 60_000));
