import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/local/engine/clock.js';
import type { ResumePoint, Subscription } from '../../src/local/engine/subscription.js';
import type { TopicEvent } from '../../src/local/engine/topic-events.js';
import { Topics } from '../../src/local/engine/topics.js';
import type { MomentoError } from '../../src/local/status.js';

const START_S = 1_700_000_000;
let clock: ManualClock;
let topics: Topics;

beforeEach(() => {
  clock = new ManualClock(START_S * 1000);
  topics = new Topics({ clock, heartbeatMs: 5000, replayItems: 3 });
});

interface Client {
  subscription: Subscription;
  events: TopicEvent[];
  ended: (MomentoError | undefined)[];
  /** Whether it takes what is sent without falling behind. */
  keepsUp: boolean;
}

function subscribe(topic = 't', resume: ResumePoint = { sequence: 0, page: 0 }): Client {
  const client: Omit<Client, 'subscription'> = { events: [], ended: [], keepsUp: true };
  const subscription = topics.subscribe('chat', topic, {
    send(event) {
      client.events.push(event);
      return client.keepsUp;
    },
    end: (error) => client.ended.push(error),
  });
  subscription.start(resume);
  return Object.assign(client, { subscription });
}

const publish = (text: string, topic = 't') => topics.publish('chat', topic, { text }, 'me');

/** Events in short: `1:hello`, `gap 0-4`, `heartbeat`. */
const told = (client: Client, withHeartbeats = false) =>
  client.events
    .filter((event) => withHeartbeats || event.kind !== 'heartbeat')
    .map((event) => {
      if (event.kind === 'item') return `${event.sequence}:${'text' in event.value ? event.value.text : '?'}`;
      if (event.kind === 'discontinuity') return `gap ${event.lastSequence}-${event.newSequence}`;
      return event.kind;
    });

