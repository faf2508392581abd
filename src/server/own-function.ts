import type { VendorStep } from './events.js';
import { VendorError } from './vendor-error.js';

/** Runs one of the user's own functions; what it throws is a 500 and is told on this side only. */
export async function callOwn<Result>(
  step: VendorStep,
  call: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof VendorError) throw cause;
    throw new VendorError('server', 'the server failed', {
      status: 500,
      step,
      detail: `${step} threw`,
      cause,
    });
  }
}

/** Tells one of the user's own functions something. Its exception or rejection concerns nobody here. */
export function tellOwn(tell: () => unknown): void {
  try {
    const result = tell();
    if (result instanceof Promise) result.catch(() => {});
  } catch {}
}
