import { ProtobufReader, type ProtobufWriter } from '../../grpc-web/protobuf.js';

export type Value = string | Uint8Array;

/** How long a collection lives. */
export interface CollectionTtl {
  ttlSeconds: number;
  /** Whether the call sets the time anew if the collection exists. Default true. */
  refreshTtl?: boolean;
}

/** The time to live in milliseconds, as the wire has it. */
export function writeTtl(
  writer: ProtobufWriter,
  { ttlSeconds }: { ttlSeconds: number },
  field: number,
): void {
  writer.uint(field, Math.round(ttlSeconds * 1000));
}

/** A collection's time to live, in two fields in a row. */
export function writeCollectionTtl(writer: ProtobufWriter, ttl: CollectionTtl, field: number): void {
  writeTtl(writer, ttl, field);
  writer.uint(field + 1, ttl.refreshTtl ?? true);
}

/** Returns the message in field 1, `found`, of an answer that is `found` or `missing`; undefined when it is missing. */
export function found(answer: Uint8Array): ProtobufReader | undefined {
  let message: Uint8Array | undefined;
  let known = false;
  const reader = new ProtobufReader(answer);
  while (reader.next()) {
    if (reader.field === 1) message = reader.bytes();
    known ||= reader.field === 1 || reader.field === 2;
  }
  if (!known) throw new RangeError('neither found nor missing');
  return message && new ProtobufReader(message);
}

/** Returns the number in one field of a message, as int64 or double; 0 when it is absent. */
export function numberIn(reader: ProtobufReader | undefined, read: 'uint' | 'int' | 'double'): number {
  let value = 0;
  while (reader?.next()) if (reader.field === 1) value = reader[read]();
  return value;
}

/** Answers to which nothing is read. */
export const nothing = (): void => {};
