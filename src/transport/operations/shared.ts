import { ChatError } from '../../errors.js';
import { ProtobufReader, type ProtobufWriter } from '../../grpc-web/protobuf.js';
import type { CollectionTtl, SdkResponse } from '../sdk-clients.js';

export type Value = string | Uint8Array;

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

/** Returns the SDK's response as what it is when it is a hit; undefined for a miss. */
export function hit<T>(response: SdkResponse): T | undefined {
  return response.type === 'Hit' ? (response as T) : undefined;
}

/** Rejects because the app's own SDK client is older, or was made for a test, and has no such method. */
export function lacking(method: string): Promise<never> {
  return Promise.reject(
    new ChatError('invalid-argument', `unable to call Momento; the given cache client has no ${method}()`),
  );
}
