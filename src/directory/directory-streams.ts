import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import type { CompanionOptions } from '../session/room-directory.js';
import { asChatError } from '../shared/as-chat-error.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { readJson } from '../shared/read-json.js';
import { eventsTopic } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
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
  const follow = (
    topic: string,
    item: (item: TopicItem) => void,
    failed: (error: ChatError) => void,
    patience: { patienceMs?: number } = {},
  ) => {
    const subscription = new Subscription({
      ...options,
      ...patience,
      topic: { cache, topic },
      events: {
        item,
        live: onMissed,
        doubt: onMissed,
        lost: () => {},
        trouble: onTrouble,
        renewalFailed: onTrouble,
        failed,
      },
    });
    onAbort(signal, () => subscription.stop());
    return subscription.start();
  };
  if (companion !== undefined) {
    const announced = ({ value }: TopicItem) => {
      const name = announcedName(value);
      if (roomNameProblem(name) === undefined) onName(name as string);
    };
    follow(companion.topic, announced, onTrouble, { patienceMs: Number.POSITIVE_INFINITY }).catch(
      (problem: unknown) => onTrouble(asChatError('listen to the companion app', problem)),
    );
  }
  await follow(eventsTopic(directory), onItem, onFailed);
}

/** The room that the companion app announces: by its name alone, or as `{"name":…}`, as later versions of the app do. */
function announcedName(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('{')) return value;
  return (readJson(value) as { name?: unknown } | undefined)?.name;
}
