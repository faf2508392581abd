import { type Decoded, decode, type Field, type Shape } from '../../grpc-web/protobuf.js';

export type Value = string | Uint8Array;

/** How long a collection lives. */
export interface CollectionTtl {
  ttlSeconds: number;
  /** Whether the call sets the time anew if the collection exists. Default true. */
  refreshTtl?: boolean;
}

/** The time to live in milliseconds, as the wire has it. */
export function ttlMs({ ttlSeconds }: { ttlSeconds: number }): number {
  return Math.round(ttlSeconds * 1000);
}

/** A collection's time to live, in two fields in a row. */
export function collectionTtl(ttl: CollectionTtl, field: number): Field[] {
  return [
    [field, ttlMs(ttl)],
    [field + 1, ttl.refreshTtl ?? true],
  ];
}

/** Reads the message in field 1, `found`, of an answer that is `found` or `missing`; undefined when it is missing. */
export function found<const S extends Shape>(answer: Uint8Array, shape: S): Decoded<S> | undefined {
  const { found, missing } = decode(answer, { found: [1, 'bytes'], missing: [2, 'bytes'] });
  if (found === undefined && missing === undefined) throw new RangeError('neither found nor missing');
  return found && decode(found, shape);
}

/** Answers to which nothing is read. */
export const nothing = (): void => {};
