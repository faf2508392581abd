import { beforeEach, expect, it } from 'vitest';
import { TopicStream } from '../../src/sync/topic-stream.js';
import { VirtualTime } from '../support/virtual-time.js';
import { failure, TopicModel } from './topic-model.js';

let time: VirtualTime;
let topic: TopicModel;
let life: AbortController;
/** What the stream told, and when it was closed, with the time. */
let log: string[];

const note = (what: string) => what !== 'open' && log.push(`${time.monotonic()} ${what}`);

beforeEach(() => {
  time = new VirtualTime(1, 0);
  life = new AbortController();
  log = [];
  topic = new TopicModel(time, note);
});

async function open(): Promise<TopicStream> {
  const stream = new TopicStream({
    scheduler: time,
    events: {
      item: ({ sequence }) => note(`item ${sequence}`),
      skipped: (reason) => note(`skipped: ${reason}`),
      restored: () => note('restored'),
      silent: () => note('silent'),
      ended: ({ code }, how) => note(`${how}: ${code}`),
    },
    signal: life.signal,
    after: undefined,
  });
  const transport = await topic.transport();
  await transport.subscribe({ cache: 'chat', topic: 'r-chat' }, stream, { signal: stream.signal });
  stream.begin();
  return stream;
}

it('a stream that another took the place of lives on for two seconds, for its items', async () => {
  const stream = await open();
  await time.advance(1000);
  stream.retire();
  const sink = topic.stream(1);
  sink.item({ value: 'a', sequence: 1 });
  sink.item({ value: 'b', sequence: 3 });
  sink.discontinuity();
  sink.uncertain('restored');
  await time.advance(5000);
  sink.item({ value: 'c', sequence: 4 });
  expect(log).toEqual(['1000 item 1', '1000 item 3', '3000 close 1']);
  expect(time.pending).toBe(0);
});

it('a stream whose end is told after another took its place is closed, and that is no news', async () => {
  const stream = await open();
  stream.retire();
  topic.stream(1).closed(failure('network'));
  expect(log).toEqual(['0 close 1']);
  expect(time.pending).toBe(0);
});

it('G5: the end of the room closes each stream, and leaves no timer', async () => {
  (await open()).retire();
  await open();
  life.abort();
  for (const sink of topic.streams) {
    sink.item({ value: 'late', sequence: 9 });
    sink.heartbeat();
    sink.discontinuity();
    sink.uncertain('heartbeat');
    sink.closed(failure('network'));
  }
  expect(log).toEqual(['0 close 1', '0 close 2']);
  expect(time.pending).toBe(0);
});

it('is silent after three heartbeats that did not come, and tells so until there is a sign of life', async () => {
  const stream = await open();
  for (let beats = 0; beats < 3; beats += 1) {
    topic.stream(1).heartbeat();
    await time.advance(5000);
  }
  expect(stream.isSilent).toBe(false);
  await time.advance(20_000);
  expect(log.length).toBeGreaterThanOrEqual(1);
  expect(log[0]).toBe('25000 silent');
  topic.stream(1).heartbeat();
  expect(stream.isSilent).toBe(false);
  stream.close();
});
