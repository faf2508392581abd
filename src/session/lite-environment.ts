import { systemScheduler } from '../shared/clock.js';
import { systemConnectivity } from '../shared/connectivity.js';
import { loadOnce } from '../shared/load-once.js';
import { loadPart } from '../shared/load-part.js';
import { fetchTransport } from '../transport/fetch-transport.js';
import type { Environment } from './environment.js';

/** A page without clients of its own never loads what speaks with them. */
const loadSdkTransport = /* @__PURE__ */ loadOnce(() =>
  loadPart('connect', () => import('../transport/sdk-transport.js'), 'sdkTransport'),
);

/** The environment of `momento-chat/lite`: tokens are used over `fetch`. */
export const liteEnvironment: Environment = {
  scheduler: systemScheduler,
  connectivity: systemConnectivity,
  connect: async ({ token, endpoint }) => fetchTransport({ token, endpoint }),
  connectClients: async (clients, scheduler) => (await loadSdkTransport()).sdkTransport(clients, scheduler),
};
