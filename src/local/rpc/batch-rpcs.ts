import { cache as cacheTypes } from '@gomomento/generated-types';
import { asMomentoError } from '../status.js';
import { requireItems } from './access.js';
import { target, validTtl } from './item-checks.js';
import { type Caller, type ResponseStream, type Rpc, type Services, stream } from './rpc.js';

const messages = cacheTypes.cache_client;
const { ECacheResult } = messages;
const { definition } = messages.UnimplementedScsService;

interface KeyedRequests {
  items: readonly { cache_key: Uint8Array }[];
}

/** Many gets or sets in one call: a stream that answers each in its turn and ends. */
export function batchRpcs(services: Services): Rpc[] {
  const authorize =
    (access: 'read' | 'write') =>
    ({ items }: KeyedRequests, caller: Caller): void =>
      requireItems(
        caller,
        items.map(({ cache_key }) => cache_key),
        access,
      );
  return [
    stream(definition.GetBatch, {
      authorize: authorize('read'),
      open(request, caller, outlet) {
        services.engine.caches.get(caller.cacheName);
        answerEach(outlet, request.items, ({ cache_key }) => {
          const response = attempt(
            () => {
              const [cache, key] = target(services, caller, cache_key);
              const value = cache.get(key, 'scalar');
              return value ? { result: ECacheResult.Hit, cache_body: value } : { result: ECacheResult.Miss };
            },
            (message) => ({ result: ECacheResult.Invalid, message }),
          );
          return encode(definition.GetBatch, new messages._GetResponse(response));
        });
      },
    }),
    stream(definition.SetBatch, {
      authorize: authorize('write'),
      open(request, caller, outlet) {
        services.engine.caches.get(caller.cacheName);
        answerEach(outlet, request.items, (item) => {
          const response = attempt(
            () => {
              const [cache, key] = target(services, caller, item.cache_key);
              services.limits.item(item.cache_key, item.cache_body);
              const ttlMs = validTtl(services, item.ttl_milliseconds);
              cache.set(key, 'scalar', item.cache_body, { ttlMs, refresh: true });
              return { result: ECacheResult.Ok };
            },
            (message) => ({ result: ECacheResult.Invalid, message }),
          );
          return encode(definition.SetBatch, new messages._SetResponse(response));
        });
      },
    }),
  ];
}

/** One item's failure is that item's answer and no other's. */
function attempt<T>(run: () => T, failed: (message: string) => T): T {
  try {
    return run();
  } catch (error) {
    return failed(asMomentoError(error).message);
  }
}

function encode<T>(rpc: { responseSerialize: (message: T) => Buffer }, message: T): Buffer {
  return rpc.responseSerialize(message);
}

/** Answers no faster than the client reads, so that a batch of large values is never in memory as a whole. */
function answerEach<T>(outlet: ResponseStream, items: readonly T[], answer: (item: T) => Buffer): void {
  let next = 0;
  let closed = false;
  let waiting = false;
  const go = (): void => {
    waiting = false;
    while (next < items.length && !closed) {
      const item = items[next++];
      if (item !== undefined && !outlet.write(answer(item))) {
        waiting = true;
        return;
      }
    }
    if (!closed) outlet.end();
  };
  outlet.onClose(() => {
    closed = true;
  });
  outlet.onDrain(() => waiting && go());
  go();
}
