import { isHttpUrl } from '../shared/http-url.js';
import type { VendedToken } from '../shared/vended-token.js';

/** The year 5138 in seconds: an expiry beyond it is one in milliseconds. */
const MAX_SECONDS = 1e11;

/** Why something is no {@link VendedToken}, in words that name the field; undefined when it is one. */
export function tokenProblem(vended: unknown): string | undefined {
  const answer =
    typeof vended === 'object' ? (vended as Partial<Record<keyof VendedToken, unknown>>) : undefined;
  if (typeof answer?.token !== 'string' || answer.token === '') return '`token` is missing: it holds none';
  const { exp, expiresIn, userId, endpoint } = answer;
  if (!isSeconds(exp)) return '`exp` is not a number of seconds since 1970';
  if (exp > MAX_SECONDS) return '`exp` is too large: it is in seconds since 1970, not milliseconds';
  if (expiresIn !== undefined && !isSeconds(expiresIn)) return '`expiresIn` is not a number of seconds';
  if (userId !== undefined && (typeof userId !== 'string' || userId === ''))
    return '`userId` is not a string that is not empty';
  if (endpoint !== undefined && !(typeof endpoint === 'string' && isHttpUrl(endpoint)))
    return '`endpoint` is not an HTTP URL';
  return undefined;
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
