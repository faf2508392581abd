/** Matches every text that holds a key `__proto__`, however it is written. */
const PROTOTYPE = /__proto__|\\u00/;

/**
 * Reads JSON that anybody may have written; undefined for what is none. A key `__proto__` is left out: an app that merges what it
 * is given into an object of its own would change that one's prototype.
 */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text, PROTOTYPE.test(text) ? withoutPrototype : undefined);
  } catch {
    return undefined;
  }
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
