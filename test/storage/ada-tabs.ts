import type { ChatStorage } from 'momento-chat/storage';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { dictionaryFetch } from '../../src/transport/operations/dictionaries.js';
import type { InProcessWorld } from '../support/in-process-rooms.js';
import { openTab, type Tab } from '../support/tab.js';

export const ADA = { id: 'ada', name: 'Ada' };

/** Helpers of tests for the tabs of Ada's browser. `scene`: the world and the storage of the current test. */
export function adaTabs(scene: () => { world: InProcessWorld; storage: ChatStorage }) {
  const open = (options: Partial<ChatRoomOptions> = {}, user = ADA): Tab => {
    const { world, storage } = scene();
    return openTab(world, storage, user, options);
  };
  return {
    open,
    /** Somebody else, elsewhere. */
    openBob: () => scene().world.room({ room: 'r', user: { id: 'bob', name: 'Bob' } }),
    /** A tab that lost its network. */
    async openOffline(options?: Partial<ChatRoomOptions>): Promise<Tab> {
      const { world } = scene();
      const tab = open(options);
      await world.join(tab.room);
      tab.offline(true);
      await world.run(1000);
      return tab;
    },
    /** Lets promises go on, and almost no time pass. */
    tick: () => scene().world.run(10),
    /** The stored edits and deletions. */
    async revisions(): Promise<string> {
      const { world } = scene();
      const fetching = world.transport().call(dictionaryFetch, { cache: 'chat', dictionary: 'r:revisions' });
      return [...(await world.result(fetching)).values()].join('\n');
    },
  };
}

/** The texts that a room shows, each with its status. */
export function shown({ messages }: ChatRoom): string[] {
  return messages.map(({ text, status }) => `${text} ${status}`);
}

/** Sends a message and does not wait for it; returns its id. */
export function send({ room }: Pick<Tab, 'room'>, text: string): string {
  room.send(text).catch(() => {});
  return room.messages.at(-1)?.id ?? '';
}
