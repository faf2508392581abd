import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { invalidRequest, MomentoError } from '../status.js';
import { type LocalClock, monotonic } from './clock.js';
import { anySameScope, type Permission, type Principal } from './permissions.js';

/** Momento's own bounds on disposable tokens. */
const LONGEST_DISPOSABLE_LIFE_S = 25 * 60 * 60;
const MOST_STATEMENTS = 20;
const LONGEST_TOKEN_ID = 64;

/** Verified tokens remembered, so that a call costs a lookup and not a signature. */
const REMEMBERED = 4096;

export interface TokenRequest {
  superUser: boolean;
  permissions: readonly Permission[];
  /** Seconds; undefined: never ends. */
  lifeSeconds: number | undefined;
  tokenId?: string;
}

export interface MintedToken {
  token: string;
  /** Lets an API key be renewed; '' for disposable tokens. */
  refreshToken: string;
  /** Milliseconds since the Unix epoch; Infinity when it never ends. */
  expiresAt: number;
}

interface Claims {
  kind: 'disposable' | 'key' | 'refresh';
  /** Serial number: what it is revoked by, and what ties a refresh token to its key. */
  serial: number;
  superUser: boolean;
  permissions: readonly Permission[];
  tokenId: string;
  /** The expiry that the token tells others: milliseconds since the Unix epoch. */
  expiresAt: number | null;
  /** When it ends here, by the monotonic clock: a wall clock that is set neither shortens nor lengthens its life. */
  endsAt: number | null;
  lifeSeconds: number | null;
}

/**
 * Mints and reads tokens. A token is a signed text that only this server instance can have made; what it says can be
 * read by anyone and changed by no one.
 */
export class Tokens {
  readonly #clock: LocalClock;
  readonly #secret = randomBytes(32);
  readonly #verified = new Map<string, Claims>();
  readonly #revoked = new Set<number>();
  readonly #watchers = new Set<{ claims: Claims | undefined; expire: () => void }>();
  #serial = 0;
  #revokedUpTo = 0;

  /** The key that may do everything and never ends. */
  readonly superUserKey: string;

