import { BaseRoom } from './chat-room.js';
import type { ChatRoomOptions } from './room/options.js';

/**
 * A chat room: everybody's messages in one order, exactly once, through lost connections and expiring tokens.
 *
 * The constructor throws a {@link ChatError} `invalid-argument` when an option is wrong; it opens nothing.
 *
 * @example
 * ```ts
 * const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token: '/token' });
 * room.on('change', (messages) => render(messages));
 * room.on('status', (status) => showStatus(status));
 * await room.join();
 * await room.send('Hello!');
 * ```
 */
export class ChatRoom extends BaseRoom {
  constructor(options: ChatRoomOptions) {
    super(options, async () => (await import('./room/web-runtime.js')).runtime);
  }
}
