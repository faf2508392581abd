import { isBlank } from '../shared/blank.js';
import { isObject } from '../shared/is-object.js';
import { asMessage } from './as-message.js';
import { assertFits } from './assert-fits.js';
import { assertText, unsendable } from './assert-text.js';
import { decodeMessage, encodeMessage } from './codec.js';
import { isName, MAX_FILES, MAX_MENTIONS, MAX_NAME } from './extras.js';
import type { ChatUser, JsonObject, Message, SendExtras } from './message.js';
import { isMessageId } from './message-id.js';

/** Longest text made of the names of files (characters). */
const MAX_NAMES = 200;

/**
 * Returns what a message says: `text`, or the names of its files where that is blank, because a payload without text is
 * malformed for the clients of Momento's article. Throws a {@link ChatError} `invalid-argument` when there is nothing.
 */
export function textToSend(text: unknown, files: SendExtras['files']): string {
  if (typeof text === 'string' && isBlank(text) && Array.isArray(files) && files.every(isObject)) {
    const names = files.map(({ name }) => `${name}`).join(', ');
    if (!isBlank(names))
      return names.length > MAX_NAMES ? `${[...names].slice(0, MAX_NAMES - 1).join('')}…` : names;
  }
  assertText(text);
  return text as string;
}

/**
 * Makes a message to send and its payload. Throws a {@link ChatError}: `invalid-argument` when it would not decode on
 * the other side, `message-too-large` when its payload takes more than `maxBytes`.
 */
export function compose(
  text: string,
  { meta, ...extras }: SendExtras & { meta?: JsonObject | undefined },
  {
    id,
    room,
    user,
    now,
    maxBytes,
  }: { id: string; room: string; user: ChatUser; now: number; maxBytes: number },
): { message: Message; payload: string } {
  if (meta !== undefined && !isObject(meta)) throw unsendable('its `meta` is not a JSON object');
  const content = { id, text, user, sentAt: new Date(now), meta, ...given(extras) };
  let payload: string;
  try {
    payload = encodeMessage(content);
  } catch {
    throw unsendable('its `meta` is not JSON, or has a key `__proto__`');
  }
  const decoded = decodeMessage(payload, Number.POSITIVE_INFINITY);
  if ('malformed' in decoded) throw unsendable(decoded.malformed);
  // One that would not decode on the other side is left out there.
  if ((decoded.files?.length ?? 0) < (extras.files?.length ?? 0))
    throw unsendable('a file of `files` has no `id`, `name`, `type` and `size`');
  assertFits(payload, maxBytes, 'send the message');
  // Its own copies: the caller may go on to change theirs.
  const message = asMessage(
    { ...decoded, id, user, sentAt: content.sentAt },
    { room, own: true, status: 'sending', userId: user.id },
  );
  return { message, payload };
}

/** Checks the parts that go with the text. Empty lists are none. */
function given({ replyTo, mentions, files, kind, threadId }: SendExtras): SendExtras {
  if (replyTo !== undefined && !isMessageId(replyTo))
    throw unsendable('`replyTo` is not the id of a message');
  if (mentions !== undefined && !isListOf(mentions, MAX_MENTIONS, isName))
    throw unsendable(
      `\`mentions\` must hold at most ${MAX_MENTIONS} user ids, of 1 to ${MAX_NAME} characters`,
    );
  if (files !== undefined && !isListOf(files, MAX_FILES, isObject))
    throw unsendable(`\`files\` must hold at most ${MAX_FILES} files of \`room.files.upload()\``);
  if (kind !== undefined && kind !== 'system') throw unsendable("`kind` must be 'system'");
  return {
    replyTo,
    mentions: mentions?.length ? [...new Set(mentions)] : undefined,
    files: files?.length ? files : undefined,
    kind,
    threadId,
  };
}

function isListOf(value: unknown, most: number, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(fits);
}
