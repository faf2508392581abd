import type { Jsonable, JsonObject, SendExtras } from '../messages/message.js';

/** Options of `send()`. */
export interface SendOptions<Meta extends object = JsonObject> extends SendExtras {
  /** JSON of the app's own, which travels with the message. */
  meta?: (Meta & Jsonable<Meta>) | undefined;
}

/** Options of a thread's `send()`. */
export interface ReplyOptions<Meta extends object = JsonObject> extends SendOptions<Meta> {
  /** Shows the reply in the room as well, as a message with `threadId`. It counts once. Default false. */
  alsoInRoom?: boolean | undefined;
}
