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
