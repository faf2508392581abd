import { auth, token as tokenTypes } from '@gomomento/generated-types';
import type { MintedToken } from '../engine/tokens.js';
import { MomentoError } from '../status.js';
import { requireRoot, requireSuperUser } from './access.js';
import { permissionsFrom } from './permission-messages.js';
import { type Rpc, type Services, unary } from './rpc.js';

const authMessages = auth.auth;
const tokenMessages = tokenTypes.token;

/** Minting tokens and API keys, and renewing keys. The caller's own token stands in these messages, not in the metadata. */
export function tokenRpcs({ engine, limits }: Services, endpoint: () => string): Rpc[] {
  const { GenerateApiToken, RefreshApiToken } = authMessages.UnimplementedAuthService.definition;
  const { GenerateDisposableToken } = tokenMessages.UnimplementedTokenService.definition;
  return [
    unary(GenerateDisposableToken, {
      token: (request) => request.auth_token,
      authorize: (_, caller) => requireSuperUser(caller, 'mint tokens'),
      run(request) {
        const minted = engine.tokens.mintDisposable({
          ...permissionsFrom(request.permissions),
          lifeSeconds: request.expires?.valid_for_seconds ?? 0,
          tokenId: request.token_id,
        });
        limits.mint();
        const { api_key, valid_until } = answer(minted);
        return new tokenMessages._GenerateDisposableTokenResponse({
          api_key,
          valid_until,
          endpoint: endpoint(),
        });
      },
    }),
    unary(GenerateApiToken, {
      token: (request) => request.auth_token,
      authorize(request, caller) {
        requireSuperUser(caller, 'mint API keys');
        if (request.permissions?.has_super_user) requireRoot(caller);
      },
      run(request) {
        const minted = engine.tokens.mintKey({
          ...permissionsFrom(request.permissions),
          lifeSeconds: request.has_expires ? request.expires.valid_for_seconds : undefined,
        });
        return new authMessages._GenerateApiTokenResponse({ ...answer(minted), endpoint: endpoint() });
      },
    }),
    unary(RefreshApiToken, {
      // The key being renewed is the credential; it may be any key, so there is nothing more to allow.
      token: (request) => request.api_key,
      authorize: () => {},
      run(request) {
        if (request.api_key === '') throw new MomentoError('UNAUTHENTICATED', 'Invalid API key');
        const minted = engine.tokens.refresh(request.api_key, request.refresh_token);
        return new authMessages._RefreshApiTokenResponse({ ...answer(minted), endpoint: endpoint() });
      },
    }),
  ];
}

function answer(minted: MintedToken): { api_key: string; refresh_token: string; valid_until: number } {
  return {
    api_key: minted.token,
    refresh_token: minted.refreshToken,
    // Whole seconds, rounded down: nobody is told that a token lives longer than it does. The SDKs read 0 as never.
    valid_until: Number.isFinite(minted.expiresAt) ? Math.floor(minted.expiresAt / 1000) : 0,
  };
}
