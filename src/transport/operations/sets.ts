import { element, encode, type Field } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, collectionTtl, found, nothing } from './shared.js';

export interface SetAddress {
  cache: string;
  set: string;
}

/** Returns the elements as text, in no order; an empty array when there is no such set. */
export const setFetch: Operation<SetAddress, string[]> = {
  rpc: 'cache_client.Scs/SetFetch',
  action: 'fetch the set',
  encode: ({ set }) => encode([1, set]),
  decode: (answer) => found(answer, { values: [1, ['text']] })?.values ?? [],
};

/** Puts elements in; others stay. */
export const setAdd: Operation<SetAddress & CollectionTtl & { values: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/SetUnion',
  action: 'add to the set',
  writes: true,
  encode: (input) =>
    encode(
      [1, input.set],
      ...input.values.map((value): Field => [2, element(value)]),
      ...collectionTtl(input, 3),
    ),
  decode: nothing,
};
