import { asChatError } from '../shared/as-chat-error.js';
import type { FeatureHost } from './feature.js';

/**
 * Waits for a reading. Undefined, after a report, where it can never succeed: the key may not be read, or it holds something
 * else, or too much. Rejects with a {@link ChatError} where another attempt may help, or the room is left.
 */
export async function asFarAsReadable<Output>(
  host: Pick<FeatureHost, 'report'>,
  reading: Promise<Output>,
): Promise<Output | undefined> {
  try {
    return await reading;
  } catch (problem) {
    const error = asChatError('read the state of the room', problem);
    if (error.retryable || error.code === 'closed' || error.code === 'unauthenticated') throw error;
    host.report(error);
    return undefined;
  }
}
