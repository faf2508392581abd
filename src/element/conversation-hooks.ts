import type { Message } from '../messages/message.js';

/** What a conversation asks of what it stands in. */
export interface ConversationHooks {
  /** Resolves when messages can be sent; rejects when they cannot. */
  ready(): Promise<void>;
  failed(error: unknown): void;
  /** What was wrong is so no more. */
  fine(): void;
  /** Whether what comes in now is history. */
  isOpening(): boolean;
  openThread?: ((id: string) => void) | undefined;
  pin?: ((message: Message, pinned: boolean) => void) | undefined;
  isPinned?: ((id: string) => boolean) | undefined;
  rendered?: (messages: readonly Message[]) => void;
}
