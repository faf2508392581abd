import type { DecodedMessage } from './codec.js';
import type { Message, Reaction } from './message.js';

const NO_REACTIONS: readonly Reaction[] = [];

/** Makes a message of what a payload says, as its sender sent it. */
export function asMessage(
  decoded: DecodedMessage & { id: string; sentAt: Date },
  { room, own, status, userId }: Pick<Message, 'room' | 'own' | 'status'> & { userId: string | undefined },
): Message {
  const { id, text, user, sentAt, meta, replyTo, mentions, files, kind, threadId } = decoded;
  return {
    id,
    room,
    text,
    user,
    sentAt,
    status,
    own,
    reactions: NO_REACTIONS,
    mentionsMe: userId !== undefined && mentions?.includes(userId) === true,
    ...(meta === undefined ? {} : { meta }),
    // The author and the text of the quoted message are looked up: a copy would outlive its deletion.
    ...(replyTo === undefined
      ? {}
      : { replyTo: { id: replyTo, user: { name: '' }, text: '', state: 'sent' as const } }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(files === undefined ? {} : { files }),
    ...(kind === undefined ? {} : { kind }),
    ...(threadId === undefined ? {} : { threadId }),
  };
}
