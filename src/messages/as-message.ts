import type { DecodedMessage } from './codec.js';
import type { Message, Reaction } from './message.js';

const NO_REACTIONS: readonly Reaction[] = [];

/** Makes a message of what a payload says, as its sender sent it. */
export function asMessage(
  decoded: DecodedMessage & { id: string; sentAt: Date },
  { room, own, status, userId }: Pick<Message, 'room' | 'own' | 'status'> & { userId: string | undefined },
): Message {
  const { replyTo } = decoded;
  const content: Omit<typeof decoded, 'replyTo'> = decoded;
  const message: Message = {
    ...content,
    room,
    status,
    own,
    reactions: NO_REACTIONS,
    mentionsMe: userId !== undefined && decoded.mentions?.includes(userId) === true,
  };
  // The author and the text of the quoted message are looked up: a copy would outlive its deletion.
  return replyTo === undefined
    ? message
    : { ...message, replyTo: { id: replyTo, user: { name: '' }, text: '', state: 'sent' } };
}
