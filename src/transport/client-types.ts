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

type Value = string | Uint8Array;
type Answer = Promise<ResponseLike>;

/**
 * The methods that a topic client must have. The `TopicClient` of `@gomomento/sdk-web` and that of `@gomomento/sdk`
 * both fit.
 */
export interface TopicClientLike {
  publish(cacheName: string, topicName: string, value: Value): Answer;
  subscribe(cacheName: string, topicName: string, options: SubscribeOptionsLike): Answer;
}

/** The time to live of a collection, in the shape of the SDKs' `CollectionTtl`. */
export interface CollectionTtlLike {
  ttlSeconds(): number | null;
  ttlMilliseconds(): number | null;
  refreshTtl(): boolean;
}

interface TtlOption {
  ttl?: CollectionTtlLike;
}

/**
 * The methods that a cache client must have. The `CacheClient` of `@gomomento/sdk-web` and that of `@gomomento/sdk`
 * both fit. Only what a room cannot do without is required, so that a client made for a test need not have the rest.
 */
export interface CacheClientLike {
  listPushFront(
    cacheName: string,
    listName: string,
    value: Value,
    options?: TtlOption & { truncateBackToSize?: number },
  ): Answer;
  listFetch(
    cacheName: string,
    listName: string,
    options?: { startIndex?: number; endIndex?: number },
  ): Answer;
  listRemoveValue?(cache: string, list: string, value: Value): Answer;
  listLength?(cache: string, list: string): Answer;
  dictionarySetFields?(cache: string, name: string, fields: Map<string, Value>, options?: TtlOption): Answer;
  dictionaryGetFields?(cache: string, name: string, fields: string[]): Answer;
  dictionaryFetch?(cache: string, name: string): Answer;
  dictionaryIncrement?(
    cache: string,
    name: string,
    field: string,
    amount?: number,
    options?: TtlOption,
  ): Answer;
  dictionaryRemoveFields?(cache: string, name: string, fields: string[]): Answer;
  sortedSetPutElements?(
    cache: string,
    name: string,
    elements: Map<string, number>,
    options?: TtlOption,
  ): Answer;
  sortedSetFetchByRank?(
    cache: string,
    name: string,
    options?: { startRank?: number; endRank?: number; order?: 'ASC' | 'DESC' },
  ): Answer;
  sortedSetFetchByScore?(
    cache: string,
    name: string,
    options?: {
      minScore?: number;
      maxScore?: number;
      order?: 'ASC' | 'DESC';
      offset?: number;
      count?: number;
    },
  ): Answer;
  sortedSetIncrementScore?(
    cache: string,
    name: string,
    value: string,
    amount?: number,
    options?: TtlOption,
  ): Answer;
  sortedSetRemoveElements?(cache: string, name: string, values: string[]): Answer;
  setFetch?(cache: string, name: string): Answer;
  setAddElements?(cache: string, name: string, elements: string[], options?: TtlOption): Answer;
  get?(cache: string, key: string): Answer;
  set?(cache: string, key: string, value: Value, options?: { ttl?: number }): Answer;
  setIfAbsent?(cache: string, key: string, value: Value, options?: { ttl?: number }): Answer;
  setIfPresent?(cache: string, key: string, value: Value, options?: { ttl?: number }): Answer;
  setIfEqual?(cache: string, key: string, value: Value, equal: Value, options?: { ttl?: number }): Answer;
  delete?(cache: string, key: string): Answer;
}

/** A pair of SDK clients that speak with the same credentials. */
export interface MomentoClients {
  topics: TopicClientLike;
  cache: CacheClientLike;
}
