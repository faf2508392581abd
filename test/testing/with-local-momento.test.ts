import { ChatRoom } from 'momento-chat/lite';
import { startTestMomento, withLocalMomento } from 'momento-chat/testing';
import { describe, expect, it, vi } from 'vitest';

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { momento, close } = await startTestMomento();
  await close();
  return momento.port;
}

const never = () => new Promise(() => {});

describe('a test that its runner gives up', () => {
  const GIVEN_UP = new Error('the test was given up');

  /** Runs the wrapped test as Vitest and `node:test` do, with a context that has a signal. */
  const run = (test: () => Promise<void>, signal: AbortSignal): Promise<void> =>
    (test as (context: { signal: AbortSignal }) => Promise<void>)({ signal });

  it('is told so by Vitest, though it has no parameters', (...given: unknown[]) => {
    expect(given).toEqual([expect.objectContaining({ signal: expect.any(AbortSignal) })]);
  });

  it('passes when Vitest tries it again, with the signal of the try before', async () => {
    const test = withLocalMomento(async ({ momento }) => {
      await new Promise(setImmediate);
      expect(momento.port).toBeGreaterThan(0);
    });
    await run(test, AbortSignal.abort(GIVEN_UP));
  });

  it('ends its rooms, and keeps the process alive by nothing', async () => {
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP');
    const before = servers();
    const runner = new AbortController();
    let room: ChatRoom | undefined;
    const test = withLocalMomento(async ({ token }) => {
      room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
      await room.join();
      runner.abort(GIVEN_UP);
      await never();
    });
    await expect(run(test, runner.signal)).rejects.toBe(GIVEN_UP);
    await vi.waitFor(() => expect(room?.status).toBe('failed'), { timeout: 20_000 });
    expect(servers()).toEqual(before);
  });

  it('frees its port for a test that starts at once, also when it was still starting', async () => {
    const port = await freePort();
    const runner = new AbortController();
    const test = withLocalMomento({ port }, never);
    const givenUp = run(test, runner.signal);
    runner.abort(GIVEN_UP);
    await expect(givenUp).rejects.toBe(GIVEN_UP);
    const second = new AbortController();
    const started = new Promise<void>((resolve) => {
      run(
        withLocalMomento({ port }, () => {
          resolve();
          return never();
        }),
        second.signal,
      ).catch(() => {});
    });
    await started;
    second.abort(GIVEN_UP);
    await withLocalMomento({ port }, () => {})();
  });
});

it.each([null, 'a row', { signal: 'of another kind' }])('a row of it.each does no harm: %j', async (row) => {
  const run = withLocalMomento(() => {}) as (row: unknown) => Promise<void>;
  await run(row);
});
