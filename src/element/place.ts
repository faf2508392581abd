import type { Message } from '../messages/message.js';

/** How a message stands to the one above it. */
export interface Place {
  startsDay: boolean;
  startsGroup: boolean;
  /** Whether it is the first that the reader has not seen. */
  startsUnread: boolean;
}

const GROUP_WINDOW_MS = 5 * 60_000;

export function placeAfter(previous: Message | undefined, message: Message, startsUnread: boolean): Place {
  const startsDay = !previous || previous.sentAt.toDateString() !== message.sentAt.toDateString();
  const startsGroup =
    startsDay ||
    startsUnread ||
    !previous ||
    previous.own !== message.own ||
    previous.kind === 'system' ||
    authorKey(previous) !== authorKey(message) ||
    message.replyTo !== undefined ||
    message.sentAt.getTime() - previous.sentAt.getTime() > GROUP_WINDOW_MS;
  return { startsDay, startsGroup, startsUnread };
}

export function samePlace(a: Place | undefined, b: Place): boolean {
  return a?.startsDay === b.startsDay && a.startsGroup === b.startsGroup && a.startsUnread === b.startsUnread;
}

function authorKey({ user }: Message): string {
  return user.id ?? `name:${user.name}`;
}
