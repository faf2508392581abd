/** An event that a listener is told of. */
export type BrowserEvent = readonly [target: EventTarget, type: string, listener: () => void];

/** Whether there is a page, whose events can be listened to. */
export function hasPage(): boolean {
  return typeof window !== 'undefined' && typeof document !== 'undefined';
}

/** Listens to all of the events; the returned function removes every listener that was added. */
export function listen(events: readonly BrowserEvent[]): () => void {
  for (const [target, type, listener] of events) target.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of events) target.removeEventListener(type, listener);
  };
}
