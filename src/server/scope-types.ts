/**
 * The permissions of a token. The scopes of the Momento SDKs (`DisposableTokenScopes.…`, objects with
 * `permissions`) fit, and so do the plain objects that `defaultScope` makes.
 */
export interface DisposableTokenScope {
  readonly permissions?: readonly TokenPermission[] | undefined;
}

/** One of the at most 20 statements in a token. */
export type TokenPermission = CacheItemPermission | TopicPermission | FunctionPermission;

/** A symbol stands for "all", as `AllCaches` and its like do in the SDKs. */
export type CacheSelector = string | symbol | { readonly name: string };

/** Access to items of a cache: to all of them when `item` is absent. */
export interface CacheItemPermission {
  /** `readwrite`, `readonly` or `writeonly`. */
  readonly role: string;
  readonly cache: CacheSelector;
  readonly item?: string | symbol | { readonly key: string } | { readonly keyPrefix: string } | undefined;
}

/** Access to topics. */
export interface TopicPermission {
  /** `publishsubscribe`, `subscribeonly` or `publishonly`. */
  readonly role: string;
  readonly cache: CacheSelector;
  /** A name, all of them, or (which the SDKs' `AuthClient`s cannot say, but the service understands) a prefix. */
  readonly topic: string | symbol | { readonly name: string } | { readonly namePrefix: string };
}

/** Access to Momento Functions; never part of a default scope. */
export interface FunctionPermission {
  /** `functioninvoke` or `functionpermitnone`. */
  readonly role: string;
  readonly cache: CacheSelector;
  readonly func: string | symbol | { readonly name: string } | { readonly namePrefix: string };
}
