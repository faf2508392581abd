import {
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import * as web from '@gomomento/sdk-web';
import { ChatRoom, type ChatRoomOptions, type Message, type VendedToken } from 'momento-chat';
import type { LocalMomento } from 'momento-chat/local';

/** SDK clients of the Node kind, as a bot has them. */
export function nodeClients(momento: Pick<LocalMomento, 'port'>) {
  const credentialProvider = CredentialProvider.forMomentoLocal({
    hostname: '127.0.0.1',
    port: momento.port,
  });
  // Their logs would only repeat what the tests do to them.
  const logger = new NoopMomentoLoggerFactory();
  return {
    topics: new TopicClient({
      configuration: TopicConfigurations.Default.latest(logger),
      credentialProvider,
    }),
    cache: new CacheClient({
      configuration: Configurations.Laptop.latest(logger),
      credentialProvider,
      defaultTtlSeconds: 3600,
    }),
  };
}

/** SDK clients of the web kind, with the super user's key or a token. */
export function webClients(momento: Pick<LocalMomento, 'url' | 'apiKey'>, token = momento.apiKey) {
  const credentialProvider = web.CredentialProvider.fromDisposableToken({
    authToken: token,
    endpointOverrides: {
      cacheEndpoint: momento.url,
      controlEndpoint: momento.url,
      tokenEndpoint: momento.url,
    },
  });
  return {
    topics: new web.TopicClient({
      credentialProvider,
      configuration: web.TopicConfigurations.Default.latest(),
    }),
    cache: new web.CacheClient({
      credentialProvider,
      configuration: web.Configurations.Browser.latest(),
      defaultTtlSeconds: 3600,
    }),
  };
}

/** A token source that hands out the super user's key, for tests that are not about tokens. */
export function rootToken(momento: LocalMomento): () => Promise<VendedToken> {
  return async () => ({
    token: momento.apiKey,
    exp: Math.floor(Date.now() / 1000) + 3600,
    expiresIn: 3600,
    endpoint: momento.url,
  });
}

/** Opens rooms and leaves them all at the end. */
export class Rooms {
  readonly #rooms: ChatRoom[] = [];
  readonly #Room: typeof ChatRoom;

  /** `Room`: the `ChatRoom` of `momento-chat`, which is the default, or that of `momento-chat/lite`. */
  constructor(Room: typeof ChatRoom = ChatRoom) {
    this.#Room = Room;
  }

  open(options: Omit<ChatRoomOptions, 'user'> & { user?: ChatRoomOptions['user'] }): ChatRoom {
    const room = new this.#Room({ user: { name: 'someone' }, ...options });
    this.#rooms.push(room);
    return room;
  }

  async leaveAll(): Promise<void> {
    await Promise.all(this.#rooms.splice(0).map((room) => room.leave()));
  }
}

export const textsOf = (room: { messages: readonly Message[] }) => room.messages.map(({ text }) => text);
