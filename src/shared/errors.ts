/**
 * Every code a {@link ChatError} can carry. The union is closed: a `switch` over it can be exhaustive.
 *
 * - `invalid-argument`: an option or argument is wrong; the message says which and why.
 * - `not-joined`: the room is not joined, so there is nothing to send on or load from.
 * - `message-too-large`: the encoded message exceeds `maxMessageBytes`, or what Momento or the SDK takes; or a file does.
 * - `token-unavailable`: the token source could not be reached or gave no usable token, or the SDK cannot be loaded.
 * - `unauthenticated`: the token source answered 401 (sign in), or Momento rejected the token or the `clients`.
 * - `permission-denied`: the token does not allow the operation, or the token source refused one (403).
 * - `cache-not-found`: the cache that rooms live in does not exist.
 * - `rate-limited`: a limit of the account or of the token source was exceeded, or `retry.maxPending`.
 * - `timeout`: no answer in time; the operation may or may not have happened.
 * - `network`: the service could not be reached.
 * - `malformed-message`: somebody sent or stored what is not a message, or many of them; they are left out. Or the clock of
 *   this device is days ahead, so that others leave out what is sent from here.
 * - `feature-disabled`: the room was made with `events: false`, and is asked for what needs them.
 * - `storage-unavailable`: the room's `storage` failed, so that what is unsent is lost with the page.
 * - `server`: the service failed, or answered what cannot be understood.
 * - `closed`: the room was left or the session closed before the operation ended, or the message was deleted before it was
 *   sent.
 */
export type ChatErrorCode =
  | 'invalid-argument'
  | 'not-joined'
  | 'message-too-large'
  | 'token-unavailable'
  | 'unauthenticated'
  | 'permission-denied'
  | 'cache-not-found'
  | 'rate-limited'
  | 'timeout'
  | 'network'
  | 'malformed-message'
  | 'feature-disabled'
  | 'storage-unavailable'
  | 'server'
  | 'closed';

const RETRYABLE: readonly ChatErrorCode[] = [
  'token-unavailable',
  'rate-limited',
  'timeout',
  'network',
  'server',
];

/** Marks the errors of every copy of this library: an app may hold an ESM and a CommonJS one. */
const BRAND = /* @__PURE__ */ Symbol.for('momento-chat.ChatError');

/**
 * The one error class of this library. Messages have one shape, "unable to <do this>; <why>", and never
 * contain a token. `instanceof` also recognizes the errors of another copy of the library.
 *
 * @example
 * ```ts
 * try {
 *   await room.send(text);
 * } catch (error) {
 *   if (error instanceof ChatError && error.code === 'message-too-large') askToShorten();
 *   else throw error;
 * }
 * ```
 */
export class ChatError extends Error {
  /** The kind of failure, for programs. */
  readonly code: ChatErrorCode;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean;

  constructor(code: ChatErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options);
    this.name = 'ChatError';
    this.code = code;
    this.retryable = options?.retryable ?? RETRYABLE.includes(code);
  }

  /** Whether `value` is a ChatError, of whichever copy of the library. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that extends this one recognizes its own by the prototype. Had this one its own name in it, a bundler would
    // give it another: `var ChatError = class _ChatError`.
    // biome-ignore lint/complexity/noThisInStatic: see above
    return Object.getPrototypeOf(this) === Error ? BRAND in Object(value) : super[Symbol.hasInstance](value);
  }

  get [BRAND as never](): true {
    return true;
  }
}

/** Returns the error "unable to <action>; <why>". */
export function unable(
  code: ChatErrorCode,
  action: string,
  why: string,
  options?: { cause?: unknown; retryable?: boolean },
): ChatError {
  return new ChatError(code, `unable to ${action}; ${why}`, options);
}

/** Returns the error of a wrong option or argument, for example `invalidArgument('create the room', 'the user is missing')`. */
export function invalidArgument(action: string, why: string): ChatError {
  return unable('invalid-argument', action, why);
}
