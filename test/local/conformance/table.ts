import { isDeepStrictEqual } from 'node:util';
import type { Sdk } from '../support/sdk-clients.js';
import { SDKS } from '../support/sdk-clients.js';
import type { Behaviour } from './behaviour.js';

export interface Observation {
  sdk: Sdk;
  behaviour: Behaviour;
  seen: unknown;
}

/** The conformance table as Markdown: a row per RPC, what was tried, and how much of it was as documented. */
export function conformanceTable(
  services: readonly [service: string, rpcs: readonly string[]][],
  all: readonly Observation[],
): string {
  const lines = [
    `| call | behaviours tried | ${SDKS.map((sdk) => `\`${sdk}\``).join(' | ')} |`,
    '| --- | --- | --- | --- |',
  ];
  for (const [service, rpcs] of services) {
    for (const rpc of rpcs) {
      const tried = all.filter(({ behaviour }) => behaviour.rpc === rpc);
      const says = [...new Set(tried.map(({ behaviour }) => behaviour.says))].map((text) =>
        text.replaceAll('|', '\\|'),
      );
      const results = SDKS.map((sdk) => result(tried.filter((observation) => observation.sdk === sdk)));
      const what =
        says.length > 0 ? says.join('<br>') : 'no call of the SDKs reaches it; tried over bare gRPC';
      lines.push(`| \`${service}/${rpc}\` | ${what} | ${results.join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

function result(tried: readonly Observation[]): string {
  if (tried.length === 0) return '–';
  const good = tried.filter(({ seen, behaviour }) => isDeepStrictEqual(seen, behaviour.expected));
  return `${good.length} of ${tried.length}`;
}
