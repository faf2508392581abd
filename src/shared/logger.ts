/**
 * A place for lines about what a room does: `console`, or a logger with the same four methods. Texts and details name rooms,
 * statuses, error codes and calls; never a message, a user or a token.
 */
export interface ChatLogger {
  debug(text: string, details: LogDetails): void;
  info(text: string, details: LogDetails): void;
  warn(text: string, details: LogDetails): void;
  error(text: string, details: LogDetails): void;
}

/** The subjects of a line, by name. */
export type LogDetails = { readonly [name: string]: string | number | boolean };

/** Writes a line. A logger that throws or rejects harms nobody. */
export function writeLog(
  logger: ChatLogger | undefined,
  level: keyof ChatLogger,
  text: string,
  details: LogDetails,
): void {
  try {
    const written: unknown = logger?.[level](`momento-chat: ${text}`, details);
    if (written instanceof Promise) written.catch(() => {});
  } catch {
    // Nobody could be told.
  }
}
