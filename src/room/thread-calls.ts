import { THREAD_EVENT } from '../features/thread-marks.js';
import type { JsonObject } from '../messages/message.js';
import { byteLength, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import type { RoomFeatureHost } from './feature-host.js';
import { listCalls, type RoomCalls } from './room-calls.js';
import type { UnstoredReplies } from './unstored-replies.js';

/** Returns the calls that a thread makes for its replies: they are events of the room, and entries of the thread's own list. */
export function threadCalls(
  host: RoomFeatureHost,
  { root, list, unstored }: { root: string; list: string; unstored: UnstoredReplies },
): RoomCalls {
  // The cache is the host's to name.
  const calls = listCalls({ cache: '', list, ...host.history }, (operation, input, action) =>
    host.call(operation, input, { action, once: true }),
  );
  return {
    ...calls,
    async publish(payload) {
      const message = JSON.parse(payload) as JsonObject;
      await host.events.send(THREAD_EVENT, { root, message }, { action: 'send the reply', once: true });
    },
    async fetch(start, end) {
      const beganAt = host.clock.monotonic();
      const payloads = await calls.fetch(start, end);
      unstored.read(payloads ?? [], beganAt, start);
      return payloads;
    },
  };
}

/** Returns how many bytes a reply may take: the event that carries it takes some as well. */
export function maxReplyBytes(host: RoomFeatureHost, root: string): number {
  const user = host.author();
  const event = { v: 1, id: root, type: THREAD_EVENT, user, data: { root, message: 0 } };
  return Math.min(host.maxMessageBytes, TOPIC_PAYLOAD_BYTES + 1 - byteLength(JSON.stringify(event)));
}
