import type { Message } from '../messages/message.js';
import type { TimelineView } from './feature.js';

/**
 * Shows messages as `show` makes them of what `look` knows of each; those of which it knows nothing as they are. What is the same
 * as before gives the same object as before.
 */
export function showWith<Known>(
  timeline: Pick<TimelineView, 'overlay'>,
  look: (message: Message) => Known | undefined,
  show: (message: Message, known: Known) => Message,
): void {
  const shown = new WeakMap<Message, { known: Known; as: Message }>();
  timeline.overlay((message) => {
    const known = look(message);
    if (known === undefined) return message;
    const before = shown.get(message);
    if (before?.known === known) return before.as;
    const as = show(message, known);
    shown.set(message, { known, as });
    return as;
  });
}
