/** The value below which the given share of them lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The median of the ratios of the rounds, and between what the middle half of them lie. */
export function spread(ratios: readonly number[]): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => percentile(ratios, share).toFixed(3));
  return `${middle} (${low} … ${high})`;
}

export function row(name: string, value: string, ratio: string, budget = ''): void {
  console.log(`${name.padEnd(48)}${value.padEnd(30)}${ratio.padEnd(26)}${budget}`.trimEnd());
}
