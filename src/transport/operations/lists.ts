import { decode, element, encode, message, sint } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, collectionTtl, found, nothing, type Value } from './shared.js';

export interface ListAddress {
  cache: string;
  list: string;
}

export interface ListPush extends ListAddress, CollectionTtl {
  value: Value;
  /** Drops elements from the back until so many are left; default: none are dropped. */
  truncateTo?: number;
}

/** Pushes a value onto the front of a list; returns the length of the list then. */
export const listPushFront: Operation<ListPush, number> = {
  rpc: 'cache_client.Scs/ListPushFront',
  action: 'push onto the list',
  writes: true,
  encode: (input) =>
    encode([1, input.list], [2, input.value], ...collectionTtl(input, 3), [5, input.truncateTo]),
  decode: (answer) => decode(answer, { length: [1, 'int'] }).length ?? 0,
};

export interface ListRange extends ListAddress {
  /** Index of the first element; negative ones count from the end. Default 0. */
  start?: number;
  /** Index after the last element. Default: to the end. 0 is taken for the default, as the SDKs do. */
  end?: number;
}

/** Fetches elements of a list as text; returns an empty array when there is no such list. */
export const listFetch: Operation<ListRange, string[]> = {
  rpc: 'cache_client.Scs/ListFetch',
  action: 'fetch the list',
  encode: ({ list, start, end }) =>
    encode([1, list], start ? [3, sint(start)] : [2, message()], end ? [5, sint(end)] : [4, message()]),
  decode: (answer) => found(answer, { values: [1, ['text']] })?.values ?? [],
};

/** Removes every element that equals the value. */
export const listRemoveValue: Operation<ListAddress & { value: Value }, void> = {
  rpc: 'cache_client.Scs/ListRemove',
  action: 'remove from the list',
  writes: true,
  encode: ({ list, value }) => encode([1, list], [2, element(value)]),
  decode: nothing,
};

/** Returns the number of elements; 0 when there is no such list. */
export const listLength: Operation<ListAddress, number> = {
  rpc: 'cache_client.Scs/ListLength',
  action: 'measure the list',
  encode: ({ list }) => encode([1, list]),
  decode: (answer) => found(answer, { length: [1, 'int'] })?.length ?? 0,
};
