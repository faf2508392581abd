import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/local/engine/clock.js';
import { Engine } from '../../../src/local/engine/engine.js';
import { type Connections, FaultState } from '../../../src/local/faults/fault-state.js';
import type { MomentoError } from '../../../src/local/status.js';

let clock: ManualClock;
let connections: Connections & { dropped: number };
let engine: Engine;
let faults: FaultState;

beforeEach(() => {
  clock = new ManualClock();
  connections = {
    refusing: false,
    dropped: 0,
    dropAll() {
      connections.dropped++;
      return 3;
    },
  };
  engine = new Engine({ clock, heartbeatMs: 5000, replayItems: 10 });
  faults = new FaultState(engine, connections, ['Publish', 'Get']);
});

describe('refusing connections', () => {
  it('ends by itself after the time given', () => {
    faults.refuseConnections(1000);
    clock.advance(999);
    expect(connections.refusing).toBe(true);
    clock.advance(1);
    expect(connections.refusing).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('ends when the last of those who asked for it takes it back', () => {
    const one = faults.refuseConnections();
    const two = faults.refuseConnections(1000);
    two();
    two();
    expect(connections.refusing).toBe(true);
    one();
    expect(connections.refusing).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('together with cutting the open ones is being offline', () => {
    const restore = faults.goOffline();
    expect(connections).toMatchObject({ refusing: true, dropped: 1 });
    restore();
    expect(connections.refusing).toBe(false);
    expect(faults.dropConnections()).toBe(3);
  });
});

it('a restart without a time lets everyone in again at once, also where a test moves the clock', () => {
  faults.restart();
  expect(connections).toMatchObject({ refusing: false, dropped: 1 });
});

describe('a fault for calls', () => {
  it('is used up by those that match, and only by those', () => {
    faults.failNext({ rpc: 'Publish', code: 'ABORTED', times: 2 });
    expect(faults.takeFailure('Get')).toBeUndefined();
    expect(faults.takeFailure('Publish')).toMatchObject({
      code: 'ABORTED',
      message: 'Injected fault: ABORTED',
    });
    expect(faults.takeFailure('Publish')).toBeDefined();
    expect(faults.takeFailure('Publish')).toBeUndefined();
  });

  it('without an RPC is for all, and the older of two goes first', () => {
    faults.failNext({ code: 'ABORTED' });
    faults.failNext({ rpc: 'Get', code: 'INTERNAL' });
    expect(faults.takeFailure('Get')?.code).toBe('ABORTED');
    expect(faults.takeFailure('Get')?.code).toBe('INTERNAL');
  });

  it('that delays lasts as long as the longest that matches, and uses up each of them', () => {
    faults.delay({ ms: 5 });
    faults.delay({ rpc: 'Get', ms: 300, times: 1 });
    faults.delay({ rpc: 'Get', ms: 200, times: 2 });
    expect(faults.takeDelay('Publish')).toBe(5);
    expect([1, 2, 3].map(() => faults.takeDelay('Get'))).toEqual([300, 200, 5]);
  });

  it('can be taken back before it is used up, and reset takes back all', () => {
    const restore = faults.dropResponses({ times: 5, how: 'hang' });
    expect(faults.takeUnanswered('Get')).toBe('hang');
    restore();
    expect(faults.takeUnanswered('Get')).toBeUndefined();
    faults.delay({ ms: 5 });
    faults.losePublishes(5);
    faults.refuseConnections();
    faults.reset();
    expect(faults.takeDelay('Get')).toBe(0);
    expect(faults.takeLoss('chat', 't')).toBeUndefined();
    expect(connections.refusing).toBe(false);
  });

  it('for publishes goes by cache and topic', () => {
    faults.losePublishes(1, { cache: 'chat', topic: 't', numbered: false });
    expect(faults.takeLoss('chat', 'u')).toBeUndefined();
    expect(faults.takeLoss('other', 't')).toBeUndefined();
    expect(faults.takeLoss('chat', 't')).toEqual({ numbered: false });
    expect(faults.takeLoss('chat', 't')).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['a code that gRPC does not have', () => faults.failNext({ code: 'UNAVAILBLE' as never })],
    ['the code of success', () => faults.failNext({ code: 'OK' as never })],
    ['no code', () => faults.failNext({} as never)],
    ['a code for streams that gRPC does not have', () => faults.endStreams({ code: 'ABORT' as never })],
    ['no time', () => faults.delay({} as never)],
    ['a time before now', () => faults.delay({ ms: -1 })],
    ['no count', () => faults.losePublishes(undefined as never)],
    ['an unknown way to lose answers', () => faults.dropResponses({ how: 'cat' as never })],
  ])('with %s is refused: a test that meets no fault would pass', (_, inject) => {
    expect(inject).toThrow(TypeError);
  });

  it('for no calls at all is none', () => {
    faults.losePublishes(0);
    expect(faults.takeLoss('chat', 't')).toBeUndefined();
    expect(() => faults.losePublishes(Number.NaN)).toThrow(TypeError);
  });
});

describe('faults for new streams', () => {
  /** Opens a stream as the server does. */
  function open(topic: string) {
    const stream = { heartbeats: 0, ended: [] as (MomentoError | undefined)[] };
    const subscription = engine.topics.subscribe('chat', topic, {
      send: () => {
        stream.heartbeats++;
        return true;
      },
      end: (error) => stream.ended.push(error),
    });
    faults.onSubscription(subscription, 'chat', topic);
    subscription.start({ sequence: 0, page: 0 });
    return stream;
  }

  it('that silence them all hold, until the last is taken back', () => {
    const restoreAll = faults.silenceStreams({ includeNew: true });
    const restoreOne = faults.silenceStreams({ topic: 't', includeNew: true });
    const stream = open('t');
    restoreAll();
    clock.advance(5000);
    expect(stream.heartbeats).toBe(0);
    restoreOne();
    clock.advance(5000);
    expect(stream.heartbeats).toBe(1);
  });

  it('that end them all hold, and the first that is due ends the stream', () => {
    faults.endStreams({ code: 'ABORTED', after: 3, includeNew: true });
    faults.endStreams({ code: 'UNAVAILABLE', topic: 't', includeNew: true, after: 2 });
    const stream = open('t');
    const other = open('u');
    clock.advance(10_000);
    expect(stream.ended).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect(other.ended).toMatchObject([{ code: 'ABORTED' }]);
  });
});
