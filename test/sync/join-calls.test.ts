import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/session/connection.js';
import { ChatError } from '../../src/shared/errors.js';
import { JoinCalls } from '../../src/sync/join-calls.js';
import { listLength } from '../../src/transport/operations/lists.js';
import type { CallOptions, Transport } from '../../src/transport/transport.js';
import { VirtualTime } from '../support/virtual-time.js';
import { TopicModel } from './topic-model.js';

let time: VirtualTime;
let calls: JoinCalls;
let join: AbortController;
/** The calls that Momento got, and how to answer each. */
let got: { signal: AbortSignal | undefined; answer(length: number): void }[];
let told: string[];

/** A connection whose calls are answered by the test. */
class HeldCalls extends TopicModel {
  override call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output> {
    const call = (_operation: unknown, _input: unknown, { signal }: CallOptions = {}) =>
      new Promise((resolve) => got.push({ signal, answer: resolve }));
    return make({ call, subscribe: () => Promise.resolve() } as Transport);
  }
}

beforeEach(() => {
  time = new VirtualTime(1, 0);
  join = new AbortController();
  got = [];
  told = [];
  const connection: Connection = new HeldCalls(time, () => {});
  calls = new JoinCalls({
    connection,
    scheduler: time,
    signal: join.signal,
    onCall: (rpc) => told.push(rpc),
  });
});

/** Makes a call; `end` is what it resolves or rejects with. */
function make(signal?: AbortSignal): { end: string | undefined } {
  const call: { end: string | undefined } = { end: undefined };
  calls.make(listLength, { cache: 'chat', list: 'r' }, 'read the history', { signal }).then(
    (length) => {
      call.end = `${length}`;
    },
    ({ message }: ChatError) => {
      call.end = message;
    },
  );
  return call;
}

const left = new ChatError('closed', 'unable to go on; the room was left');
const cancelled = new ChatError('closed', 'unable to read the history; it was cancelled');

describe('a call of a join', () => {
  it.each<[how: string, act: (given: AbortController) => void, end: string | undefined, aborted: boolean]>([
    ['waits for its answer', () => {}, undefined, false],
    ['resolves with its answer', () => got[0]?.answer(3), '3', false],
    ['rejects when the join ends, whatever becomes of it', () => join.abort(left), left.message, true],
    ['rejects when it is cancelled', (given) => given.abort(cancelled), cancelled.message, true],
  ])('%s', async (_, act, end, aborted) => {
    const given = new AbortController();
    const call = make(given.signal);
    await time.advance(0);
    act(given);
    await time.advance(0);
    expect(call.end).toBe(end);
    expect(got[0]?.signal?.aborted).toBe(aborted);
    expect(told).toEqual([listLength.rpc]);
  });

  it('is not made after the join has ended', async () => {
    join.abort(left);
    const call = make();
    await time.advance(0);
    expect([call.end, got]).toEqual([left.message, []]);
  });

  it('that was cancelled before rejects', async () => {
    const given = new AbortController();
    given.abort(cancelled);
    const call = make(given.signal);
    await time.advance(0);
    expect(call.end).toBe(cancelled.message);
  });
});

describe('G5: the calls under way', () => {
  it('are drained when the last has ended', async () => {
    make();
    make();
    let drained = false;
    void calls.drained().then(() => {
      drained = true;
    });
    await time.advance(0);
    got[0]?.answer(0);
    await time.advance(0);
    expect(drained).toBe(false);
    got[1]?.answer(0);
    await time.advance(0);
    expect(drained).toBe(true);
    expect(time.pending).toBe(0);
  });

  it('are given up after six seconds: some never end', async () => {
    make();
    let drained: number | undefined;
    void calls.drained().then(() => {
      drained = time.monotonic();
    });
    await time.advance(60_000);
    expect(drained).toBe(6000);
  });
});
