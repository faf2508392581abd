/** Reads the fields that there are of a dictionary. */
export type ReadFields = (
  dictionary: string,
  fields: readonly string[],
  signal: AbortSignal | undefined,
) => Promise<ReadonlyMap<string, string>>;

/** Makes one call of all that features ask of a dictionary in the same turn: each page of history asks several. */
export function batchedFields(read: ReadFields): ReadFields {
  const batches = new Map<string, { fields: Set<string>; result: Promise<ReadonlyMap<string, string>> }>();
  return (dictionary, fields, signal) => {
    const batch = batches.get(dictionary);
    if (batch !== undefined) {
      for (const field of fields) batch.fields.add(field);
      return batch.result;
    }
    const all = new Set(fields);
    const result = Promise.resolve().then(() => {
      batches.delete(dictionary);
      return read(dictionary, [...all], signal);
    });
    batches.set(dictionary, { fields: all, result });
    return result;
  };
}
