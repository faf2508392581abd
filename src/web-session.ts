import { BaseSession, type ChatSessionOptions } from './session/chat-session.js';
import { webEnvironment } from './session/web-environment.js';

/**
 * One token for many rooms. A token of `createTokenVendor()` holds five rooms, unless
 * `authorize` grants a `{ prefix }`: a sixth room's `join()` fails with `token-unavailable`.
 *
 * @example
 * ```ts
 * const session = new ChatSession({ token: '/token' });
 * const lobby = new ChatRoom({ room: 'lobby', user, session });
 * const help = new ChatRoom({ room: 'help', user, session });
 * await Promise.all([lobby.join(), help.join()]);
 * // … later
 * await Promise.all([lobby.leave(), help.leave()]);
 * await session.close();
 * ```
 */
export class ChatSession extends BaseSession {
  /** @throws `ChatError` `invalid-argument` when there is no token source. */
  constructor(options: ChatSessionOptions) {
    super(options, webEnvironment);
  }
}
