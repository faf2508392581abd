import type { Listed } from './idless-memory.js';
import { type ListWindow, messagesOf } from './list-window.js';
import type { Reading } from './receiver.js';

/** Whether something in the window is no message. */
export function hasRubbish(window: ListWindow): boolean {
  return messagesOf(window).length < window.entries.length;
}

export function idsOf(listed: readonly Listed[]): string[] {
  return listed.map(({ message }) => message.id);
}

/** Returns the entries that are not in memory. */
export function unknownOf({ listed }: Reading): Listed[] {
  return listed.filter(({ known }) => !known);
}

/**
 * The index of the entry that memory ends with: the lowest that is still there. Something known may stand below it: an
 * old message that somebody published again is in memory without those around it. Only what was in its place `before` the
 * reading counts.
 */
export function endOfKnown(
  { listed }: Reading,
  bottom: readonly string[],
  before: ReadonlySet<string>,
): number {
  const there = new Map(listed.map(({ message }, index) => [message.id, index]));
  const lowest = bottom.find((id) => before.has(id) && there.has(id));
  return there.get(lowest ?? '') ?? listed.findLastIndex(({ message }) => before.has(message.id));
}

/** Leaves only the first `count` unknown messages in the reading; whether anything was cut. */
export function cutAfter(reading: Reading, count: number): boolean {
  let unknown = 0;
  const length = reading.listed.findIndex(({ known }) => {
    unknown += known ? 0 : 1;
    return unknown > count;
  });
  if (length === -1) return false;
  reading.listed.length = length;
  return true;
}
