import { ProtobufReader, ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, found, nothing, numberIn, writeCollectionTtl } from './shared.js';

export interface SortedSetAddress {
  cache: string;
  set: string;
}

export interface ScoredValue {
  value: string;
  score: number;
}

/** Puts elements in, or changes their scores; others stay. */
export const sortedSetPut: Operation<
  SortedSetAddress & CollectionTtl & { elements: ReadonlyMap<string, number> },
  void
> = {
  rpc: 'cache_client.Scs/SortedSetPut',
  action: 'write the sorted set',
  writes: true,
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.set);
    for (const [value, score] of input.elements) {
      writer.message(2, (element) => element.bytes(1, value).double(2, score));
    }
    writeCollectionTtl(writer, input, 3);
    return writer.finish();
  },
  decode: nothing,
};

export interface RankRange extends SortedSetAddress {
  /** Rank of the first element; negative ones count from the end. Default 0. */
  start?: number;
  /** Rank after the last element. Default: to the end. 0 is taken for the default, as the SDKs do. */
  end?: number;
  /** Default false: the lowest score first. */
  descending?: boolean;
}

/** Fetches elements by rank; returns an empty array when there is no such set. */
export const sortedSetFetchByRank: Operation<RankRange, ScoredValue[]> = {
  rpc: 'cache_client.Scs/SortedSetFetch',
  action: 'fetch the sorted set',
  encode: ({ set, start, end, descending }) =>
    new ProtobufWriter()
      .bytes(1, set)
      .uint(2, descending)
      .uint(3, true)
      .message(4, (range) => {
        if (start) range.sint(2, start);
        else range.message(1);
        if (end) range.sint(4, end);
        else range.message(3);
      })
      .finish(),
  decode: decodeScored,
};

export interface ScoreRange extends SortedSetAddress {
  /** Lowest score, included. Default: no limit. */
  min?: number;
  /** Highest score, included. Default: no limit. */
  max?: number;
  /** Default false: the lowest score first. */
  descending?: boolean;
  /** Leaves out so many of the first. Default 0. */
  offset?: number;
  /** Default: all. */
  count?: number;
}

/** Fetches elements by score; returns an empty array when there is no such set. */
export const sortedSetFetchByScore: Operation<ScoreRange, ScoredValue[]> = {
  rpc: 'cache_client.Scs/SortedSetFetch',
  action: 'fetch the sorted set',
  encode: ({ set, min, max, descending, offset, count = -1 }) =>
    new ProtobufWriter()
      .bytes(1, set)
      .uint(2, descending)
      .uint(3, true)
      .message(5, (range) => {
        if (min === undefined) range.message(1);
        else range.message(2, (score) => score.double(1, min));
        if (max === undefined) range.message(3);
        else range.message(4, (score) => score.double(1, max));
        range.uint(5, offset);
        if (count !== 0) range.sint(6, count);
      })
      .finish(),
  decode: decodeScored,
};

/** Adds to an element's score, which counts as 0 when it is absent; returns the sum. */
export const sortedSetIncrement: Operation<
  SortedSetAddress & CollectionTtl & { value: string; amount: number },
  number
> = {
  rpc: 'cache_client.Scs/SortedSetIncrement',
  action: 'count in the sorted set',
  writes: true,
  encode(input) {
    const writer = new ProtobufWriter().bytes(1, input.set).bytes(2, input.value).double(3, input.amount);
    writeCollectionTtl(writer, input, 4);
    return writer.finish();
  },
  decode: (answer) => numberIn(new ProtobufReader(answer), 'double'),
};

export const sortedSetRemove: Operation<SortedSetAddress & { values: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/SortedSetRemove',
  action: 'remove from the sorted set',
  writes: true,
  encode: ({ set, values }) =>
    new ProtobufWriter()
      .bytes(1, set)
      .message(3, (some) => {
        for (const value of values) some.element(1, value);
      })
      .finish(),
  decode: nothing,
};

function decodeScored(answer: Uint8Array): ScoredValue[] {
  const elements: ScoredValue[] = [];
  const reader = found(answer);
  while (reader?.next()) {
    if (reader.field !== 1) continue;
    const list = new ProtobufReader(reader.bytes());
    while (list.next()) if (list.field === 1) elements.push(decodeElement(list.bytes()));
  }
  return elements;
}

function decodeElement(bytes: Uint8Array): ScoredValue {
  const reader = new ProtobufReader(bytes);
  let value = '';
  let score = 0;
  while (reader.next()) {
    if (reader.field === 1) value = reader.text();
    else if (reader.field === 2) score = reader.double();
  }
  return { value, score };
}
