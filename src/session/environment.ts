import type { Scheduler } from '../shared/clock.js';
import type { Connectivity } from '../shared/connectivity.js';
import type { PageVisibility } from '../shared/page-visibility.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { MomentoClients } from '../transport/client-types.js';
import type { Transport } from '../transport/transport.js';

/** Everything the library takes from its surroundings. */
export interface Environment {
  scheduler: Scheduler;
  connectivity: Connectivity;
  /** Default: the page's own. */
  visibility?: PageVisibility | undefined;
  /** Told ahead of the first token that {@link connect} will be called. */
  expectConnect?(): void;
  /** Makes a transport that speaks with a token. Rejects with a `ChatError`. */
  connect(token: VendedToken, scheduler: Scheduler): Promise<Transport>;
  /** Makes a transport of the SDK clients that the app brought along. */
  connectClients(clients: MomentoClients, scheduler: Scheduler): Promise<Transport>;
}
