import { type Scheduler, systemScheduler } from '../shared/clock.js';
import { type Connectivity, systemConnectivity } from '../shared/connectivity.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { MomentoClients } from '../transport/client-types.js';
import { connectWithToken, preloadSdk } from '../transport/web-sdk.js';

/** Everything the library takes from its surroundings. */
export interface Environment {
  scheduler: Scheduler;
  connectivity: Connectivity;
  /** Told ahead of the first token that {@link connect} will be called. */
  expectConnect?(): void;
  /** Makes SDK clients that speak with a token. */
  connect(token: VendedToken): Promise<MomentoClients>;
}

export const systemEnvironment: Environment = {
  scheduler: systemScheduler,
  connectivity: systemConnectivity,
  expectConnect: preloadSdk,
  connect: connectWithToken,
};
