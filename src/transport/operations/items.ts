import { ProtobufReader, ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { found, nothing, type Value, writeTtl } from './shared.js';

export interface ItemAddress {
  cache: string;
  key: string;
}

export interface ItemValue extends ItemAddress {
  value: Value;
  ttlSeconds: number;
}

const RESULT_HIT = 2;

/** Returns the item's bytes; undefined when there is none. */
export const itemGet: Operation<ItemAddress, Uint8Array | undefined> = {
  rpc: 'cache_client.Scs/Get',
  action: 'read the item',
  encode: ({ key }) => new ProtobufWriter().bytes(1, key).finish(),
  decode(answer) {
    const reader = new ProtobufReader(answer);
    let result = 0;
    let value: Uint8Array = new Uint8Array();
    while (reader.next()) {
      if (reader.field === 1) result = reader.uint();
      else if (reader.field === 2) value = reader.bytes();
    }
    return result === RESULT_HIT ? value : undefined;
  },
};

export const itemSet: Operation<ItemValue, void> = {
  rpc: 'cache_client.Scs/Set',
  action: 'write the item',
  writes: true,
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.key).bytes(2, input.value);
    writeTtl(writer, input, 3);
    return writer.finish();
  },
  decode: nothing,
};

export type ItemCondition = 'absent' | 'present' | { equal: Value };

/** Writes the item if the condition holds; returns whether it did. */
export const itemSetIf: Operation<ItemValue & { condition: ItemCondition }, boolean> = {
  rpc: 'cache_client.Scs/SetIf',
  action: 'write the item',
  writes: true,
  encode(input) {
    const { condition } = input;
    const writer = new ProtobufWriter().bytes(1, input.key).bytes(2, input.value);
    writeTtl(writer, input, 3);
    if (condition === 'present') writer.message(4);
    else if (condition === 'absent') writer.message(6);
    else writer.message(7, (equal) => equal.bytes(1, condition.equal));
    return writer.finish();
  },
  // `stored` and `not_stored` stand where other answers have `found` and `missing`.
  decode: (answer) => found(answer) !== undefined,
};

export const itemDelete: Operation<ItemAddress, void> = {
  rpc: 'cache_client.Scs/Delete',
  action: 'delete the item',
  writes: true,
  encode: ({ key }) => new ProtobufWriter().bytes(1, key).finish(),
  decode: nothing,
};
