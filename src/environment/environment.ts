import { connectWithToken, type MomentoClients, preloadSdk } from '../session/clients.js';
import type { VendedToken } from '../vended-token.js';
import { type Connectivity, systemConnectivity } from './connectivity.js';
import { type Scheduler, systemScheduler } from './scheduler.js';

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
