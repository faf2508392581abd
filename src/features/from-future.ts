import { idTime, MAX_FUTURE_MS } from '../messages/message-id.js';
import type { Clock } from '../shared/clock.js';

/** Whether an id lies further in the future than two wrong clocks explain. */
export function isFromFuture({ clock }: { clock: Pick<Clock, 'now'> }, id: string): boolean {
  return idTime(id) > clock.now() + MAX_FUTURE_MS;
}
