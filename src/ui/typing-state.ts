import type { ChatUser } from '../index.js';

/** The others who are writing. */
export interface TypingState {
  /** The first ten of them. */
  readonly users: readonly Readonly<ChatUser>[];
  /** Whether there are more. */
  readonly many: boolean;
}
