import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/local/engine/clock.js';
import { LimitChecks, MOMENTO_LIMITS } from '../../src/local/limits.js';

const exhausted = (err?: string) =>
  expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', metadata: err ? { err } : {} });

describe('limits', () => {
  it('are off unless given', () => {
    const limits = new LimitChecks({}, new ManualClock());
    for (let n = 0; n < 1000; n++) {
      limits.operation('/cache_client.Scs/Get');
      limits.mint();
    }
    limits.subscription(1e6);
    limits.publish(1e9);
    limits.element(1e9);
    limits.item(Buffer.alloc(1), Buffer.alloc(6_000_000));
    limits.ttl(1e12);
  });

  it('allow exactly what they say, and name the reason beyond', () => {
    const limits = new LimitChecks(MOMENTO_LIMITS, new ManualClock());
    limits.publish(4096);
    expect(() => limits.publish(4097)).toThrow(exhausted('request_size_limit_exceeded'));
    limits.element(131_072);
    expect(() => limits.element(131_073)).toThrow(exhausted('element_size_limit_exceeded'));
    limits.item(Buffer.alloc(192), Buffer.alloc(5_000_000));
    expect(() => limits.item(Buffer.alloc(193), Buffer.alloc(5_000_000))).toThrow(
      exhausted('request_size_limit_exceeded'),
    );
    limits.ttl(86_400_000);
    expect(() => limits.ttl(86_400_001)).toThrow(exhausted());
    limits.subscription(99);
    expect(() => limits.subscription(100)).toThrow(exhausted('topic_subscriptions_limit_exceeded'));
  });

  it('on rates are per second, over any second', () => {
    const clock = new ManualClock(0);
    const limits = new LimitChecks({ tokenMintsPerSecond: 2 }, clock);
    limits.mint();
    clock.advance(600);
    limits.mint();
    expect(() => limits.mint()).toThrow(exhausted('operations_rate_limit_exceeded'));
    clock.advance(400);
    limits.mint();
    expect(() => limits.mint()).toThrow(exhausted('operations_rate_limit_exceeded'));
    clock.advance(600);
    limits.mint();
  });

  it('must be greater than 0', () => {
    expect(() => new LimitChecks({ publishBytes: 0 }, new ManualClock())).toThrow(RangeError);
    expect(() => new LimitChecks({ ttlSeconds: Number.NaN }, new ManualClock())).toThrow(
      /limits\.ttlSeconds/,
    );
  });
});
