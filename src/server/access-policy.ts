import { roomNameProblem } from '../shared/room-name.js';
import type { ResolvedOptions } from './options.js';
import { callOwn } from './own-function.js';
import type { DisposableTokenScope } from './scope-types.js';
import { GRANT_OF_NOTHING, grantProblem, MAX_ROOMS_PER_TOKEN, scopeProblem, scopeReaches } from './scopes.js';
import { sharedCacheOf } from './token-cache/shared-token-cache.js';
import type { Grant, Identity } from './types.js';
import { badRequest, misused, VendorError } from './vendor-error.js';

const MAX_ROOMS_ASKED = 100;
/** Momento's limit on a token id, counted as the SDKs count it. */
const MAX_TOKEN_ID_LENGTH = 64;

/** The rooms and the permissions that a token is made for. */
export interface Access {
  readonly grant: Grant;
  readonly tokenId: string | undefined;
  /** The permissions, where a `scope` of the user's own gives them. Default: those of the grant. */
  readonly scope: DisposableTokenScope | undefined;
}

type PolicyOptions = Pick<ResolvedOptions, 'allowedRooms' | 'authorize' | 'scope' | 'tokenCache'>;

/**
 * Decides who may do what: from an identity and the rooms that are asked for to a grant, by allow-list, `authorize` and
 * `scope`.
 */
export class AccessPolicy {
  readonly #options: PolicyOptions;
  /** The Momento cache that tokens are kept in, which no token may reach. */
  readonly #tokenCacheName: string | undefined;

  constructor(options: PolicyOptions) {
    this.#options = options;
    this.#tokenCacheName = sharedCacheOf(options.tokenCache)?.cacheName;
  }

  /** Rejects with a VendorError: 400 or 403; 500 where a function of the user's own gave what makes no sense. */
  async decide(identity: Identity | undefined, asked: readonly string[]): Promise<Access> {
    const { authorize, scope } = this.#options;
    checkIdentity(identity);
    const rooms = this.#checkRooms(asked);
    const grant =
      authorize === undefined ? this.#openGrant(rooms) : await this.#grant(authorize, identity, rooms);
    const tokenId = checkedTokenId(grant.userId ?? identity?.userId);
    return { grant, tokenId, scope: scope === undefined ? undefined : await this.#ownScope(scope, grant) };
  }

  #checkRooms(asked: readonly string[]): string[] {
    if (!Array.isArray(asked)) throw badRequest('rooms must be an array of room names');
    const rooms = [...new Set(asked)];
    if (rooms.length > MAX_ROOMS_ASKED) throw badRequest(`at most ${MAX_ROOMS_ASKED} rooms can be asked for`);
    const { allowedRooms } = this.#options;
    for (const room of rooms) {
      // A room on the list has been checked with the list.
      if (allowedRooms?.has(room)) continue;
      const problem = roomNameProblem(room);
      if (problem !== undefined) throw badRequest(problem);
      if (allowedRooms !== undefined) throw denied('a room is not open to everybody');
    }
    return rooms;
  }

  #openGrant(rooms: string[]): Grant {
    const granted = rooms.length === 0 ? [...(this.#options.allowedRooms ?? [])] : rooms;
    if (this.#options.scope === undefined && granted.length > MAX_ROOMS_PER_TOKEN) throw tooManyRooms();
    return { rooms: granted, role: 'member' };
  }

  async #grant(
    authorize: NonNullable<ResolvedOptions['authorize']>,
    identity: Identity | undefined,
    rooms: string[],
  ): Promise<Grant> {
    const grant = await callOwn('authorize', () => authorize(identity, rooms));
    if (grant === null || grant === undefined) throw denied('access to these rooms is refused');
    const problem = grantProblem(grant);
    // Nothing for nothing is what a function says that grants what was asked; the client forgot to ask.
    if (problem === GRANT_OF_NOTHING && rooms.length === 0) throw badRequest('name at least one room');
    if (problem !== undefined) throw misused('authorize', problem);
    if (!Array.isArray(grant.rooms)) return { ...grant, rooms: { prefix: grant.rooms.prefix } };
    const granted = [...new Set(grant.rooms)];
    if (this.#options.scope === undefined && granted.length > MAX_ROOMS_PER_TOKEN) throw tooManyRooms();
    return { ...grant, rooms: granted };
  }

  async #ownScope(
    makeScope: NonNullable<ResolvedOptions['scope']>,
    grant: Grant,
  ): Promise<DisposableTokenScope> {
    const scope = await callOwn('scope', () => makeScope(grant));
    const problem = scopeProblem(scope);
    if (problem !== undefined) throw misused('scope', problem);
    if (this.#tokenCacheName !== undefined && scopeReaches(scope, this.#tokenCacheName)) {
      throw misused('scope', `it reaches the cache '${this.#tokenCacheName}' that tokens are kept in`);
    }
    return scope;
  }
}

function checkIdentity(identity: Identity | undefined): void {
  if (identity === undefined) return;
  if (typeof identity !== 'object' || identity === null || typeof identity.userId !== 'string') {
    throw misused('authenticate', 'an identity must be an object with a userId, or null');
  }
}

// Lone surrogates: two different ids would become the same bytes, and share a token.
function checkedTokenId(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  if (userId.length === 0 || userId.length > MAX_TOKEN_ID_LENGTH) {
    throw badRequest(
      `a user id must have 1 to ${MAX_TOKEN_ID_LENGTH} characters, Momento's limit on token ids`,
    );
  }
  if (/[\p{Cc}\p{Cs}]/u.test(userId)) throw badRequest('a user id must not hold control characters');
  return userId;
}

function tooManyRooms(): VendorError {
  return badRequest(
    `a token has room for ${MAX_ROOMS_PER_TOKEN} rooms; ask for fewer, or have authorize grant { prefix }`,
  );
}

function denied(message: string): VendorError {
  return new VendorError('permission-denied', message, { status: 403, step: 'authorize' });
}
