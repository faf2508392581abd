import { type Environment, systemEnvironment } from './environment/environment.js';
import type { ResolvedOptions } from './options.js';
import { Sending } from './sending.js';
import { type Connection, FixedConnection } from './session/connection.js';
import { TokenConnection } from './session/token-connection.js';
import { Visit } from './visit.js';

/**
 * What a room loads when it is joined, together with the SDK: until then a page carries neither. This module is
 * imported dynamically, and nothing else may import it.
 */
export function enter(
  { access, environment = systemEnvironment }: Pick<ResolvedOptions, 'access' | 'environment'>,
  options: Omit<ConstructorParameters<typeof Visit>[0], 'connection' | 'environment'>,
): Visit {
  return new Visit({ ...options, environment, connection: connectionFor(access, environment) });
}

/** What a room sends with, from its first visit on. */
export function openSending(options: ConstructorParameters<typeof Sending>[0]): Sending {
  return new Sending(options);
}

function connectionFor(access: ResolvedOptions['access'], environment: Environment): Connection {
  if ('clients' in access) return new FixedConnection(access.clients, environment.scheduler);
  if ('session' in access) return access.session.connection;
  return new TokenConnection({ source: access.token, environment });
}
