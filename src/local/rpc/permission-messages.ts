import { permission_messages as messages } from '@gomomento/generated-types/dist/permissionmessages.js';
import type { NameSelector, Permission, Role } from '../engine/permissions.js';
import { MomentoError } from '../status.js';
import { itemKey } from './rpc.js';

const { CacheRole, TopicRole, FunctionRole, PermissionsType } = messages;

/** Returns the permissions that a request to mint a token asks for, in the engine's terms. */
export function permissionsFrom(request: InstanceType<typeof messages.Permissions> | undefined): {
  superUser: boolean;
  permissions: Permission[];
} {
  if (request?.has_super_user) return { superUser: true, permissions: [] };
  return { superUser: false, permissions: request?.explicit?.permissions.map(permission) ?? [] };
}

function permission(message: InstanceType<typeof PermissionsType>): Permission {
  if (message.has_cache_permissions) {
    const items = message.cache_permissions;
    return {
      on: 'items',
      role: cacheRole(items.role),
      caches: cacheSelector(items),
      names: itemSelector(items),
    };
  }
  if (message.has_topic_permissions) {
    const topics = message.topic_permissions;
    return {
      on: 'topics',
      role: topicRole(topics.role),
      caches: cacheSelector(topics),
      names: topicSelector(topics),
    };
  }
  if (message.has_function_permissions) {
    // There are no functions here to call; the statement is kept because it counts against the limit.
    const runs = message.function_permissions.role === FunctionRole.FunctionInvoke;
    return { on: 'functions', role: { read: runs, write: runs }, caches: 'all', names: 'all' };
  }
  throw new MomentoError('INVALID_ARGUMENT', 'a permission must be for cache items, topics or functions');
}

function cacheRole(role: number): Role {
  return {
    read: role === CacheRole.CacheReadWrite || role === CacheRole.CacheReadOnly,
    write: role === CacheRole.CacheReadWrite || role === CacheRole.CacheWriteOnly,
  };
}

function topicRole(role: number): Role {
  return {
    read: role === TopicRole.TopicReadWrite || role === TopicRole.TopicReadOnly,
    write: role === TopicRole.TopicReadWrite || role === TopicRole.TopicWriteOnly,
  };
}

function cacheSelector(message: {
  has_cache_selector: boolean;
  has_all_caches: boolean;
  cache_selector: InstanceType<typeof PermissionsType.CacheSelector>;
}): NameSelector {
  if (message.has_cache_selector) return { name: message.cache_selector.cache_name };
  if (message.has_all_caches) return 'all';
  throw new MomentoError('INVALID_ARGUMENT', 'a permission must say which caches it is for');
}

function itemSelector(message: InstanceType<typeof PermissionsType.CachePermissions>): NameSelector {
  // A permission on a whole cache names no items; API keys know no other.
  if (!message.has_item_selector) return 'all';
  const { item_selector: selector } = message;
  return selector.has_key_prefix ? { prefix: itemKey(selector.key_prefix) } : { name: itemKey(selector.key) };
}

function topicSelector(message: InstanceType<typeof PermissionsType.TopicPermissions>): NameSelector {
  if (message.has_all_topics) return 'all';
  if (!message.has_topic_selector) {
    throw new MomentoError('INVALID_ARGUMENT', 'a topic permission must say which topics it is for');
  }
  const { topic_selector: selector } = message;
  return selector.has_topic_name_prefix
    ? { prefix: selector.topic_name_prefix }
    : { name: selector.topic_name };
}
