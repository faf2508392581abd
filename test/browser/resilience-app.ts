// The code of the page of resilience.test.ts: rooms that the test reaches through `rooms`.
import { ChatRoom } from 'momento-chat';

/** A room with a diary of what it told. */
function openRoom(room: string, name: string) {
  const chat = new ChatRoom({ room, user: { name }, token: '/token', history: { maxInMemory: 5000 } });
  const diary = { statuses: [] as string[], ids: [] as string[], errors: [] as string[], openGaps: 0 };
  chat.on('status', (status) => diary.statuses.push(status));
  chat.on('message', ({ id }) => diary.ids.push(id));
  chat.on('error', ({ code }) => diary.errors.push(code));
  chat.on('gap', ({ complete }) => {
    if (!complete) diary.openGaps += 1;
  });
  return {
    diary,
    join: () => chat.join(),
    leave: () => chat.leave(),
    send: async (text: string) => void (await chat.send(text)),
    /** Sends without waiting; the outcome shows in `messages`. */
    post: (text: string) => void chat.send(text).catch(() => {}),
    status: () => chat.status,
    shown: () => chat.messages.map(({ id, text, status }) => ({ id, text, status })),
  };
}

export type OpenRoom = ReturnType<typeof openRoom>;
export type App = { openRoom: typeof openRoom; room?: OpenRoom };

const app: App = { openRoom };
Object.assign(globalThis, { app });
