import type { ChatError } from '../shared/errors.js';
import { type ChatLogger, writeLog } from '../shared/logger.js';
import type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './events.js';

/** Writes the lines of one room. Loaded only where the app gave a logger. */
export class RoomLog {
  readonly #room: string;
  readonly #logger: ChatLogger;

  constructor(room: string, logger: ChatLogger) {
    this.#room = room;
    this.#logger = logger;
  }

  /** Writes a line about an event of the room, if it is one of a few. */
  emitted(event: keyof ChatRoomEvents, args: readonly unknown[]): void {
    if (event === 'status') this.#status(...(args as Parameters<ChatRoomEvents['status']>));
    else if (event === 'gap') this.#gap(args[0] as Gap);
    else if (event === 'error') this.#error(args[0] as ChatError);
  }

  #status(status: RoomStatus, previous: RoomStatus, reason: StatusReason): void {
    const details = { room: this.#room, status, previous, reason };
    writeLog(
      this.#logger,
      status === 'failed' ? 'error' : 'info',
      `the room is ${status} (${reason})`,
      details,
    );
  }

  #gap({ filled, complete }: Gap): void {
    const details = { room: this.#room, filled, complete };
    if (complete) writeLog(this.#logger, 'info', 'missed messages were read from storage', details);
    else writeLog(this.#logger, 'warn', 'some messages may be missing', details);
  }

  /** Its cause is left out: it is somebody else's, and may quote anything. */
  #error({ code, message, retryable }: ChatError): void {
    writeLog(this.#logger, 'warn', message, { room: this.#room, code, retryable });
  }

  /** Tells of a call when it has ended. */
  called(rpc: string, call: Promise<unknown>, monotonic: () => number): void {
    const from = monotonic();
    const ended = (code: string) => {
      const ms = Math.round(monotonic() - from);
      writeLog(this.#logger, 'debug', `${rpc} took ${ms} ms: ${code}`, { room: this.#room, rpc, ms, code });
    };
    call.then(
      () => ended('ok'),
      (error: Partial<ChatError>) => ended(error?.code ?? 'error'),
    );
  }
}
