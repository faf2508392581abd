import { ChatError } from '../errors.js';
import type { VendedToken } from '../vended-token.js';

/** An answer of a Momento SDK. Compare `type`, not `instanceof`: an app may hold two copies of a package. */
export interface ResponseLike {
  readonly type: string;
}

/** An item that a topic brought. */
export interface TopicItemLike {
  value(): string | Uint8Array;
  sequenceNumber(): number;
  tokenId(): string | undefined;
}

/** The callbacks of a subscription that this library uses. */
export interface SubscribeOptionsLike {
  onItem(item: TopicItemLike): void;
  onError(error: ResponseLike, subscription: ResponseLike): void;
  onDiscontinuity(discontinuity: unknown): void;
  onHeartbeat(heartbeat: unknown): void;
  onConnectionLost(): void;
  onSubscriptionEnd(): void;
}

/**
 * What a topic client must be able to do. The `TopicClient` of `@gomomento/sdk-web` and that of `@gomomento/sdk`
 * both fit.
 */
export interface TopicClientLike {
  publish(cacheName: string, topicName: string, value: string): Promise<ResponseLike>;
  subscribe(cacheName: string, topicName: string, options: SubscribeOptionsLike): Promise<ResponseLike>;
}

/** The time to live of a list, in the shape of the SDKs' `CollectionTtl`. */
export interface CollectionTtlLike {
  ttlSeconds(): number | null;
  ttlMilliseconds(): number | null;
  refreshTtl(): boolean;
}

/**
 * What a cache client must be able to do. The `CacheClient` of `@gomomento/sdk-web` and that of `@gomomento/sdk`
 * both fit.
 */
export interface CacheClientLike {
  listPushFront(
    cacheName: string,
    listName: string,
    value: string,
    options?: { truncateBackToSize?: number; ttl?: CollectionTtlLike },
  ): Promise<ResponseLike>;
  listFetch(
    cacheName: string,
    listName: string,
    options?: { startIndex?: number; endIndex?: number },
  ): Promise<ResponseLike>;
}

/** A pair of SDK clients that speak with the same credentials. */
export interface MomentoClients {
  topics: TopicClientLike;
  cache: CacheClientLike;
}

/** A time to live that every push refreshes. */
export function refreshedTtl(seconds: number): CollectionTtlLike {
  return {
    ttlSeconds: () => seconds,
    ttlMilliseconds: () => seconds * 1000,
    refreshTtl: () => true,
  };
}

type WebSdk = typeof import('@gomomento/sdk-web');

/** The web SDK, loaded on first use: 205 KB gzipped that a page needs only for a room. */
async function loadSdk(): Promise<WebSdk> {
  const loaded: WebSdk & { default?: WebSdk } = await import('@gomomento/sdk-web');
  // A CommonJS package: some bundlers give its names to `import()`, others nothing but `default`.
  for (const sdk of [loaded, loaded.default]) if (sdk?.CredentialProvider !== undefined) return sdk;
  throw new TypeError('the module holds no CredentialProvider');
}

/** Begins to load the web SDK, so that it comes while the token does. Who connects hears of a failure. */
export function preloadSdk(): void {
  loadSdk().catch(() => {});
}

/** Makes clients of the web SDK. Rejects with a {@link ChatError} when the reason is not the token. */
export async function connectWithToken({ token, endpoint }: VendedToken): Promise<MomentoClients> {
  if (typeof XMLHttpRequest === 'undefined') {
    throw new ChatError(
      'invalid-argument',
      'unable to connect with a token here; @gomomento/sdk-web needs XMLHttpRequest, which Node and service workers ' +
        'have not: give the room `clients` of @gomomento/sdk, or use momento-chat/lite where your version has it',
    );
  }
  const sdk = await loadSdk().catch((cause: unknown) => {
    throw new ChatError('token-unavailable', 'unable to connect; @gomomento/sdk-web cannot be loaded', {
      cause,
    });
  });
  const credentialProvider = sdk.CredentialProvider.fromDisposableToken({
    authToken: token,
    ...(endpoint === undefined
      ? {}
      : {
          endpointOverrides: { cacheEndpoint: endpoint, controlEndpoint: endpoint, tokenEndpoint: endpoint },
        }),
  });
  const loggerFactory = new sdk.NoopMomentoLoggerFactory();
  return {
    topics: new sdk.TopicClient({
      configuration: sdk.TopicConfigurations.Default.latest(loggerFactory),
      credentialProvider,
    }),
    cache: new sdk.CacheClient({
      configuration: sdk.Configurations.Browser.latest(loggerFactory),
      credentialProvider,
      defaultTtlSeconds: 86_400,
    }),
  };
}
