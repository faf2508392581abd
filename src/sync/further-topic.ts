import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { asChatError } from '../shared/as-chat-error.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import type { TopicAddress, TopicItem } from '../transport/transport.js';
import { Subscription } from './subscription.js';

/** The events of a further topic. */
export interface WatchEvents {
  item(item: TopicItem): void;
  /** Its stream is live, or may have missed something. */
  missed(): void;
}

/**
 * Subscribes to a further topic of a room, such as that of its features' events, until `signal` aborts. Resolves when its stream is
 * live or cannot be had. It never rejects: a room goes on without it.
 */
export async function watchTopic(options: {
  connection: Connection;
  topic: TopicAddress;
  environment: Environment;
  signal: AbortSignal;
  events: WatchEvents;
  onLive: () => void;
  onTrouble: (error: ChatError) => void;
}): Promise<void> {
  const { events, onLive, onTrouble } = options;
  const subscription = new Subscription({
    ...options,
    events: {
      item: events.item,
      live: () => {
        onLive();
        events.missed();
      },
      doubt: events.missed,
      lost: () => {},
      trouble: onTrouble,
      // The room's own stream tells.
      renewalFailed: () => {},
      failed: onTrouble,
    },
    patienceMs: Number.POSITIVE_INFINITY,
  });
  onAbort(options.signal, () => subscription.stop());
  try {
    await subscription.start();
  } catch (problem) {
    subscription.stop();
    onTrouble(asChatError('subscribe to the events of the room', problem));
  }
}
