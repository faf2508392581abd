import type { JsonObject } from '../messages/message.js';
import { ChatError } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';

/** A message that is not published and stored yet. */
export interface StoredMessage extends JsonObject {
  payload: string;
  /** When it was written, by the clock of messages (milliseconds since the Unix epoch). */
  at: number;
  /** The root of the thread that it is a reply in, or null. */
  thread: string | null;
  /** The user was shown that it failed. */
  failed: boolean;
}

/** An edit, deletion or reaction that is not stored yet. */
export interface StoredChange extends JsonObject {
  change: JsonObject;
  at: number;
  thread: string | null;
}

export function messageKey(id: string, thread: string | null): string {
  return `message ${thread ?? ''} ${id}`;
}

export function isStoredMessage(record: JsonObject): record is StoredMessage {
  return typeof record.payload === 'string' && isDated(record);
}

export function isStoredChange(record: JsonObject): record is StoredChange {
  return isObject(record.change) && isDated(record);
}

function isDated({ at, thread }: JsonObject): boolean {
  return typeof at === 'number' && (thread === null || typeof thread === 'string');
}

/** Whether it failed only because the room was left. */
export function isLeft(problem: unknown): boolean {
  return problem instanceof ChatError && (problem.code === 'closed' || problem.code === 'not-joined');
}
