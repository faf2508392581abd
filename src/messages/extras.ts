import { isObject } from '../shared/is-object.js';
import type { FileRef, SendExtras } from './message.js';
import { isMessageId } from './message-id.js';

export const MAX_MENTIONS = 50;
export const MAX_FILES = 10;
/** Longest user id, name of a file and the like (characters). */
export const MAX_NAME = 256;
/** Control characters, separators of paths, and marks that turn the direction of a text around: `gpj.exe` would look like `exe.jpg`. */
const UNWANTED = /[\p{Cc}\p{Bidi_C}/\\]/gu;

/** The extras of a payload. A part that it does not have is absent. */
export type DecodedExtras = { -readonly [Part in keyof SendExtras]: NonNullable<SendExtras[Part]> };

/** Reads what a payload carries besides its text. A part that is malformed is left out: the text is still good. */
export function decodeExtras(payload: Record<string, unknown>): DecodedExtras {
  const { replyTo, mentions, files, kind, threadId } = payload;
  const extras: DecodedExtras = {};
  if (isMessageId(replyTo)) extras.replyTo = replyTo;
  if (Array.isArray(mentions)) {
    const ids = [...new Set(mentions.filter(isName))].slice(0, MAX_MENTIONS);
    if (ids.length > 0) extras.mentions = ids;
  }
  if (Array.isArray(files)) {
    const refs = files.flatMap(decodeFile).slice(0, MAX_FILES);
    if (refs.length > 0) extras.files = refs;
  }
  if (kind === 'system') extras.kind = kind;
  if (isMessageId(threadId)) extras.threadId = threadId;
  return extras;
}

/** Returns the file; none when it is malformed. */
function decodeFile(value: unknown): FileRef | [] {
  if (!isObject(value)) return [];
  const { id, type, size, width, height } = value;
  const name = typeof value.name === 'string' && withoutMarks(value.name);
  if (!isName(id) || !isName(name) || typeof type !== 'string' || type.length > MAX_NAME || !isSize(size))
    return [];
  const file = { id, name, type, size };
  return isSize(width) && isSize(height) ? { ...file, width, height } : file;
}

/** Returns a file's name without what may deceive whoever sees it, or a file system. */
export function withoutMarks(name: string): string {
  return name.replace(UNWANTED, '');
}

/** Whether others take it for a user id, or a name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
