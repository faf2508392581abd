/** The examples that need nothing but what the repository has installed. */
export const EXAMPLES: readonly string[];
/** Examples that install packages of their own. */
export const HEAVY_EXAMPLES: readonly string[];
export const LIBRARY: string;
export function buildLibrary(): void;
export function buildPage(name: string): Promise<void>;
export function freePort(port?: number): Promise<number>;
export function runExample(
  name: string,
  options: { momento: Record<string, string>; port: number; inherit?: boolean },
): Promise<{ url: string; output(): string; ended: Promise<unknown>; close(): Promise<void> }>;
