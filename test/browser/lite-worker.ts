// The code of a worker of lite-workers.test.ts: a room of `momento-chat/lite` that obeys messages.
import { ChatRoom, type VendedToken } from 'momento-chat/lite';

export type Order =
  | { readonly join: { readonly room: string; readonly token: VendedToken } }
  | { readonly send: string }
  | { readonly leave: true };

/** A message to the worker; the answer comes through its port. */
interface Told extends Event {
  readonly data: Order;
  readonly ports: readonly MessagePort[];
  /** In a service worker: keeps it running until the promise settles. */
  waitUntil?(done: Promise<unknown>): void;
}

let room: ChatRoom | undefined;

async function obey(order: Order, tell: (news: string) => void): Promise<void> {
  if ('join' in order) {
    const { token } = order.join;
    room = new ChatRoom({ room: order.join.room, user: { name: 'Worker' }, token: async () => token });
    room.on('message', ({ user, text }) => tell(`${user.name}: ${text}`));
    await room.join();
  } else if ('send' in order) await room?.send(order.send);
  else await room?.leave();
}

globalThis.addEventListener('message', (event) => {
  const { data, ports, waitUntil } = event as Told;
  const tell = (news: string) => ports[0]?.postMessage(news);
  const done = obey(data, tell).then(
    () => tell(`done; ${room?.status}`),
    (error: unknown) => tell(String(error)),
  );
  waitUntil?.call(event, done);
});
