import { beforeEach, expect, it } from 'vitest';
import { StreamInUse } from '../../src/sync/stream-in-use.js';
import { TopicStream } from '../../src/sync/topic-stream.js';
import { VirtualTime } from '../support/virtual-time.js';
import { TopicModel } from './topic-model.js';

let time: VirtualTime;
let topic: TopicModel;
let inUse: StreamInUse;
/** Streams that were closed and silences, with the time. */
let log: string[];

beforeEach(() => {
  time = new VirtualTime(1, 0);
  log = [];
  const note = (what: string) => what !== 'open' && log.push(`${time.monotonic()} ${what}`);
  topic = new TopicModel(time, note);
  inUse = new StreamInUse(time, () => note('silent'));
});

async function adopt(): Promise<void> {
  const stream = await TopicStream.open({
    transport: await topic.transport(),
    topic: { cache: 'chat', topic: 'r-chat' },
    after: undefined,
    scheduler: time,
    events: {
      item: () => {},
      sign: () => inUse.beat(),
      skipped: () => {},
      restored: () => {},
      ended: () => {},
    },
    signal: new AbortController().signal,
  });
  inUse.adopt(stream);
}

it('a stream lives on for two seconds after its successor is live', async () => {
  await adopt();
  await time.advance(1000);
  await adopt();
  await time.advance(5000);
  expect(log).toEqual(['3000 close 1']);
});

it('a stream that is dropped is closed at once, and is not in use any more', async () => {
  await adopt();
  inUse.drop();
  expect(log).toEqual(['0 close 1']);
  expect([inUse.current, time.pending]).toEqual([undefined, 0]);
});

it('a stream that is dropped leaves the one before it its time', async () => {
  await adopt();
  await adopt();
  inUse.drop();
  await time.advance(5000);
  expect(log).toEqual(['0 close 2', '2000 close 1']);
});

it('G5: closing it closes all streams, and leaves no timer', async () => {
  await adopt();
  await adopt();
  inUse.close();
  expect(log).toEqual(['0 close 2', '0 close 1']);
  expect(time.pending).toBe(0);
});

it('is silent after three heartbeats that did not come, and tells so until there is a sign of life', async () => {
  await adopt();
  for (let beats = 0; beats < 3; beats += 1) {
    topic.stream(1).heartbeat();
    await time.advance(5000);
  }
  expect(inUse.isSilent).toBe(false);
  await time.advance(20_000);
  expect(log.length).toBeGreaterThanOrEqual(1);
  expect(log[0]).toBe('25000 silent');
  topic.stream(1).heartbeat();
  expect(inUse.isSilent).toBe(false);
  inUse.close();
});
