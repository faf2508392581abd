import { type Scheduler, systemScheduler, TIMED_OUT, withTimeout } from '../../shared/clock.js';
import { VendorError } from '../vendor-error.js';

/** Longest body that is read, in bytes: more than anybody needs to name rooms. */
export const MAX_BODY_BYTES = 16 * 1024;
/** A body that has not ended after so many milliseconds is not going to. */
const MAX_BODY_MS = 10_000;

/** Where chunks of a body come from, one read after the other. `stop` ends it without being waited for. */
export interface BodySource {
  read(): Promise<{ done: boolean; chunk?: Uint8Array }>;
  stop(): void;
}

/**
 * Reads a body to its end, within its limits.
 *
 * @param announced - The length that the request announces, if it does.
 * @throws VendorError 413 at once when it is too long, 408 when it does not end, 400 when it breaks off.
 */
export async function readBody(
  source: BodySource,
  announced: string | undefined,
  clock: Pick<Scheduler, 'after'> = systemScheduler,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(announced) > MAX_BODY_BYTES) {
    source.stop();
    throw bodyTooLong();
  }
  const reading = readToEnd(source).catch((problem: unknown) => {
    throw problem instanceof VendorError ? problem : brokenOff();
  });
  const body = await withTimeout(reading, { ms: MAX_BODY_MS, scheduler: clock, late: TIMED_OUT });
  if (body !== TIMED_OUT) return body;
  source.stop();
  throw new VendorError('invalid-argument', 'the body did not end in time', { status: 408 });
}

async function readToEnd(source: BodySource): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, chunk } = await source.read();
    if (done) break;
    if (chunk === undefined) continue;
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      source.stop();
      throw bodyTooLong();
    }
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function bodyTooLong(): VendorError {
  return new VendorError('invalid-argument', 'the body is too long', { status: 413 });
}

/** 500: somebody else took the rooms that it names. `remedy` is told on this side only. */
export function alreadyRead(remedy: string): VendorError {
  return new VendorError('server', 'the server failed', {
    status: 500,
    detail: `the body of this request has been read already; ${remedy}, or name the rooms in the query of a GET`,
  });
}

function brokenOff(): VendorError {
  return new VendorError('invalid-argument', 'the body broke off', { status: 400 });
}