  constructor(clock: LocalClock) {
    this.#clock = clock;
    this.superUserKey = this.#sign({
      kind: 'key',
      serial: this.#serial++,
      superUser: true,
      permissions: [],
      tokenId: '',
      expiresAt: null,
      endsAt: null,
      lifeSeconds: null,
    });
    this.#revokedUpTo = this.#serial;
  }

  mintDisposable(request: TokenRequest & { lifeSeconds: number }): MintedToken {
    const { permissions, tokenId = '', lifeSeconds } = request;
    if (request.superUser) invalidRequest('a disposable token cannot have super-user permissions');
    if (permissions.length === 0) invalidRequest('a token needs at least one permission');
    if (permissions.length > MOST_STATEMENTS) {
      invalidRequest(
        `a disposable token can have at most ${MOST_STATEMENTS} permissions, got ${permissions.length}`,
      );
    }
    if (!(lifeSeconds > 0)) invalidRequest('a disposable token must live for more than 0 seconds');
    if (lifeSeconds > LONGEST_DISPOSABLE_LIFE_S)
      invalidRequest('a disposable token can live for at most 25 hours');
    if (tokenId.length > LONGEST_TOKEN_ID) {
      invalidRequest(`a token id can have at most ${LONGEST_TOKEN_ID} characters`);
    }
    return this.#mint('disposable', request);
  }

  mintKey(request: TokenRequest): MintedToken {
    if (!request.superUser && request.permissions.length === 0)
      invalidRequest('an API key needs at least one permission');
    if (anySameScope(request.permissions)) {
      invalidRequest('an API key can have only one permission for the same items or topics');
    }
    if (request.lifeSeconds !== undefined && !(request.lifeSeconds > 0)) {
      invalidRequest('an API key must live for more than 0 seconds');
    }
    return this.#mint('key', request);
  }

  /** A key with the same permissions and the same length of life as `key`, starting now. */
  refresh(key: string, refreshToken: string): MintedToken {
    const claims = this.#valid(key);
    const refresh = this.#claims(refreshToken);
    if (claims.kind !== 'key' || refresh?.kind !== 'refresh' || refresh.serial !== claims.serial) {
      throw new MomentoError('UNAUTHENTICATED', 'Invalid refresh token for this API key');
    }
    return this.#mint('key', {
      superUser: claims.superUser,
      permissions: claims.permissions,
      lifeSeconds: claims.lifeSeconds ?? undefined,
    });
  }

  /** Returns the principal that the token stands for; UNAUTHENTICATED when it was not made here or has ended. */
  principal(token: string): Principal {
    const claims = this.#valid(token);
    if (claims.kind === 'refresh') throw new MomentoError('UNAUTHENTICATED', 'Invalid API key');
    return {
      superUser: claims.superUser,
      root: claims.serial === 0,
      tokenId: claims.tokenId,
      permissions: claims.permissions,
      disposable: claims.kind === 'disposable',
    };
  }

  /** Calls `onEnd` once when the token ends, by time or by hand; the returned function takes that back. */
  watch(token: string, onEnd: (error: MomentoError) => void): () => void {
    const claims = this.#claims(token);
    let stopTimer = (): void => {};
    const watcher = {
      claims,
      expire: () => {
        unwatch();
        onEnd(expired());
      },
    };
    const unwatch = (): void => {
      stopTimer();
      this.#watchers.delete(watcher);
    };
    this.#watchers.add(watcher);
    if (claims && claims.endsAt !== null) {
      stopTimer = this.#clock.setTimeout(watcher.expire, claims.endsAt - monotonic(this.#clock));
    }
    return unwatch;
  }

  /** Ends the token now, in whatever form the SDKs carry it. The server's own key cannot be ended. */
  expire(token: string): void {
    const claims = this.#claims(token) ?? this.#claims(unwrapped(token));
    if (!claims) throw new TypeError('unable to expire the token; this server did not mint it');
    if (claims.serial === 0) throw new TypeError("unable to expire the token; it is the server's own key");
    this.#revoked.add(claims.serial);
    this.#endWatched();
  }

  /** Ends every token and key minted so far, but for the server's own key. */
  expireAll(): void {
    this.#revokedUpTo = this.#serial;
    this.#revoked.clear();
    this.#endWatched();
  }

  #endWatched(): void {
    for (const watcher of [...this.#watchers]) {
      if (watcher.claims && this.#isRevoked(watcher.claims)) watcher.expire();
    }
  }

  #mint(kind: 'disposable' | 'key', request: TokenRequest): MintedToken {
    const { lifeSeconds } = request;
    const claims: Claims = {
      kind,
      serial: this.#serial++,
      superUser: request.superUser,
      permissions: request.permissions,
      tokenId: request.tokenId ?? '',
      expiresAt: lifeSeconds === undefined ? null : this.#clock.now() + lifeSeconds * 1000,
      endsAt: lifeSeconds === undefined ? null : monotonic(this.#clock) + lifeSeconds * 1000,
      lifeSeconds: lifeSeconds ?? null,
    };
    return {
      token: this.#sign(claims),
      refreshToken:
        kind === 'disposable'
          ? ''
          : this.#sign({ ...claims, kind: 'refresh', superUser: false, permissions: [] }),
      expiresAt: claims.expiresAt ?? Number.POSITIVE_INFINITY,
    };
  }

  #valid(token: string): Claims {
    const claims = this.#claims(token);
    if (!claims) throw new MomentoError('UNAUTHENTICATED', 'Invalid API key');
    if (this.#isRevoked(claims) || (claims.endsAt !== null && claims.endsAt <= monotonic(this.#clock))) {
      throw expired();
    }
    return claims;
  }

  #isRevoked({ serial }: Claims): boolean {
    return serial !== 0 && (serial < this.#revokedUpTo || this.#revoked.has(serial));
  }

  #claims(token: string): Claims | undefined {
    const known = this.#verified.get(token);
    if (known) return known;
    const [version, payload, signature, ...rest] = token.split('.');
    if (version !== 'local' || !payload || !signature || rest.length > 0) return undefined;
    const expected = this.#signature(payload);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size < REMEMBERED) break;
      this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
    return claims;
  }

  #sign(claims: Claims): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `local.${payload}.${this.#signature(payload).toString('base64url')}`;
  }

  #signature(payload: string): Buffer {
    return createHmac('sha256', this.#secret).update(payload).digest();
  }
}

function expired(): MomentoError {
  return new MomentoError('UNAUTHENTICATED', 'The token has expired');
}

/** The token inside the base64 JSON that the SDKs hand around, or '' when it is not that. */
function unwrapped(token: string): string {
  try {
    const { api_key: key } = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as {
      api_key?: unknown;
    };
    return typeof key === 'string' ? key : '';
  } catch {
    return '';
  }
}
