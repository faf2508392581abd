// The code of the page of storage.test.ts: one room that survives its page.
import { ChatRoom } from 'momento-chat/lite';
import { indexedDb } from 'momento-chat/storage';

const storage = indexedDb();

function openRoom(name: string, id: string) {
  const room = new ChatRoom({ room: name, user: { id, name: id }, token: `/token?user=${id}`, storage });
  const errors: string[] = [];
  room.on('error', ({ code }) => errors.push(code));
  // Like an app that tries again for as long as its page is open.
  const join = (): Promise<void> => room.join().catch(join);
  return {
    room,
    errors,
    join,
    /** Sends without waiting; gives the id. */
    post(text: string): string {
      room.send(text).catch(() => {});
      return room.messages.at(-1)?.id ?? '';
    },
    shown: () =>
      room.messages.map(({ text, status, reactions }) =>
        [text, status, ...reactions.map(({ emoji }) => emoji)].join(' '),
      ),
  };
}

export type StorageApp = {
  openRoom: typeof openRoom;
  storage: typeof storage;
  open?: ReturnType<typeof openRoom>;
  /** How many entries the database holds. */
  entries(): Promise<number>;
};

const app: StorageApp = {
  openRoom,
  storage,
  entries: () =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open('momento-chat');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        const counting = database.transaction('entries').objectStore('entries').count();
        counting.onsuccess = () => {
          database.close();
          resolve(counting.result);
        };
      };
    }),
};
Object.assign(globalThis, { app });
