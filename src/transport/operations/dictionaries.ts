import { decode, element, encode, type Field, message } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, collectionTtl, found, nothing, type Value } from './shared.js';

export interface DictionaryAddress {
  cache: string;
  dictionary: string;
}

const RESULT_HIT = 2;

/** Sets fields; others stay. */
export const dictionarySetFields: Operation<
  DictionaryAddress & CollectionTtl & { fields: ReadonlyMap<string, Value> },
  void
> = {
  rpc: 'cache_client.Scs/DictionarySet',
  action: 'write the dictionary',
  writes: true,
  encode: (input) =>
    encode(
      [1, input.dictionary],
      ...Array.from(input.fields, ([field, value]): Field => [2, message([1, field], [2, value])]),
      ...collectionTtl(input, 3),
    ),
  decode: nothing,
};

/** Returns the fields asked for that there are, as text. */
export const dictionaryGetFields: Operation<
  DictionaryAddress & { fields: readonly string[] },
  Map<string, string>
> = {
  rpc: 'cache_client.Scs/DictionaryGet',
  action: 'read the dictionary',
  encode: ({ dictionary, fields }) =>
    encode([1, dictionary], ...fields.map((field): Field => [2, element(field)])),
  // The answer holds a part for each field asked for, in the same order.
  decode(answer, { fields }) {
    const values = new Map<string, string>();
    const parts = found(answer, { items: [1, [{ result: [1, 'int'], value: [2, 'text'] }]] })?.items ?? [];
    for (const [index, { result, value = '' }] of parts.entries()) {
      const field = fields[index];
      if (result === RESULT_HIT && field !== undefined) values.set(field, value);
    }
    return values;
  },
};

/** Returns every field, as text. Anybody who may write the dictionary may make it as large as they like: beyond two megabytes it fails. */
export const dictionaryFetch: Operation<DictionaryAddress, Map<string, string>> = {
  rpc: 'cache_client.Scs/DictionaryFetch',
  action: 'fetch the dictionary',
  maxAnswerBytes: 2_000_000,
  encode: ({ dictionary }) => encode([1, dictionary]),
  decode(answer) {
    const pairs = found(answer, { items: [1, [{ field: [1, 'text'], value: [2, 'text'] }]] })?.items ?? [];
    return new Map(pairs.map(({ field = '', value = '' }) => [field, value]));
  },
};

/** Adds to the number in a field, which counts as 0 when it is absent; returns the sum. */
export const dictionaryIncrement: Operation<
  DictionaryAddress & CollectionTtl & { field: string; amount: number },
  number
> = {
  rpc: 'cache_client.Scs/DictionaryIncrement',
  action: 'count in the dictionary',
  writes: true,
  encode: (input) =>
    encode([1, input.dictionary], [2, input.field], [3, input.amount], ...collectionTtl(input, 4)),
  decode: (answer) => decode(answer, { value: [1, 'int'] }).value ?? 0,
};

export const dictionaryRemoveFields: Operation<DictionaryAddress & { fields: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/DictionaryDelete',
  action: 'remove from the dictionary',
  writes: true,
  encode: ({ dictionary, fields }) =>
    encode([1, dictionary], [2, message(...fields.map((field): Field => [1, element(field)]))]),
  decode: nothing,
};
