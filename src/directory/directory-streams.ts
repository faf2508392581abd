import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import type { CompanionOptions } from '../session/room-directory.js';
import { asChatError } from '../shared/as-chat-error.js';
import type { ChatError } from '../shared/errors.js';
import { eventsTopic } from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import { Subscription } from '../sync/subscription.js';
import type { TopicItem } from '../transport/transport.js';

export interface DirectoryStreamsOptions {
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
}

/** The one subscription of the directory, and a second one where the companion app is listened to. */
export class DirectoryStreams {
  readonly #options: DirectoryStreamsOptions;

  constructor(options: DirectoryStreamsOptions) {
    this.#options = options;
  }

  /** Resolves when the stream of the directory is live. Rejects with a {@link ChatError}. */
  async start(): Promise<void> {
    const { directory, companion, onItem, onName, onTrouble, onFailed } = this.#options;
    if (companion !== undefined) {
      const onAnnouncement = ({ value }: TopicItem) => {
        const name = announcedName(value);
        if (roomNameProblem(name) === undefined) onName(name as string);
      };
      this.#subscribe(companion.topic, onAnnouncement, onTrouble, Number.POSITIVE_INFINITY).catch(
        (problem: unknown) => onTrouble(asChatError('listen to the companion app', problem)),
      );
    }
    await this.#subscribe(eventsTopic(directory), onItem, onFailed);
  }

  async #subscribe(
    topic: string,
    item: (item: TopicItem) => void,
    failed: (error: ChatError) => void,
    patienceMs?: number,
  ): Promise<void> {
    const { cache, connection, environment, signal, onMissed, onTrouble } = this.#options;
    const subscription = new Subscription({
      connection,
      topic: { cache, topic },
      environment,
      events: {
        item,
        live: onMissed,
        doubt: onMissed,
        lost: () => {},
        trouble: onTrouble,
        renewalFailed: onTrouble,
        failed,
      },
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    const stop = () => subscription.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) return;
    try {
      await subscription.start();
    } catch (problem) {
      stop();
      throw problem;
    }
  }
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
