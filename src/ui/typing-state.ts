import type { ChatUser } from '../index.js';

/** Who else is writing. */
export interface TypingState {
  /** The first ten of them. */
  readonly users: readonly Readonly<ChatUser>[];
  /** Whether there are more. */
  readonly many: boolean;
}
