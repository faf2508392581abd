import type { LocalMomento, LocalMomentoOptions, ManualClock } from '../../../src/local/index.js';
import { outcome } from '../support/outcome.js';
import type { Clients } from '../support/sdk-clients.js';

/** The means to try a behaviour: one SDK's clients, a key that nothing else uses, and the server's clock. */
export interface Trial extends Clients {
  key: string;
  clock: ManualClock;
  /** Clients of the same SDK with another token. */
  withToken(token: string): Promise<Clients>;
  /** Another server with these options, and clients of the same SDK for it. */
  elsewhere(options: LocalMomentoOptions): Promise<Clients & { momento: LocalMomento }>;
}

/** Something that Momento documents of one RPC, in its documentation, its SDKs' responses or its published tests. */
export interface Behaviour {
  rpc: string;
  /** The behaviour that an app sees, as the conformance table says it. */
  says: string;
  expected: unknown;
  /** Does it and returns what was seen. */
  try: (trial: Trial) => Promise<unknown>;
  /** Moves the clock, so that nothing else may run at the same time. */
  movesTime?: boolean;
}

export const CACHE = 'chat';

export function behaviour(
  rpc: string,
  says: string,
  expected: unknown,
  attempt: (trial: Trial) => Promise<unknown>,
): Behaviour {
  return { rpc, says, expected, try: attempt };
}

const ACCESSORS = [
  'value',
  'values',
  'containsElement',
  'containsElements',
  'exists',
  'score',
  'rank',
  'listLength',
  'length',
  'itemType',
  'remainingTtlMillis',
] as const;

/** A response as plain data: what kind it is, and with a hit or a success what it holds. */
export function seen(response: object): unknown {
  const kind = outcome(response);
  if (kind !== 'Hit' && kind !== 'Success') return kind;
  for (const name of ACCESSORS) {
    const accessor = (response as Record<string, unknown>)[name];
    if (typeof accessor === 'function') return [kind, plain(accessor.call(response))];
  }
  return kind;
}

/** Several of them, one after the other. */
export async function each(...responses: (object | (() => Promise<object>))[]): Promise<unknown[]> {
  const all = [];
  for (const response of responses)
    all.push(seen(typeof response === 'function' ? await response() : response));
  return all;
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort();
  if (value instanceof Uint8Array) return [...value];
  return value;
}
