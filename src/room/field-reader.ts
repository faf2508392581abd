import { asFarAsReadable } from '../features/as-far-as-readable.js';
import type { FeatureHost } from '../features/feature.js';
import type { ChatError } from '../shared/errors.js';
import { dictionaryGetFields } from '../transport/operations/dictionaries.js';

/** A call that is made at the end of the turn. */
interface Batch {
  readonly fields: Set<string>;
  readonly signal: AbortSignal | undefined;
  readonly result: Promise<ReadonlyMap<string, string>>;
}

/**
 * Returns a function that reads the fields that there are of a dictionary. All that is asked of a dictionary in the same turn, and
 * would be cancelled together, is one call: each page of history asks several times.
 */
export function fieldReader(call: FeatureHost['call'], report: FeatureHost['report']) {
  const batches = new Map<string, Batch>();
  /** So many fields are asked for in one call: fewer after one that took too long, as a member may store what they like. */
  let most = Number.POSITIVE_INFINITY;
  const read = async ({ fields, signal }: Pick<Batch, 'fields' | 'signal'>, dictionary: string) => {
    const values = new Map<string, string>();
    const how = { action: 'read the state of messages', once: true, signal };
    for (const rest = [...fields]; rest.length > 0; ) {
      const some = rest.slice(0, most);
      try {
        const reading = call(dictionaryGetFields, { dictionary, fields: some }, how);
        for (const entry of (await asFarAsReadable({ report }, reading)) ?? []) values.set(...entry);
        rest.splice(0, some.length);
        most *= 2;
      } catch (problem) {
        if (some.length === 1 || (problem as ChatError).code !== 'timeout') throw problem;
        most = some.length >> 2 || 1;
      }
    }
    return values;
  };
  return (dictionary: string, wanted: readonly string[], signal?: AbortSignal): Batch['result'] => {
    let batch = batches.get(dictionary);
    if (batch === undefined || batch.signal !== signal) {
      const fields = new Set<string>();
      const result = Promise.resolve().then(() => {
        batches.delete(dictionary);
        return read({ fields, signal }, dictionary);
      });
      batch = { fields, signal, result };
      batches.set(dictionary, batch);
    }
    for (const field of wanted) batch.fields.add(field);
    return batch.result;
  };
}
