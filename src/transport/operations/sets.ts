import { ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, found, nothing, writeCollectionTtl } from './shared.js';

export interface SetAddress {
  cache: string;
  set: string;
}

/** Returns the elements as text, in no order; an empty array when there is no such set. */
export const setFetch: Operation<SetAddress, string[]> = {
  rpc: 'cache_client.Scs/SetFetch',
  action: 'fetch the set',
  encode: ({ set }) => new ProtobufWriter().bytes(1, set).finish(),
  decode(answer) {
    const values: string[] = [];
    const reader = found(answer);
    while (reader?.next()) if (reader.field === 1) values.push(reader.text());
    return values;
  },
};

/** Puts elements in; others stay. */
export const setAdd: Operation<SetAddress & CollectionTtl & { values: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/SetUnion',
  action: 'add to the set',
  writes: true,
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.set);
    for (const value of input.values) writer.element(2, value);
    writeCollectionTtl(writer, input, 3);
    return writer.finish();
  },
  decode: nothing,
};