describe('a topic', () => {
  it('numbers what is published from 1 on, and tells every subscriber in order', () => {
    const one = subscribe();
    publish('a');
    const two = subscribe();
    publish('b');
    publish('elsewhere', 'u');
    expect(told(one)).toEqual(['1:a', '2:b']);
    expect(told(two)).toEqual(['2:b']);
    expect(one.events.at(-1)).toMatchObject({ publisherId: 'me' });
  });

  it('greets with a heartbeat at once, then keeps it up until the client is gone', () => {
    const client = subscribe();
    expect(told(client, true)).toEqual(['heartbeat']);
    clock.advance(10_000);
    expect(told(client, true)).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
    client.subscription.close();
    clock.advance(60_000);
    expect(client.events).toHaveLength(3);
    expect(clock.pending).toBe(0);
    expect(topics.subscriptionCount).toBe(0);
  });

  it('has a page number that no other topic and no earlier server had', () => {
    const one = subscribe('t');
    const two = subscribe('u');
    publish('a', 't');
    publish('b', 'u');
    const page = (client: Client) => client.events.find((event) => event.kind === 'item')?.page;
    expect(page(one)).toBe(START_S + 1);
    expect(page(two)).toBe(START_S + 2);
  });

  it('must have a name', () => {
    expect(() => publish('a', ' ')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(topics.subscriptionCount).toBe(0);
  });

  it('ends its streams with NOT_FOUND when its cache is deleted', () => {
    const client = subscribe();
    topics.deleteCache('chat');
    expect(client.ended).toEqual([expect.objectContaining({ code: 'NOT_FOUND' })]);
    expect(topics.subscriptionCount).toBe(0);
  });
});

describe('resuming', () => {
  const page = START_S + 1;
  it.each([
    ['with everything seen', { sequence: 6, page }, []],
    ['inside what is remembered', { sequence: 4, page }, ['4:4', '5:5']],
    ['at the oldest that is remembered', { sequence: 3, page }, ['3:3', '4:4', '5:5']],
    ['before it', { sequence: 2, page }, ['gap 1-2', '3:3', '4:4', '5:5']],
    ['without knowing the page', { sequence: 5, page: 0 }, ['5:5']],
    ['from another page', { sequence: 5, page: 7 }, ['gap 4-2', '3:3', '4:4', '5:5']],
    ['from the future', { sequence: 20, page }, ['gap 19-2', '3:3', '4:4', '5:5']],
    ['without a place', { sequence: 0, page }, []],
  ] as const)('%s replays what is due, with a gap in front when that is not all', (_, resume, expected) => {
    for (let n = 1; n <= 5; n++) publish(String(n));
    const client = subscribe('t', resume);
    publish('live');
    expect(told(client)).toEqual([...expected, '6:live']);
  });

  it('tells of a value that was numbered and lost', () => {
    publish('1');
    topics.skip('chat', 't');
    publish('3');
    expect(told(subscribe('t', { sequence: 1, page }))).toEqual(['1:1', 'gap 1-2', '3:3']);
  });

  it('tells of a reset that happened meanwhile', () => {
    publish('old');
    topics.matching({ topic: 't' })[0]?.reset(true);
    publish('new');
    const client = subscribe('t', { sequence: 2, page });
    expect(told(client)).toEqual(['gap 1-0', '1:new']);
    expect(client.events.find((event) => event.kind === 'discontinuity')).toMatchObject({
      newPage: page + 1,
    });
  });
});

describe('a reset', () => {
  it('starts a new page at 1 and tells open streams', () => {
    const client = subscribe();
    publish('a');
    publish('b');
    topics.matching({})[0]?.reset(true);
    publish('c');
    expect(told(client)).toEqual(['1:a', '2:b', 'gap 2-0', '1:c']);
  });

  it('can happen in silence, so that only the page shows it', () => {
    const client = subscribe();
    publish('a');
    topics.matching({})[0]?.reset(false);
    publish('b');
    expect(told(client)).toEqual(['1:a', '1:b']);
    expect(client.events.at(-1)).toMatchObject({ page: START_S + 2 });
  });
});

describe('a client that reads slowly', () => {
  it('gets what was held back, in order, when it has caught up', () => {
    const client = subscribe();
    client.keepsUp = false;
    publish('a');
    publish('b');
    publish('c');
    expect(told(client)).toEqual(['1:a']);
    client.keepsUp = true;
    client.subscription.drained();
    publish('d');
    expect(told(client)).toEqual(['1:a', '2:b', '3:c', '4:d']);
  });

  it('stays held back while it takes one at a time', () => {
    const client = subscribe();
    client.keepsUp = false;
    for (const text of ['a', 'b', 'c']) publish(text);
    client.subscription.drained();
    expect(told(client)).toEqual(['1:a', '2:b']);
    client.subscription.drained();
    expect(told(client)).toEqual(['1:a', '2:b', '3:c']);
  });

  it('is told of a discontinuity instead of filling the memory', () => {
    const client = subscribe();
    client.keepsUp = false;
    for (let n = 1; n <= 20_000; n++) publish(String(n));
    client.keepsUp = true;
    client.subscription.drained();
    publish('live');
    const seen = told(client);
    expect(seen).toHaveLength(1 + 8192 + 2);
    expect(seen.slice(-3)).toEqual(['8193:8193', 'gap 8193-20000', '20001:live']);
  });

  it('gets no heartbeats heaped up', () => {
    const client = subscribe();
    client.keepsUp = false;
    publish('a');
    clock.advance(60_000);
    client.keepsUp = true;
    client.subscription.drained();
    expect(told(client, true)).toEqual(['heartbeat', '1:a']);
  });
});

describe('a silent stream', () => {
  it('gets nothing, and later what comes later', () => {
    const client = subscribe();
    const restore = client.subscription.silence();
    publish('lost');
    clock.advance(60_000);
    expect(told(client, true)).toEqual(['heartbeat']);
    restore();
    restore();
    publish('heard');
    expect(told(client)).toEqual(['2:heard']);
  });

  it('gets what was held back for it before the silence when that is over', () => {
    const client = subscribe();
    client.keepsUp = false;
    publish('taken');
    publish('held back');
    const restore = client.subscription.silence();
    publish('lost');
    client.keepsUp = true;
    client.subscription.drained();
    expect(told(client)).toEqual(['1:taken']);
    restore();
    publish('heard');
    expect(told(client)).toEqual(['1:taken', '2:held back', '4:heard']);
  });

  it('stays silent until every silence is over', () => {
    const client = subscribe();
    const one = client.subscription.silence();
    const two = client.subscription.silence();
    one();
    publish('lost');
    two();
    publish('heard');
    expect(told(client)).toEqual(['2:heard']);
  });
});
