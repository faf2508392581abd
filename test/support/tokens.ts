import type { TokenRequest, VendedToken } from 'momento-chat';
import type { LocalMomento } from 'momento-chat/local';
import { eventsTopic, historyKey, keyPrefix, messagesTopic } from '../../src/shared/room-address.js';
import { mint, type Statement } from '../local/support/mint.js';

/** A token source that mints a new token for each request and notes what it was asked and what it gave. */
export interface TokenMint {
  source(request: TokenRequest): Promise<VendedToken>;
  readonly requests: TokenRequest[];
  readonly tokens: string[];
}

export function tokenMint(momento: LocalMomento, { lifeSeconds = 3600, tokenId = '' } = {}): TokenMint {
  const requests: TokenRequest[] = [];
  const tokens: string[] = [];
  return {
    requests,
    tokens,
    async source(request) {
      requests.push(request);
      const token = await mint(momento, request.rooms.flatMap(memberOf), { lifeSeconds, tokenId });
      tokens.push(token);
      return { token, exp: Date.now() / 1000 + lifeSeconds, expiresIn: lifeSeconds, endpoint: momento.url };
    },
  };
}

function memberOf(room: string): Statement[] {
  return [
    { on: 'topics', role: 'both', select: { name: messagesTopic(room) } },
    { on: 'topics', role: 'both', select: { name: eventsTopic(room) } },
    { on: 'items', role: 'both', select: { name: historyKey(room) } },
    { on: 'items', role: 'both', select: { prefix: keyPrefix(room) } },
  ];
}
