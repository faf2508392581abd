import type { MomentoClients } from '../transport/client-types.js';
import type { BaseSession } from './chat-session.js';
import { type Connection, fixedConnection } from './connection.js';
import type { Environment } from './environment.js';
import { TokenProvider } from './token-provider.js';
import type { TokenSource } from './token-source.js';

/** How a room gets at Momento, one of these: by a token of its own, the tokens of a session, or clients of the app's. */
export interface Access {
  token: TokenSource | undefined;
  session: BaseSession | undefined;
  clients: MomentoClients | undefined;
}

/** Opens the connection of one join. Calls `onRequest` when it asks for a token of its own. */
export function openConnection(
  { token, session, clients }: Access,
  environment: Environment,
  onRequest: () => void,
): Connection {
  if (clients !== undefined) return fixedConnection(clients, environment);
  if (session !== undefined) return session.openConnection();
  return new TokenProvider({ source: token as TokenSource, environment, onRequest });
}
