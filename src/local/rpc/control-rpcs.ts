import { control } from '@gomomento/generated-types';
import { requireSuperUser } from './access.js';
import { type Rpc, type Services, unary } from './rpc.js';

const messages = control.control_client;
const { definition } = messages.UnimplementedScsControlService;

/** Creating, deleting, listing and emptying caches. */
export function controlRpcs({ engine, limits }: Services): Rpc[] {
  return [
    unary(definition.CreateCache, {
      authorize: (_, caller) => requireSuperUser(caller, 'create caches'),
      run(request) {
        engine.caches.create(request.cache_name);
        return new messages._CreateCacheResponse();
      },
    }),
    unary(definition.DeleteCache, {
      authorize: (_, caller) => requireSuperUser(caller, 'delete caches'),
      run(request) {
        engine.deleteCache(request.cache_name);
        return new messages._DeleteCacheResponse();
      },
    }),
    unary(definition.ListCaches, {
      authorize: (_, caller) => requireSuperUser(caller, 'list caches'),
      run: () =>
        new messages._ListCachesResponse({
          cache: engine.caches.names.map(
            (cache_name) =>
              new messages._Cache({
                cache_name,
                cache_limits: new messages._CacheLimits(limits.ofCaches()),
                topic_limits: new messages._TopicLimits(limits.ofTopics()),
              }),
          ),
          next_token: '',
        }),
    }),
    unary(definition.FlushCache, {
      authorize: (_, caller) => requireSuperUser(caller, 'flush caches'),
      run(request) {
        engine.caches.get(request.cache_name).clear();
        return new messages._FlushCacheResponse();
      },
    }),
  ];
}
