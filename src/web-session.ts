import { BaseSession, type ChatSessionOptions } from './session/chat-session.js';
import { webEnvironment } from './session/web-environment.js';
import { loadPart } from './shared/load-part.js';

/**
 * Any number of rooms on as few tokens as they need, the SDK loaded once. A token holds five rooms, see
 * `roomsPerToken`: fifty rooms share ten of them, each with a pair of SDK clients. A room that
 * joins takes the next free place, the last one to leave a token takes it along.
 *
 * Rooms that join in the same turn share requests. Where the token source refuses some of them together
 * (`permission-denied`), each asks once more for itself, so that only those fail which are refused alone.
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
  /** @throws `ChatError` `invalid-argument`: no token source, or another option is wrong; the message says which. */
  constructor(options: ChatSessionOptions) {
    super(options, webEnvironment, (action) =>
      loadPart(action, () => import('./directory/open-directory.js'), 'openDirectory'),
    );
  }
}
