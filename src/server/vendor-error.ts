import { ChatError, type ChatErrorCode } from '../shared/errors.js';
import type { VendorStep } from './events.js';

/** Marks the errors of every copy of this library: a server may hold an ESM and a CommonJS one. */
const BRAND = /* @__PURE__ */ Symbol.for('momento-chat.VendorError');

/**
 * Why no token was vended. `vend()` rejects with it; over HTTP it is the answer
 * `{ error: { code, message } }` with `status`. Its message is fit to be shown to the client. `instanceof` also
 * recognizes the errors of another copy of the library.
 *
 * | status | code | when |
 * | --- | --- | --- |
 * | 400 | `invalid-argument` | rooms, user id, address or body malformed, no room, or more rooms than fit in a token |
 * | 401 | `unauthenticated` | `authenticate` said `null` |
 * | 403 | `permission-denied` | a room is not on the allow-list, or `authorize` said `null`; over HTTP: a page of another site asks |
 * | 405, 408, 413, 414, 415 | `invalid-argument` | over HTTP: the method, a body that does not end, too long a body or query, a body of another type than JSON |
 * | 429 | `rate-limited` | too many requests or mints; see `retryAfterSeconds` |
 * | 500 | `server` | one of your own functions threw or gave what makes no sense, something else has read the body, the client's address is unknown, or the clock of this server is ahead of Momento's |
 * | 502 | `server` | Momento refused or failed to mint |
 * | 503 | `network`, `timeout` | Momento could not be reached in time |
 * | 503 | `server` | 10,000 different tokens are being vended already |
 *
 * @example
 * ```ts
 * try {
 *   return await vendor.vend({ ip, rooms: ['lobby'] });
 * } catch (error) {
 *   if (error instanceof VendorError && error.status === 429) await wait(error.retryAfterSeconds);
 *   throw error;
 * }
 * ```
 */
export class VendorError extends ChatError {
  /** HTTP status to answer with, 400 to 599; 500 for one that is given as anything else. */
  readonly status: number;
  /** Seconds after which another try makes sense, for 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** The part that did not work. */
  readonly step: VendorStep;
  /** More about why, for events: the error code that Momento gave. Never sent to clients. */
  readonly detail?: string;

  constructor(
    code: ChatErrorCode,
    message: string,
    options: {
      status: number;
      step?: VendorStep;
      retryAfterSeconds?: number;
      detail?: string;
      cause?: unknown;
    },
  ) {
    super(code, `unable to vend a token; ${message}`, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'VendorError';
    this.status = isFailure(options.status) ? options.status : 500;
    this.step = options.step ?? 'request';
    if (options.detail !== undefined) this.detail = options.detail;
    const { retryAfterSeconds } = options;
    if (retryAfterSeconds !== undefined && Number.isFinite(retryAfterSeconds)) {
      this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSeconds));
    }
  }

  /** Whether `value` is a VendorError, of whichever copy of the library. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // As in ChatError, and for the same reason.
    // biome-ignore lint/complexity/noThisInStatic: see there
    if (Object.getPrototypeOf(this) !== ChatError) return super[Symbol.hasInstance](value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  get [BRAND as never](): true {
    return true;
  }
}

/** Whether it is the status of a failure: with any other there is no answer, or one that passes for a success. */
function isFailure(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599;
}

/** 400: the request itself is wrong. */
export function badRequest(message: string): VendorError {
  return new VendorError('invalid-argument', message, { status: 400 });
}

/** 500: a function of the user's own gave what makes no sense. */
export function misused(step: VendorStep, detail: string): VendorError {
  return new VendorError('server', 'the server failed', { status: 500, step, detail });
}
