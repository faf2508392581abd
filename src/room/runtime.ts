import { MessageSender } from '../delivery/message-sender.js';
import { type Connection, FixedConnection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { TokenProvider } from '../session/token-provider.js';
import { RoomSync } from '../sync/room-sync.js';
import type { ResolvedOptions } from './options.js';
import { roomCalls } from './room-calls.js';
import { RoomFeatures } from './room-features.js';

/** What a room loads when it is joined: until then a page carries none of it. */
export class Runtime {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  readonly calls = roomCalls;

  enter(
    resolved: ResolvedOptions,
    options: Omit<ConstructorParameters<typeof RoomSync>[0], 'connection' | 'environment'>,
  ): RoomSync {
    const environment = resolved.environment ?? this.#environment;
    return new RoomSync({
      ...options,
      environment,
      connection: connectionFor(resolved.access, environment),
    });
  }

  /** What a room can do beside messages, from its first visit on. */
  openFeatures(options: ConstructorParameters<typeof RoomFeatures>[0]): RoomFeatures {
    return new RoomFeatures(options);
  }

  /** What a room sends with, from its first visit on. */
  openSending(options: ConstructorParameters<typeof MessageSender>[0]): MessageSender {
    return new MessageSender(options);
  }
}

function connectionFor(access: ResolvedOptions['access'], environment: Environment): Connection {
  if ('clients' in access) return new FixedConnection(access.clients, environment);
  if ('session' in access) return access.session.openConnection();
  return new TokenProvider({ source: access.token, environment });
}
