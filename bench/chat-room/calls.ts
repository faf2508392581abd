import { ChatRoom } from 'momento-chat';
import { SETTLE_MS } from '../../src/messages/settle-window.js';
import { webClients } from '../../test/support/chat.js';
import type { Address } from './processes.js';
import { row } from './report.js';

/** Prints what a join of a room with many stored messages reads, and what a send calls. */
export async function calls(momento: Address): Promise<void> {
  const { topics, cache } = webClients(momento);
  const made: string[] = [];
  const clients = {
    topics: {
      publish(...args: Parameters<typeof topics.publish>) {
        made.push('publish');
        return topics.publish(...args);
      },
      subscribe: topics.subscribe.bind(topics),
    },
    cache: {
      listPushFront(...args: Parameters<typeof cache.listPushFront>) {
        made.push('push');
        return cache.listPushFront(...args);
      },
      async listFetch(...args: Parameters<typeof cache.listFetch>) {
        const response = await cache.listFetch(...args);
        made.push(`a page of ${response.type === 'Hit' ? response.valueListString().length : 0}`);
        return response;
      },
    },
  };
  const thousand = Array.from({ length: 1000 }, (_, index) =>
    JSON.stringify({ username: 'a', message: `message ${index}` }),
  );
  for (let thousands = 0; thousands < 100; thousands += 1)
    await cache.listConcatenateBack('chat', 'large', thousand);

  const room = new ChatRoom({ room: 'large', user: { name: 'b' }, clients });
  await room.join();
  // The second reading comes a settle window after the first.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS + 500));
  row('a join of a room with 100,000 stored messages', made.splice(0).join(' + '), '', '2 head pages');
  await room.send('hello');
  row('a send', made.splice(0).join(' + '), '', '2 calls');
  await room.leave();
}
