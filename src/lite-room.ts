import { BaseRoom } from './chat-room.js';
import type { ChatRoomOptions } from './room/options.js';
import { loadPart } from './shared/load-part.js';

/**
 * A chat room: everybody's messages in one order, exactly once, through lost connections and expiring tokens. This one
 * reaches Momento over `fetch`; see the `ChatRoom` of `momento-chat`, which is the same but for that.
 *
 * The constructor throws a {@link ChatError} `invalid-argument` when an option is wrong; it opens nothing.
 *
 * @example
 * ```ts
 * import { ChatRoom } from 'momento-chat/lite';
 *
 * const room = new ChatRoom({ room: 'lobby', user: { name: 'Bot' }, token: 'https://example.com/token' });
 * room.on('message', ({ own, text }) => own || console.log(text));
 * await room.join();
 * await room.send('Hello!');
 * ```
 */
export class ChatRoom extends BaseRoom {
  constructor(options: ChatRoomOptions) {
    super(options, () => loadPart('join the room', () => import('./room/lite-runtime.js'), 'openRuntime'));
  }
}
