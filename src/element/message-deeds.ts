import type { Message } from '../messages/message.js';
import type { ConversationHooks } from './conversation-hooks.js';
import type { Conversation, Room } from './faces.js';
import type { MessageDeeds } from './message-menu.js';
import type { Ui } from './ui.js';
import { sending } from './when-sent.js';

/** Returns the actions on the messages of a conversation: those that the room has. */
export function deedsFor(
  ui: Ui,
  conversation: Conversation,
  {
    room,
    hooks: { failed, pin, isPinned, openThread, hide },
    reply,
    edit,
    unread,
  }: {
    room: Room;
    hooks: Pick<ConversationHooks, 'failed' | 'pin' | 'isPinned' | 'openThread' | 'hide'>;
    reply: (message: Message) => void;
    edit: (message: Message) => void;
    /** Draws the line above the messages that were not read. */
    unread: (id: string) => void;
  },
): MessageDeeds {
  // A thread hands on to its room what it does not do itself.
  const doer = <Name extends 'edit' | 'delete' | 'react' | 'unreact'>(name: Name): Conversation =>
    conversation[name] ? conversation : room;
  const attempt = (work: Promise<unknown> | undefined, done?: string) => {
    sending(work, conversation, room)?.then(() => done !== undefined && ui.announce(done), failed);
  };
  const canReact = doer('react').react && doer('unreact').unreact;
  const read = conversation.read?.markUnread && conversation.read;
  return {
    openThread,
    reply,
    ...(canReact && {
      react: ({ id, reactions }, emoji) => {
        const mine = reactions.some((one) => one.emoji === emoji && one.mine);
        attempt(mine ? doer('unreact').unreact?.(id, emoji) : doer('react').react?.(id, emoji));
      },
    }),
    ...(doer('edit').edit && { edit }),
    ...(doer('delete').delete && {
      delete: ({ id }) => attempt(doer('delete').delete?.(id), ui.texts.deletedNow),
    }),
    hide,
    ...(pin && isPinned && { pin, isPinned }),
    ...(read && {
      markUnread: ({ id }) => {
        unread(id);
        attempt(read.markUnread?.(id));
      },
    }),
  };
}

/** Returns the newest own message whose text can be changed. */
export function lastOwn({ messages }: Conversation): Message | undefined {
  return messages.findLast(
    ({ own, status, deletedAt, text }) => own && status === 'sent' && deletedAt === undefined && text !== '',
  );
}
