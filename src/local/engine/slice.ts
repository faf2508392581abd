/** A slice of a sequence. A negative index counts from the end; an absent one is the sequence's own start or end. */
export interface Slice {
  start?: number | undefined;
  end?: number | undefined;
}

/** Where the slice begins and, exclusively, ends in a sequence of that length: both within it, and in order. */
export function bounds({ start = 0, end }: Slice, length: number): [number, number] {
  const at = (index: number): number => Math.min(length, Math.max(0, index < 0 ? length + index : index));
  const from = at(start);
  return [from, Math.max(from, end === undefined ? length : at(end))];
}
