import { isObject } from '../shared/is-object.js';
import type { FileRef, SendExtras } from './message.js';
import { isMessageId } from './message-id.js';

export const MAX_MENTIONS = 50;
export const MAX_FILES = 10;
/** Longest user id, name of a file and the like (characters). */
const MAX_NAME = 256;
/** Control characters, separators of paths, and marks that turn the direction of a text around: `gpj.exe` would look like `exe.jpg`. */
const UNWANTED = /[\p{Cc}\p{Bidi_C}/\\]/gu;

/** Reads what a payload carries besides its text. A part that is malformed is left out: the text is still good. */
export function decodeExtras({
  replyTo,
  mentions,
  files,
  kind,
  threadId,
}: Record<string, unknown>): SendExtras {
  const ids = Array.isArray(mentions) ? [...new Set(mentions.filter(isName))].slice(0, MAX_MENTIONS) : [];
  const refs = Array.isArray(files) ? files.map(decodeFile).filter(isDefined).slice(0, MAX_FILES) : [];
  return {
    replyTo: isMessageId(replyTo) ? replyTo : undefined,
    mentions: ids.length > 0 ? ids : undefined,
    files: refs.length > 0 ? refs : undefined,
    kind: kind === 'system' ? kind : undefined,
    threadId: isMessageId(threadId) ? threadId : undefined,
  };
}

function decodeFile(value: unknown): FileRef | undefined {
  if (!isObject(value)) return undefined;
  const { id, type, size, width, height } = value;
  const name = typeof value.name === 'string' && withoutMarks(value.name);
  if (!isName(id) || !isName(name) || typeof type !== 'string' || type.length > MAX_NAME || !isSize(size))
    return undefined;
  const file = { id, name, type, size };
  return isSize(width) && isSize(height) ? { ...file, width, height } : file;
}

/** Returns a file's name without what may deceive whoever sees it, or a file system. */
export function withoutMarks(name: string): string {
  return name.replace(UNWANTED, '');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
