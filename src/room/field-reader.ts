import { asFarAsReadable } from '../features/as-far-as-readable.js';
import type { FeatureHost } from '../features/feature.js';
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
  const read = async ({ fields, signal }: Pick<Batch, 'fields' | 'signal'>, dictionary: string) => {
    if (fields.size === 0) return new Map<string, string>();
    const how = { action: 'read the state of messages', once: true, signal };
    const reading = call(dictionaryGetFields, { dictionary, fields: [...fields] }, how);
    return (await asFarAsReadable({ report }, reading)) ?? new Map<string, string>();
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
