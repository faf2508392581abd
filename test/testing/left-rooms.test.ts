import { ChatRoom } from 'momento-chat/lite';
import { type MomentoFixture, startTestMomento, withLocalMomento } from 'momento-chat/testing';
import { describe, expect, it, vi } from 'vitest';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000 });

const FAILED = new Error('the test failed');

/** Ends in the scene that `prepare` makes, without leaving the room. */
function room(token: MomentoFixture['token']): ChatRoom {
  return new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
}

/** Rooms that have failed have no timers: nothing of them keeps the process alive. */
async function ends(left: ChatRoom | undefined): Promise<void> {
  await vi.waitFor(() => expect(left?.status).toBe('failed'), { timeout: 60_000 });
}

describe('a room that a failed test did not leave', () => {
  it('ends where it was joined', async () => {
    let left: ChatRoom | undefined;
    const test = withLocalMomento(async ({ token }) => {
      left = room(token);
      await left.join();
      throw FAILED;
    });
    await expect(test()).rejects.toBe(FAILED);
    await ends(left);
  });

  it('ends where it had lost its connection', async () => {
    let left: ChatRoom | undefined;
    const test = withLocalMomento(async ({ faults, token, waitFor }) => {
      left = room(token);
      await left.join();
      faults.goOffline();
      await waitFor(() => left?.status === 'reconnecting', 60_000);
      throw FAILED;
    });
    await expect(test()).rejects.toBe(FAILED);
    await ends(left);
  });

  it('ends where it was joining', async () => {
    let joining: Promise<unknown> | undefined;
    const test = withLocalMomento(async ({ faults, token, tokens, waitFor }) => {
      faults.refuseConnections();
      joining = room(token).join();
      joining.catch(() => {});
      await waitFor(() => tokens.minted.length > 0, 60_000);
      throw FAILED;
    });
    await expect(test()).rejects.toBe(FAILED);
    await expect(joining).rejects.toThrow('the test has ended');
  });

  it('waits for it with nothing that keeps the process alive', async () => {
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP');
    const before = servers();
    const test = withLocalMomento(async ({ faults }) => {
      faults.goOffline();
      throw FAILED;
    });
    await expect(test()).rejects.toBe(FAILED);
    expect(servers()).toEqual(before);
  });
});

it('a room that was not left has ended when startTestMomento().close() resolves', async () => {
  const { token, close } = await startTestMomento();
  const left = room(token);
  await left.join();
  await close();
  expect(left.status).toBe('failed');
});
