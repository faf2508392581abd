import { MessageSender } from '../delivery/message-sender.js';
import { type Connection, FixedConnection } from '../session/connection.js';
import { type Environment, systemEnvironment } from '../session/environment.js';
import { TokenProvider } from '../session/token-provider.js';
import { RoomSync } from '../sync/room-sync.js';
import type { ResolvedOptions } from './options.js';
import { RoomFeatures } from './room-features.js';

/**
 * What a room loads when it is joined, together with the SDK: until then a page carries neither. This module is
 * imported dynamically, and nothing else may import it.
 */
export function enter(
  { access, environment = systemEnvironment }: Pick<ResolvedOptions, 'access' | 'environment'>,
  options: Omit<ConstructorParameters<typeof RoomSync>[0], 'connection' | 'environment'>,
): RoomSync {
  return new RoomSync({ ...options, environment, connection: connectionFor(access, environment) });
}

/** What a room can do beside messages, from its first visit on. */
export function openFeatures(options: ConstructorParameters<typeof RoomFeatures>[0]): RoomFeatures {
  return new RoomFeatures(options);
}

/** What a room sends with, from its first visit on. */
export function openSending(options: ConstructorParameters<typeof MessageSender>[0]): MessageSender {
  return new MessageSender(options);
}

function connectionFor(access: ResolvedOptions['access'], environment: Environment): Connection {
  if ('clients' in access) return new FixedConnection(access.clients, environment.scheduler);
  if ('session' in access) return access.session.openConnection();
  return new TokenProvider({ source: access.token, environment });
}
