import { invalidArgument } from '../shared/errors.js';
import type { CacheClientLike, CollectionTtlLike, MomentoClients, ResponseLike } from './client-types.js';
import type { CollectionTtl } from './operations/shared.js';
import type { CacheInput, Operation } from './transport.js';

/** How an operation is done by way of an SDK's clients. */
export interface SdkRoute<Input, Output> {
  /** Makes the call; the response may be an error. */
  call(clients: MomentoClients, input: Input): Promise<ResponseLike>;
  /** Reads a response that is no error. */
  read(response: ResponseLike): Output;
}

/** A call of a cache client: its method, and the arguments after the name of the cache. */
type CacheCall = {
  [Method in keyof CacheClientLike]-?: Parameters<NonNullable<CacheClientLike[Method]>> extends [
    string,
    ...infer Rest,
  ]
    ? [method: Method, ...Rest]
    : never;
}[keyof CacheClientLike];

/** Names the route of an operation. */
export function route<Input extends CacheInput, Output>(
  operation: Operation<Input, Output>,
  callFor: (input: Input) => CacheCall,
  read: SdkRoute<Input, Output>['read'],
): [unknown, SdkRoute<never, unknown>] {
  const call: SdkRoute<Input, Output>['call'] = async ({ cache }, input) => {
    const [method, ...args] = callFor(input);
    const client = cache as unknown as Record<
      string,
      ((cache: string, ...args: unknown[]) => Promise<ResponseLike>) | undefined
    >;
    const response = client[method]?.(input.cache, ...args);
    // The app's own SDK client is older, or was made for a test.
    if (response === undefined)
      throw invalidArgument('call Momento', `the given cache client has no ${method}()`);
    return response;
  };
  return [operation, { call, read }];
}

/** Reads nothing. */
export function nothing(): void {}

/** Reads the number that a method of the response returns; 0 where there is no such method. */
export function number(name: string): (response: ResponseLike) => number {
  return (response) => (response as unknown as Record<string, () => number>)[name]?.() ?? 0;
}

export function ttlOf({ ttlSeconds, refreshTtl = true }: CollectionTtl): { ttl: CollectionTtlLike } {
  return {
    ttl: {
      ttlSeconds: () => ttlSeconds,
      ttlMilliseconds: () => ttlSeconds * 1000,
      refreshTtl: () => refreshTtl,
    },
  };
}

/** Leaves out what is undefined. */
export function given<T extends Record<string, number | undefined>>(options: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: number;
  };
}

/** Returns the response as what it is when it is a hit; undefined for a miss. */
export function hit<T>(response: ResponseLike): T | undefined {
  return response.type === 'Hit' ? (response as unknown as T) : undefined;
}
