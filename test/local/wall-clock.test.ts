import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/local/engine/cache.js';
import { type LocalClock, ManualClock } from '../../src/local/engine/clock.js';
import { Tokens } from '../../src/local/engine/tokens.js';
import { createLocalEngine } from '../../src/local/index.js';
import { LimitChecks } from '../../src/local/limits.js';
import { MomentoError } from '../../src/local/status.js';
import { TestClock } from '../../src/testing/test-clock.js';

const MINUTE = 60_000;
const JUMPS = [10 * MINUTE, 60 * MINUTE, 5 * 24 * 60 * MINUTE].flatMap((ms) => [ms, -ms]);

/** A clock whose wall time somebody sets. */
class SetClock implements LocalClock {
  readonly real = new ManualClock(1_700_000_000_000);
  jump = 0;
  now(): number {
    return this.real.now() + this.jump;
  }
  monotonic(): number {
    return this.real.now();
  }
  setTimeout(callback: () => void, ms: number): () => void {
    return this.real.setTimeout(callback, ms);
  }
}

describe.each(JUMPS)('a wall clock that is set by %i ms', (jump) => {
  it('neither shortens nor lengthens the TTL of an item', () => {
    const clock = new SetClock();
    const cache = new Cache('chat', clock);
    cache.set('k', 'scalar', Buffer.from('v'), { ttlMs: MINUTE, refresh: true });
    clock.jump = jump;
    expect(cache.remainingTtl('k')).toBe(MINUTE);
    clock.real.advance(MINUTE - 1);
    expect(cache.has('k')).toBe(true);
    clock.real.advance(1);
    expect(cache.has('k')).toBe(false);
  });

  it('leaves a token its life, its stream too, and what it says of its end', () => {
    const clock = new SetClock();
    const tokens = new Tokens(clock);
    const { token, expiresAt } = tokens.mintDisposable({
      superUser: false,
      permissions: [{ on: 'items', role: { read: true, write: true }, caches: 'all', names: 'all' }],
      lifeSeconds: 60,
    });
    expect(expiresAt).toBe(clock.now() + MINUTE);
    clock.jump = jump;
    const ends: MomentoError[] = [];
    tokens.watch(token, (error) => ends.push(error));
    clock.real.advance(MINUTE - 1);
    expect(tokens.principal(token).disposable).toBe(true);
    expect(ends).toEqual([]);
    clock.real.advance(1);
    expect(() => tokens.principal(token)).toThrow(MomentoError);
    expect(ends.map(({ code }) => code)).toEqual(['UNAUTHENTICATED']);
  });

  it('leaves rates as they are', () => {
    const clock = new SetClock();
    const limits = new LimitChecks({ tokenMintsPerSecond: 1 }, clock);
    limits.mint();
    clock.jump = jump;
    expect(() => limits.mint()).toThrow(MomentoError);
    clock.real.advance(1000);
    limits.mint();
  });

  it('gives items that were kept in a file back the time they had left', () => {
    const clock = new SetClock();
    const cache = new Cache('chat', clock);
    cache.set('k', 'scalar', Buffer.from('v'), { ttlMs: MINUTE, refresh: true });
    clock.jump = jump;
    const again = new Cache('chat', clock);
    for (const [key, item] of cache.entries()) again.restore(key, item);
    expect(again.remainingTtl('k')).toBe(MINUTE);
  });

  it('neither delays nor hastens the timers of a TestClock', () => {
    const clock = new SetClock();
    const test = new TestClock(clock);
    let fired = 0;
    test.setTimeout(() => fired++, MINUTE);
    clock.jump = jump;
    test.advance(MINUTE - 1);
    expect(fired).toBe(0);
    test.advance(1);
    expect(fired).toBe(1);
  });

  it('neither delays nor hastens a delayed call', async () => {
    const clock = new SetClock();
    const engine = createLocalEngine({ caches: ['chat'], clock });
    engine.faults.delay({ ms: MINUTE });
    const request = new Request('http://local/cache_client.Ping/Ping', {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web' },
      body: Buffer.alloc(5),
    });
    let answered = false;
    const answer = engine.fetch(request).then(async (response) => {
      await response.arrayBuffer();
      answered = true;
    });
    await expect.poll(() => clock.real.pending).toBe(1);
    clock.jump = jump;
    clock.real.advance(MINUTE - 1);
    expect(answered).toBe(false);
    clock.real.advance(1);
    await answer;
    engine.close();
  });
});
