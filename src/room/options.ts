import type { SendPolicy } from '../delivery/send-policy.js';
import type { MayDelete } from '../features/feature.js';
import type { FileOptions, OwnFileStore } from '../features/file-store.js';
import type { ChatUser } from '../messages/message.js';
import { exceeds, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import type { BaseSession } from '../session/chat-session.js';
import { assertCommonOptions, assertTokenSource } from '../session/common-options.js';
import type { Environment } from '../session/environment.js';
import type { Access } from '../session/open-connection.js';
import type { TokenSource } from '../session/token-source.js';
import { isBlank } from '../shared/blank.js';
import { invalidArgument } from '../shared/errors.js';
import type { ChatLogger } from '../shared/logger.js';
import { roomNameProblem } from '../shared/room-name.js';
import type { ChatStorage } from '../storage/chat-storage.js';
import type { CacheClientLike, TopicClientLike } from '../transport/client-types.js';
import { FEATURE_NAMES, type FeatureName } from './feature-name.js';

/** Options of a `ChatRoom`. Exactly one of `token`, `session` and `clients` must be given. */
export interface ChatRoomOptions {
  /** 1–128 characters of well-formed Unicode, not blank, without ':' and control characters. */
  room: string;
  /**
   * The user who sends from here. Without an `id`, that of the vended token is used where it has one. At most half of
   * `maxMessageBytes`, in UTF-8.
   */
  user: ChatUser;
  /** Where to get a token: the URL of a token vendor, or a function. */
  token?: TokenSource | undefined;
  /** Shares one token among rooms: a `ChatSession`. */
  session?: BaseSession | undefined;
  /**
   * Your own SDK clients: those of `@gomomento/sdk-web`, or of `@gomomento/sdk` in a Node bot. Their credentials are
   * yours to renew, and they are yours to close.
   */
  clients?: { topics: TopicClientLike; cache: CacheClientLike } | undefined;
  /** Name of the cache that the room lives in. Default `chat`, or that of the `session`. */
  cache?: string | undefined;
  /** How much is stored, loaded and kept in memory. */
  history?: HistoryOptions | undefined;
  /**
   * Largest encoded message that is sent, in bytes of UTF-8; of others, all of up to 4096 are taken. Default and maximum:
   * 4096, the payload limit of Momento Topics.
   */
  maxMessageBytes?: number | undefined;
  /** How hard a message is tried before it is `failed`. */
  retry?: SendPolicy | undefined;
  /**
   * Whether the room has features besides messages: edits, reactions, presence and all others. `false` makes a plain room
   * of one subscription, which shows messages as they were sent; calls of features reject with `feature-disabled`. Default
   * true.
   */
  events?: boolean | undefined;
  /** Largest file of `room.files`, in bytes. Default 1,048,576; at most 4,194,304, near what Momento takes. */
  maxFileBytes?: number | undefined;
  /** Keeps files in a place of the app's own, such as a bucket, and not beside the messages; `maxFileBytes` is not looked at. */
  upload?: OwnFileStore | undefined;
  /**
   * Which deletions this client honours and makes, such as those of authors and moderators. `verifiedUserId` is what Momento
   * vouches for, and is known of live deletions only: a stored one says what its maker claims. Momento cannot enforce the
   * rule: whoever may write to the room can remove an entry of its list. Give all clients the same rule. Default: everybody
   * may delete.
   */
  mayDelete?: MayDelete | undefined;
  /**
   * Where unsent messages, changes, drafts and hidden users survive the page: `indexedDb()` of `momento-chat/storage`, or
   * the app's own. Default: that of the `session`, or none.
   */
  storage?: ChatStorage | undefined;
  /** Features whose code is loaded with the join, and not when they are first used. */
  preload?: readonly FeatureName[] | undefined;
  /**
   * Where to write what the room does, such as `console`: statuses, gaps, errors and, as `debug`, calls. No message, user or
   * token is ever written. Default: that of the `session`, and silence without one.
   */
  logger?: ChatLogger | undefined;
}

/** How much is stored, loaded and kept in memory. */
export interface HistoryOptions {
  /** Messages that a page of history holds. Default 50. */
  pageSize?: number | undefined;
  /** Messages that stay stored; older ones are truncated on each push. Default 1000. */
  maxStored?: number | undefined;
  /**
   * Seconds that the list lives after the last push. Default 86,400, the maximum of caches on demand: they refuse a push
   * with more. Caches with provisioned storage take any number.
   */
  ttlSeconds?: number | undefined;
  /** Messages kept in memory as new ones come; older ones leave and can be loaded again. Default 500. */
  maxInMemory?: number | undefined;
}

/** Test seam: hands a room the clock, timers and connectivity to live by. */
export const ENVIRONMENT = Symbol();

/** Options that are right. */
export interface CheckedOptions {
  room: string;
  user: ChatUser;
  access: Access;
  cache: string;
  history: HistoryOptions;
  maxMessageBytes: number;
  retry: SendPolicy;
  events: boolean;
  files: FileOptions;
  mayDelete: MayDelete | undefined;
  storage: ChatStorage | undefined;
  preload: readonly FeatureName[];
  logger: ChatLogger | undefined;
  /** Absent: the system's, which is loaded when the room is joined. */
  environment: Environment | undefined;
}

const ACTION = 'create the room';
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Checks everything once, so that no other code need; throws a {@link ChatError} `invalid-argument`. What the page itself does not
 * use gets its defaults in the join, see `withDefaults()`.
 */
export function checkOptions(options: ChatRoomOptions & { [ENVIRONMENT]?: Environment }): CheckedOptions {
  demand(typeof options === 'object' && options !== null, 'the options must be an object');
  const { room, token, session, clients, preload = [], events = true, mayDelete, upload } = options;
  const { maxMessageBytes = TOPIC_PAYLOAD_BYTES, maxFileBytes = MAX_FILE_BYTES / 4 } = options;
  const problem = roomNameProblem(room);
  if (problem !== undefined) throw invalidArgument(ACTION, problem);
  const given = [token, session, clients].filter((option) => option !== undefined);
  demand(given.length === 1, 'give exactly one of `token`, `session` and `clients`');
  if (token !== undefined) assertTokenSource(token, ACTION);
  demand(
    session === undefined || typeof session?.openConnection === 'function',
    '`session` must be a ChatSession',
  );
  demand(
    clients === undefined ||
      (typeof clients?.topics?.subscribe === 'function' && typeof clients.cache?.listFetch === 'function'),
    '`clients` must hold `topics` and `cache`',
  );
  assertCommonOptions(options, ACTION);
  // Members with the default, and Momento itself, take no more.
  demandSize('maxMessageBytes', maxMessageBytes, TOPIC_PAYLOAD_BYTES);
  demandSize('maxFileBytes', maxFileBytes, MAX_FILE_BYTES);
  demand(
    upload === undefined || (typeof upload?.upload === 'function' && typeof upload.resolveUrl === 'function'),
    '`upload` must hold `upload` and `resolveUrl`',
  );
  demand(typeof events === 'boolean', '`events` must be a boolean');
  demand(
    Array.isArray(preload) && preload.every((name) => FEATURE_NAMES.includes(name)),
    `\`preload\` must be an array of ${FEATURE_NAMES.join(', ')}`,
  );
  demand(mayDelete === undefined || typeof mayDelete === 'function', '`mayDelete` must be a function');
  return {
    room,
    user: resolveUser(options.user, maxMessageBytes),
    access: { token, session, clients },
    cache: options.cache ?? session?.cache ?? 'chat',
    history: numbers('history', options.history),
    maxMessageBytes,
    retry: numbers('retry', options.retry),
    events,
    files: { maxBytes: maxFileBytes, upload },
    mayDelete,
    storage: options.storage ?? session?.storage,
    preload,
    logger: options.logger ?? session?.logger,
    environment: options[ENVIRONMENT],
  };
}

function resolveUser(user: ChatUser, maxMessageBytes: number): ChatUser {
  demand(typeof user === 'object' && user !== null, '`user` must be an object with a name');
  const { id, name } = user;
  demand(typeof name === 'string' && !isBlank(name), '`user.name` must be a string that is not blank');
  demand(
    id === undefined || (typeof id === 'string' && id !== ''),
    '`user.id` must be a string that is not empty',
  );
  // Both are part of every message.
  const isLong = exceeds(`${id ?? ''}${name}`, maxMessageBytes / 2);
  demand(!isLong, '`user` must leave half of `maxMessageBytes` to what is said');
  return id === undefined ? { name } : { id, name };
}

/** Returns a copy. */
function numbers(where: string, given: HistoryOptions | SendPolicy = {}): HistoryOptions & SendPolicy {
  demand(typeof given === 'object' && given !== null, `\`${where}\` must be an object`);
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) demandSize(`${where}.${name}`, value);
  return { ...given };
}

function demandSize(name: string, value: number, max = value): void {
  demand(Number.isSafeInteger(value) && value > 0, `\`${name}\` must be a positive integer`);
  demand(value <= max, `\`${name}\` must be at most ${max}`);
}

function demand(holds: boolean, why: string): asserts holds {
  if (!holds) throw invalidArgument(ACTION, why);
}
