import type { Instant, Scheduler } from '../shared/clock.js';
import type { VendedToken } from '../shared/vended-token.js';

/** A token is renewed after this share of its life, drawn anew each time so that clients do not come together. */
const RENEW_SHARE = { least: 0.75, spread: 0.15 };
/** If a new token has less life left than this by our clock, the clocks differ (milliseconds). */
const LEAST_CREDIBLE_MS = 10_000;
/** Life assumed of a token that is over by our clock alone: a wrong clock is likelier than a dead token (milliseconds). */
const ASSUMED_LIFE_MS = 60_000;
const MAX_LIFE_MS = 25 * 3_600_000;

/** Milliseconds from the moment at which a token was asked for until it is to be renewed. */
export function renewAfterMs(
  { exp, expiresIn }: VendedToken,
  asked: Pick<Instant, 'wall'>,
  chance: Pick<Scheduler, 'random'>,
): number {
  const told = expiresIn === undefined ? exp * 1000 - asked.wall : expiresIn * 1000;
  const credible = told > (expiresIn === undefined ? LEAST_CREDIBLE_MS : 0);
  const life = credible ? Math.min(told, MAX_LIFE_MS) : ASSUMED_LIFE_MS;
  return Math.max(1000, life * (RENEW_SHARE.least + RENEW_SHARE.spread * chance.random()));
}
