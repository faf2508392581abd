import { SEND_DEFAULTS, type SendPolicy } from '../delivery/send-policy.js';
import type { AllGiven } from '../shared/all-given.js';
import type { CheckedOptions, HistoryOptions } from './options.js';

/** Options of a room as its runtime gets them: with their defaults. */
export interface ResolvedOptions extends CheckedOptions {
  history: AllGiven<HistoryOptions>;
  retry: AllGiven<SendPolicy>;
}

const HISTORY_DEFAULTS: AllGiven<HistoryOptions> = {
  pageSize: 50,
  maxStored: 1000,
  ttlSeconds: 86_400,
  maxInMemory: 500,
};

export function withDefaults(options: CheckedOptions): ResolvedOptions {
  const { history, retry } = options;
  // The options had other names once.
  const { attempts, patienceMs, maxWaiting } = retry as { [name: string]: number | undefined };
  const oldNames = { maxAttempts: attempts, timeoutMs: patienceMs, maxPending: maxWaiting };
  return {
    ...options,
    history: given(history, HISTORY_DEFAULTS),
    retry: given(retry, given(oldNames, SEND_DEFAULTS)),
  };
}

/** Returns those of `options` that are given; an option may also be given as undefined. */
function given<T extends object>(options: { [K in keyof T]?: T[K] | undefined }, defaults: T): T {
  const resolved = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof T)[]) resolved[name] = options[name] ?? defaults[name];
  return resolved;
}
