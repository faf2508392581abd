import { ProtobufReader, ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, found, nothing, numberIn, type Value, writeCollectionTtl } from './shared.js';

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
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.list).bytes(2, input.value);
    writeCollectionTtl(writer, input, 3);
    return writer.uint(5, input.truncateTo).finish();
  },
  decode: (answer) => numberIn(new ProtobufReader(answer), 'uint'),
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
  encode({ list, start, end }) {
    const writer = new ProtobufWriter().bytes(1, list);
    if (start) writer.sint(3, start);
    else writer.message(2);
    if (end) writer.sint(5, end);
    else writer.message(4);
    return writer.finish();
  },
  decode(answer) {
    const values: string[] = [];
    const reader = found(answer);
    while (reader?.next()) if (reader.field === 1) values.push(reader.text());
    return values;
  },
};

/** Removes every element that equals the value. */
export const listRemoveValue: Operation<ListAddress & { value: Value }, void> = {
  rpc: 'cache_client.Scs/ListRemove',
  action: 'remove from the list',
  writes: true,
  encode: ({ list, value }) => new ProtobufWriter().bytes(1, list).element(2, value).finish(),
  decode: nothing,
};

/** Returns the number of elements; 0 when there is no such list. */
export const listLength: Operation<ListAddress, number> = {
  rpc: 'cache_client.Scs/ListLength',
  action: 'measure the list',
  encode: ({ list }) => new ProtobufWriter().bytes(1, list).finish(),
  decode: (answer) => numberIn(found(answer), 'uint'),
};
