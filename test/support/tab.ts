import type { ChatStorage } from 'momento-chat/storage';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import type { InProcessClient, InProcessWorld } from './in-process-rooms.js';
import { type MortalStorage, mortalStorage } from './mortal-storage.js';

/** One tab of a browser: a room on a network of its own, over a storage that all tabs of the browser share. */
export interface Tab {
  readonly room: ChatRoom;
  readonly client: InProcessClient;
  readonly storage: MortalStorage;
  /** Codes of the `error` events. */
  readonly errors: string[];
  /** Ids of the `message` events. */
  readonly seen: string[];
  /** The network is gone, and the browser says so; or it is back. */
  offline(isOffline: boolean): void;
  /** Closes the tab without a word. Requests that were under way on the network may yet arrive. */
  die(): void;
}

/** Opens a tab; it joins nothing. */
export function openTab(
  world: InProcessWorld,
  storage: ChatStorage,
  user: { id: string; name: string },
  options: Partial<ChatRoomOptions> = {},
): Tab {
  const mortal = mortalStorage(storage);
  const client = world.client({ userId: user.id });
  const room = client.room({ room: 'r', user, storage: mortal, ...options });
  const errors: string[] = [];
  const seen: string[] = [];
  room.on('error', ({ code }) => errors.push(code));
  room.on('message', ({ id }) => seen.push(id));
  return {
    room,
    client,
    storage: mortal,
    errors,
    seen,
    offline(isOffline) {
      if (isOffline) client.link.cut('told');
      client.link.connected = !isOffline;
      client.hints.give(isOffline ? 'offline' : 'online');
    },
    die() {
      mortal.die();
      client.link.cut('silent');
      client.link.connected = false;
    },
  };
}
