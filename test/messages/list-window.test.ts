import { expect, it } from 'vitest';
import { ListReader } from '../../src/messages/list-window.js';
import { ChatError } from '../../src/shared/errors.js';

const RUBBISH = 'rubbish';

/** A reader of a list, newest first, in which something may happen during a call: `during` is given the number of the call. */
function readerOf(
  list: string[],
  {
    during,
    maxStored = 1000,
    callMs = 0,
  }: { during(call: number, list: string[]): void; maxStored?: number; callMs?: number },
) {
  let calls = 0;
  return new ListReader({
    fetch: async (start, end) => {
      if (start >= end)
        throw new ChatError('invalid-argument', 'unable to read the list; the range is empty');
      const entries = list.slice(start, end);
      calls += 1;
      during(calls, list);
      return entries;
    },
    decode: (payloads) =>
      payloads.map((payload) =>
        payload === RUBBISH
          ? { payload }
          : { payload, id: payload, message: { id: payload, text: payload, user: { name: 'Ada' } } },
      ),
    clock: { monotonic: () => calls * callMs },
    maxStored,
  });
}

const OLD = Array.from({ length: 20 }, (_, index) => `old ${String(index)}`);
const reachesEnd = () => false;
const textsOf = ({ entries }: { entries: readonly { payload: string }[] }) =>
  entries.map(({ payload }) => payload);

it('G2: joins windows between which more is pushed than the first one holds, and does not begin anew', async () => {
  const reader = readerOf([...OLD], {
    during: (call, list) => void (call === 1 && list.unshift('new 3', 'new 2', 'new 1')),
  });
  const window = await reader.down(0, 2, reachesEnd);
  expect(textsOf(window)).toEqual(OLD);
  expect([window.end, window.stop]).toEqual([true, OLD.length + 3]);
});

it('G2: a window that is smaller after a timeout reaches below those that were read', async () => {
  const reader = readerOf([...OLD], {
    during(call, list) {
      // What was asked for first took too long, and comes again when two more are stored.
      if (call !== 2) return;
      list.unshift('new 2', 'new 1');
      throw new ChatError('timeout', 'unable to read the list; no answer in time');
    },
  });
  const window = await reader.down(0, 4, reachesEnd);
  expect(textsOf(window)).toEqual(OLD);
  expect(window.end).toBe(true);
});

it('G2: asks for nothing beyond the last entry that is stored, however much is pushed between two windows', async () => {
  const maxStored = OLD.length;
  const reader = readerOf([...OLD], {
    during(call, list) {
      // From then on the network brings one entry at a time, and as it does, three are pushed.
      if (call === 2) throw new ChatError('timeout', 'unable to read the list; no answer in time');
      if (call > 2) list.splice(0, 0, ...['a', 'b', 'c'].map((name) => `new ${String(call)}${name}`));
      list.length = maxStored;
    },
    maxStored,
    callMs: 2000,
  });
  const window = await reader.down(0, 2, reachesEnd);
  expect([window.end, window.stop >= maxStored]).toEqual([true, true]);
});

it('G6: rubbish above and below does not have windows read again that share a message with an id', async () => {
  const list = Array.from({ length: 40 }, (_, index) =>
    index % 4 === 1 ? `message ${String(index)}` : RUBBISH,
  );
  let calls = 0;
  const reader = readerOf([...list], {
    during: (call) => {
      calls = call;
    },
  });
  const window = await reader.down(0, 8, reachesEnd);
  expect(textsOf(window)).toEqual(list);
  // 8, then 16 and 32 of which four are known.
  expect(calls).toBe(3);
});

it('G2: where the network brings hardly anything at a time, what is pushed meanwhile does not take the place of an entry', async () => {
  const timeouts = 4;
  const reader = readerOf([...OLD], {
    during(call, list) {
      if (call <= timeouts) throw new ChatError('timeout', 'unable to read the list; no answer in time');
      if (call === timeouts + 1) list.unshift('new 2', 'new 1');
    },
    callMs: 2000,
  });
  for (let call = 0; call < timeouts; call += 1)
    await expect(reader.down(0, 50, reachesEnd)).rejects.toThrow('no answer in time');
  const window = await reader.down(0, 50, reachesEnd);
  expect(textsOf(window)).toEqual(OLD);
  expect([window.end, window.stop]).toEqual([true, OLD.length + 2]);
});

it('G2: where every call takes two seconds, windows that timeouts made small grow again', async () => {
  const list = Array.from({ length: 400 }, (_, index) => `message ${String(index)}`);
  let calls = 0;
  const during = (call: number) => {
    calls = call;
    if (call <= 4) throw new ChatError('timeout', 'unable to read the list; no answer in time');
  };
  const reader = readerOf(list, { during, callMs: 2000 });
  for (let reading = 0; reading < 4; reading += 1)
    await expect(reader.down(0, 500, reachesEnd)).rejects.toThrow('no answer in time');
  expect(textsOf(await reader.down(0, 500, reachesEnd))).toEqual(list);
  expect(calls).toBeLessThan(list.length / 10);
});

it('where every call takes long, whatever it brings, windows do not shrink to an entry or two', async () => {
  const list = Array.from({ length: 400 }, (_, index) => `message ${String(index)}`);
  let calls = 0;
  const during = (call: number) => {
    calls = call;
  };
  const reader = readerOf(list, { during, callMs: 3000 });
  for (let reading = 0; reading < 8; reading += 1) await reader.down(0, 500, reachesEnd);
  const before = calls;
  expect(textsOf(await reader.down(0, 500, reachesEnd))).toEqual(list);
  expect(calls - before).toBeLessThan(list.length / 6);
});
