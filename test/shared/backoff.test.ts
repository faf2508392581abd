import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffDelay } from '../../src/shared/backoff.js';
import { VirtualTime } from '../support/virtual-time.js';

const bounds = { baseMs: 500, maxMs: 30_000 };

it('G4: a delay never exceeds its bound, however many attempts there were', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(), (attempt, seed) => {
      const delay = backoffDelay(attempt, bounds, new VirtualTime(seed));
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(Math.min(bounds.maxMs, bounds.baseMs * 2 ** attempt));
    }),
  );
});

it('a thousand clients that failed together come back spread over the whole bound', () => {
  const time = new VirtualTime(7);
  const delays = Array.from({ length: 1000 }, () => backoffDelay(6, bounds, time));
  const histogram = Array.from(
    { length: 10 },
    (_, bin) => delays.filter((ms) => Math.floor(ms / 3000) === bin).length,
  );
  for (const count of histogram) expect(count).toBeGreaterThan(50);
});
