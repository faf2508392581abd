import type { Observable } from '../shared/observable.js';

/** State of a room that a UI framework reads. Its functions may be called on their own. */
export interface View<T> extends Observable<T> {
  /** Its value on a server, and in the first rendering of a page that came from one. */
  readonly empty: T;
}

/** As much of an emitter as a view needs. */
export interface Source<Event extends string> {
  on(event: Event, listener: () => void): unknown;
  off(event: Event, listener: () => void): unknown;
}

/**
 * Makes a view of what an emitter's getters say. However many listen to it, the emitter has one listener for each event.
 *
 * @param read - Gives the same value until it changed.
 */
export function viewOf<Event extends string, T>(
  source: Source<Event>,
  events: readonly Event[],
  read: () => T,
  empty: T,
): View<T> {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    empty,
    get: read,
    subscribe(listener) {
      // One entry for each subscription, also of the same function.
      const entry = () => listener();
      listeners.add(entry);
      if (listeners.size === 1) for (const event of events) source.on(event, tell);
      return () => {
        if (listeners.delete(entry) && listeners.size === 0)
          for (const event of events) source.off(event, tell);
      };
    },
  };
}

/** Gives the object that it gave before, as long as the properties of a new one are the same. */
export function stable<T extends object>(read: () => T): () => T {
  let last: T | undefined;
  return () => {
    const next = read();
    if (last === undefined || !isShallowEqual(last, next)) last = next;
    return last;
  };
}

/** Whether two values are the same, or arrays or objects of the same values. */
export function isShallowEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  // A Map, a Date and the like have no properties to compare.
  if (!isPlain(left) || !isPlain(right)) return false;
  const [ours, theirs] = [Object.entries(left), Object.keys(right)];
  return (
    ours.length === theirs.length &&
    ours.every(
      ([key, value]) => Object.hasOwn(right, key) && Object.is(value, right[key as keyof typeof right]),
    )
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
