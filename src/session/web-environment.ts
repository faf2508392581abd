import { systemScheduler } from '../shared/clock.js';
import { systemConnectivity } from '../shared/connectivity.js';
import { sdkTransport } from '../transport/sdk-transport.js';
import { connectWithToken, preloadSdk } from '../transport/web-sdk.js';
import type { Environment } from './environment.js';

/** The environment of `momento-chat`: tokens are used by way of `@gomomento/sdk-web`. */
export const webEnvironment: Environment = {
  scheduler: systemScheduler,
  connectivity: systemConnectivity,
  expectConnect: preloadSdk,
  connect: connectWithToken,
  connectClients: async (clients, scheduler) => sdkTransport(clients, scheduler),
};
