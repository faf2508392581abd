import { randomUUID } from 'node:crypto';

const COOKIE = 'session';
const DAY_MS = 86_400_000;
/** In memory, as long as this process lives; yours may be in a database. */
const sessions = new Map();

/** Signs a user in: the browser gets a random name of the session, and no script of a page can read it. */
export function signIn(response, user) {
  const session = randomUUID();
  sessions.set(session, user);
  // Behind HTTPS: `secure: true` as well.
  response.cookie(COOKIE, session, { httpOnly: true, sameSite: 'strict', maxAge: DAY_MS });
}

/** The user whose session the `Cookie` header names, or undefined. */
export function userOf(cookies = '') {
  const session = cookies
    .split('; ')
    .find((cookie) => cookie.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);
  return sessions.get(session);
}
