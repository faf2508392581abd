import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import type { CompanionOptions } from '../session/room-directory.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { eventsTopic } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import { watchTopic } from '../sync/further-topic.js';
import { Subscription } from '../sync/subscription.js';
import type { TopicItem } from '../transport/transport.js';

/**
 * Subscribes to the topic of the directory, and to that of the companion app where there is one, until `signal` aborts. Resolves when
 * the stream of the directory is live. Rejects with a {@link ChatError}.
 */
export async function followDirectory(options: {
  cache: string;
  directory: string;
  companion: CompanionOptions | undefined;
  environment: Environment;
  /** Of the directory; attached. */
  connection: Connection;
  signal: AbortSignal;
  onItem(item: TopicItem): void;
  /** The companion app has a new room. */
  onName(room: string): void;
  onMissed(): void;
  onTrouble(error: ChatError): void;
  /** The stream of the directory is over for good. */
  onFailed(error: ChatError): void;
}): Promise<void> {
  const { cache, directory, companion, signal, onItem, onName, onMissed, onTrouble, onFailed } = options;
  if (signal.aborted) return;
  if (companion !== undefined) {
    const item = ({ value }: TopicItem) => {
      const name = announcedName(value);
      if (roomNameProblem(name) === undefined) onName(name as string);
    };
    void watchTopic({
      ...options,
      topic: { cache, topic: companion.topic },
      events: { item, missed: onMissed },
      onLive: () => {},
    });
  }
  const subscription = new Subscription({
    ...options,
    topic: { cache, topic: eventsTopic(directory) },
    events: {
      item: onItem,
      live: onMissed,
      doubt: onMissed,
      lost: () => {},
      trouble: onTrouble,
      renewalFailed: onTrouble,
      failed: onFailed,
    },
  });
  onAbort(signal, () => subscription.stop());
  await subscription.start();
}

/** The room that the companion app announces: by its name alone, or as `{"name":…}`, as later versions of the app do. */
function announcedName(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('{')) return value;
  try {
    return JSON.parse(value)?.name;
  } catch {
    return undefined;
  }
}
