import { expect, it } from 'vitest';
import { renewAfterMs } from '../../src/session/renewal-time.js';

const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

it.each<[token: string, vended: { exp: number; expiresIn?: number }, lifeMs: number]>([
  ['that says how long it lives is believed', { exp: 0, expiresIn: 3600 }, HOUR_MS],
  ['that lives for seconds only is believed as well', { exp: 0, expiresIn: 5 }, 5000],
  ['that says that it is over lives for a minute', { exp: 0, expiresIn: 0 }, MINUTE_MS],
  ['that says when it ends is taken against the clock here', { exp: SECONDS + 3600 }, HOUR_MS],
  ['that is over by the clock here alone lives for a minute', { exp: SECONDS - 3600 }, MINUTE_MS],
  ['that is nearly over by the clock here alone does, too', { exp: SECONDS + 10 }, MINUTE_MS],
  ['that ends later than any token can lives for 25 hours', { exp: SECONDS + 1e9 }, 25 * HOUR_MS],
])('G4: a token %s; it is renewed after 75 to 90 % of its life', (_, vended, lifeMs) => {
  const after = (random: number) =>
    renewAfterMs({ token: 't', ...vended }, { wall: NOW }, { random: () => random });
  expect(after(0)).toBeCloseTo(0.75 * lifeMs);
  expect(after(0.999_999_999)).toBeCloseTo(0.9 * lifeMs, 0);
});

it('G4: renewals are a second apart at least', () => {
  const vended = { token: 't', exp: 0, expiresIn: 0.1 };
  expect(renewAfterMs(vended, { wall: NOW }, { random: () => 0 })).toBe(1000);
});
