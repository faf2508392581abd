import {
  auth,
  cache,
  control,
  functions,
  leaderboard,
  ping,
  pubsub,
  token,
  webhook,
} from '@gomomento/generated-types';
import { batchRpcs } from './batch-rpcs.js';
import { conditionalRpcs } from './conditional-rpcs.js';
import { controlRpcs } from './control-rpcs.js';
import { dictionaryRpcs } from './dictionary-rpcs.js';
import { itemRpcs } from './item-rpcs.js';
import { listRpcs } from './list-rpcs.js';
import { pubsubRpcs } from './pubsub-rpcs.js';
import { type Rpc, type Services, unary } from './rpc.js';
import { scalarRpcs } from './scalar-rpcs.js';
import { setRpcs } from './set-rpcs.js';
import { sortedSetRpcs } from './sorted-set-rpcs.js';
import { tokenRpcs } from './token-rpcs.js';

interface MomentoMethod {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
}

/** Every RPC that Momento has, served here or not. */
export const MOMENTO_METHODS: readonly MomentoMethod[] = [
  cache.cache_client.UnimplementedScsService.definition,
  control.control_client.UnimplementedScsControlService.definition,
  pubsub.cache_client.pubsub.UnimplementedPubsubService.definition,
  ping.cache_client.UnimplementedPingService.definition,
  auth.auth.UnimplementedAuthService.definition,
  token.token.UnimplementedTokenService.definition,
  leaderboard.leaderboard.UnimplementedLeaderboardService.definition,
  webhook.webhook.UnimplementedWebhookService.definition,
  functions.function_client.UnimplementedFunctionRegistryService.definition,
  functions.function_client.UnimplementedFunctionHostService.definition,
].flatMap((definition) => Object.values<MomentoMethod>(definition));

/** The RPCs that are served here, by path. */
export function rpcTable(services: Services, endpoint: () => string): ReadonlyMap<string, Rpc> {
  const { Ping } = ping.cache_client.UnimplementedPingService.definition;
  const rpcs = [
    ...controlRpcs(services),
    ...scalarRpcs(services),
    ...conditionalRpcs(services),
    ...batchRpcs(services),
    ...itemRpcs(services),
    ...dictionaryRpcs(services),
    ...setRpcs(services),
    ...listRpcs(services),
    ...sortedSetRpcs(services),
    ...pubsubRpcs(services),
    ...tokenRpcs(services, endpoint),
    unary(Ping, { public: true, authorize: () => {}, run: () => new ping.cache_client._PingResponse() }),
  ];
  return new Map(rpcs.map((rpc) => [rpc.path, rpc]));
}
