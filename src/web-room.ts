import { BaseRoom } from './chat-room.js';
import type { ChatRoomOptions } from './room/options.js';
import { loadPart } from './shared/load-part.js';

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
    super(options, () => {
      if (options.token !== undefined) preloadSdk();
      return loadPart('join the room', () => import('./room/web-runtime.js'), 'openRuntime');
    });
  }
}

/**
 * The SDK is loaded here, and not by what is loaded here: else Rollup puts helpers that page and SDK share into the page's
 * own file, and the SDK waits for ever for a page that awaits `join()` at its top level.
 */
function preloadSdk(): void {
  if (typeof XMLHttpRequest !== 'undefined')
    loadPart('connect', () => import('@gomomento/sdk-web'), 'CredentialProvider').catch(() => {});
}
