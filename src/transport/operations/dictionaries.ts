import { ProtobufReader, ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, found, nothing, numberIn, type Value, writeCollectionTtl } from './shared.js';

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
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.dictionary);
    for (const [field, value] of input.fields) {
      writer.message(2, (item) => item.bytes(1, field).bytes(2, value));
    }
    writeCollectionTtl(writer, input, 3);
    return writer.finish();
  },
  decode: nothing,
};

/** Returns the fields asked for that there are, as text. */
export const dictionaryGetFields: Operation<
  DictionaryAddress & { fields: readonly string[] },
  Map<string, string>
> = {
  rpc: 'cache_client.Scs/DictionaryGet',
  action: 'read the dictionary',
  encode({ dictionary, fields }) {
    const writer = new ProtobufWriter().bytes(1, dictionary);
    for (const field of fields) writer.element(2, field);
    return writer.finish();
  },
  // The answer holds a part for each field asked for, in the same order.
  decode(answer, { fields }) {
    const values = new Map<string, string>();
    const reader = found(answer);
    for (let index = 0; reader?.next(); ) {
      if (reader.field !== 1) continue;
      const value = decodePart(reader.bytes());
      const field = fields[index++];
      if (value !== undefined && field !== undefined) values.set(field, value);
    }
    return values;
  },
};

/** Returns every field, as text. Anybody who may write the dictionary may make it as large as they like: beyond two megabytes it fails. */
export const dictionaryFetch: Operation<DictionaryAddress, Map<string, string>> = {
  rpc: 'cache_client.Scs/DictionaryFetch',
  action: 'fetch the dictionary',
  maxAnswerBytes: 2_000_000,
  encode: ({ dictionary }) => new ProtobufWriter().bytes(1, dictionary).finish(),
  decode(answer) {
    const values = new Map<string, string>();
    const reader = found(answer);
    while (reader?.next()) {
      if (reader.field !== 1) continue;
      const item = new ProtobufReader(reader.bytes());
      let field = '';
      let value = '';
      while (item.next()) {
        if (item.field === 1) field = item.text();
        else if (item.field === 2) value = item.text();
      }
      values.set(field, value);
    }
    return values;
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
  encode(input) {
    const writer = new ProtobufWriter()
      .bytes(1, input.dictionary)
      .bytes(2, input.field)
      .uint(3, input.amount);
    writeCollectionTtl(writer, input, 4);
    return writer.finish();
  },
  decode: (answer) => numberIn(new ProtobufReader(answer), 'int'),
};

export const dictionaryRemoveFields: Operation<DictionaryAddress & { fields: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/DictionaryDelete',
  action: 'remove from the dictionary',
  writes: true,
  encode: ({ dictionary, fields }) =>
    new ProtobufWriter()
      .bytes(1, dictionary)
      .message(2, (some) => {
        for (const field of fields) some.element(1, field);
      })
      .finish(),
  decode: nothing,
};

function decodePart(bytes: Uint8Array): string | undefined {
  const part = new ProtobufReader(bytes);
  let result = 0;
  let value = '';
  while (part.next()) {
    if (part.field === 1) result = part.uint();
    else if (part.field === 2) value = part.text();
  }
  return result === RESULT_HIT ? value : undefined;
}
