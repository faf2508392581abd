import type { MomentoClients } from '../transport/client-types.js';
import type { BaseSession } from './chat-session.js';
import { type Connection, fixedConnection } from './connection.js';
import type { Environment } from './environment.js';
import { TokenProvider } from './token-provider.js';
import type { TokenSource } from './token-source.js';

/** How a room gets at Momento: by a token of its own, the tokens of a session, or clients of the app's. */
export type Access = { token: TokenSource } | { session: BaseSession } | { clients: MomentoClients };

/** Opens the connection of one join. Calls `onRequest` when it asks for a token of its own. */
export function openConnection(access: Access, environment: Environment, onRequest: () => void): Connection {
  if ('clients' in access) return fixedConnection(access.clients, environment);
  if ('session' in access) return access.session.openConnection();
  return new TokenProvider({ source: access.token, environment, onRequest });
}
