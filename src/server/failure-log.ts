import type { VendorEvent } from './events.js';

/** Tells the console why a request failed, for a vendor whose events nobody asked for. */
export function logFailure({ type, recovered, status, reason, cause }: VendorEvent): void {
  if (type !== 'failed' || recovered) return;
  const line = `momento-chat: a request for a token was answered with ${status}: ${reason}`;
  if (cause === undefined) console.error(line);
  // The trace alone: what else hangs on an error, such as the headers of a request, may hold a secret.
  else console.error(`${line}\n${(cause as Partial<Error> | null)?.stack ?? String(cause)}`);
}
