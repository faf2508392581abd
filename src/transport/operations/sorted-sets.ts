import { decode, double, element, encode, type Field, message, sint } from '../../grpc-web/protobuf.js';
import type { Operation } from '../transport.js';
import { type CollectionTtl, collectionTtl, found, nothing } from './shared.js';

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
  encode: (input) =>
    encode(
      [1, input.set],
      ...Array.from(input.elements, ([value, score]): Field => [2, message([1, value], [2, double(score)])]),
      ...collectionTtl(input, 3),
    ),
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
    encode(
      [1, set],
      [2, descending],
      [3, true],
      [4, message(start ? [2, sint(start)] : [1, message()], end ? [4, sint(end)] : [3, message()])],
    ),
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
    encode(
      [1, set],
      [2, descending],
      [3, true],
      [
        5,
        message(
          min === undefined ? [1, message()] : [2, message([1, double(min)])],
          max === undefined ? [3, message()] : [4, message([1, double(max)])],
          [5, offset],
          [6, count === 0 ? undefined : sint(count)],
        ),
      ],
    ),
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
  encode: (input) =>
    encode([1, input.set], [2, input.value], [3, double(input.amount)], ...collectionTtl(input, 4)),
  decode: (answer) => decode(answer, { score: [1, 'double'] }).score ?? 0,
};

export const sortedSetRemove: Operation<SortedSetAddress & { values: readonly string[] }, void> = {
  rpc: 'cache_client.Scs/SortedSetRemove',
  action: 'remove from the sorted set',
  writes: true,
  encode: ({ set, values }) =>
    encode([1, set], [3, message(...values.map((value): Field => [1, element(value)]))]),
  decode: nothing,
};

const SCORED = { scored: [1, { elements: [1, [{ value: [1, 'text'], score: [2, 'double'] }]] }] } as const;

function decodeScored(answer: Uint8Array): ScoredValue[] {
  const { elements = [] } = found(answer, SCORED)?.scored ?? {};
  return elements.map(({ value = '', score = 0 }) => ({ value, score }));
}
