import type { Message } from '../messages/message.js';

/** The calls of a conversation to the view around it. */
export interface ConversationHooks {
  /** Resolves when messages can be sent; rejects when they cannot. */
  ready(): Promise<void>;
  /** Resolves once the room is joined, however often that fails before. Absent where it is. */
  joined?(): Promise<void>;
  failed(error: unknown): void;
  /** The failure that was told of is over. */
  fine(): void;
  /** Whether what comes in now is history. */
  isOpening(): boolean;
  openThread?: ((id: string) => void) | undefined;
  pin?: ((message: Message, pinned: boolean) => void) | undefined;
  isPinned?: ((id: string) => boolean) | undefined;
  /** Hides the author of a message. */
  hide?: ((message: Message) => void) | undefined;
  /** Shows a message that is not in memory. */
  openAround?: ((id: string) => void) | undefined;
  rendered?: (messages: ReadonlyMap<string, Message>) => void;
}
