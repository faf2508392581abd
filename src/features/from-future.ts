import { idTime, MAX_FUTURE_MS } from '../messages/message-id.js';
import type { FeatureHost } from './feature.js';

/** Whether an id lies further in the future than two wrong clocks explain. */
export function isFromFuture({ clock }: Pick<FeatureHost, 'clock'>, id: string): boolean {
  return idTime(id) > clock.now() + MAX_FUTURE_MS;
}
