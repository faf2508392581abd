import { decode, encode, type Field, message } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { found, nothing, ttlMs, type Value } from './shared.js';

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
  encode: ({ key }) => encode([1, key]),
  decode(answer) {
    const { result, value } = decode(answer, { result: [1, 'int'], value: [2, 'bytes'] });
    return result === RESULT_HIT ? (value ?? new Uint8Array()) : undefined;
  },
};

export const itemSet: Operation<ItemValue, void> = {
  rpc: 'cache_client.Scs/Set',
  action: 'write the item',
  writes: true,
  encode: (input) => encode(...fieldsOf(input)),
  decode: nothing,
};

export type ItemCondition = 'absent' | 'present' | { equal: Value };

/** Writes the item if the condition holds; returns whether it did. */
export const itemSetIf: Operation<ItemValue & { condition: ItemCondition }, boolean> = {
  rpc: 'cache_client.Scs/SetIf',
  action: 'write the item',
  writes: true,
  encode: (input) => encode(...fieldsOf(input), conditionField(input.condition)),
  // `stored` and `not_stored` stand where other answers have `found` and `missing`.
  decode: (answer) => found(answer, {}) !== undefined,
};

export const itemDelete: Operation<ItemAddress, void> = {
  rpc: 'cache_client.Scs/Delete',
  action: 'delete the item',
  writes: true,
  encode: ({ key }) => encode([1, key]),
  decode: nothing,
};

function fieldsOf(input: ItemValue): Field[] {
  return [
    [1, input.key],
    [2, input.value],
    [3, ttlMs(input)],
  ];
}

function conditionField(condition: ItemCondition): Field {
  if (condition === 'present') return [4, message()];
  if (condition === 'absent') return [6, message()];
  return [7, message([1, condition.equal])];
}
