import { describe, it } from 'vitest';
import type { Usage } from '../support/cost-meter.js';
import {
  busyReaderCosts,
  changeCosts,
  heartlessCosts,
  plainCosts,
  presenceChanges,
  presenceCosts,
  readingCosts,
  richCosts,
  typingCosts,
} from '../support/cost-scenes.js';

/** How many members the rooms have. */
const SIZES = (process.env.COSTS_MEMBERS ?? '10,100').split(',').map(Number);

const rounded = (count: number) => Math.round(count * 10) / 10;

function tell(scene: string, costs: Record<string, Usage | number>): void {
  for (const [name, used] of Object.entries(costs)) {
    if (typeof used === 'number') console.log(`${scene} · ${name}: ${used}`);
    else {
      const { calls, cacheCalls, topicCalls, deliveries, bytesUp, bytesDown } = used;
      const each = Object.entries(calls).map(([rpc, count]) => `${rpc} ${rounded(count)}`);
      console.log(
        `${scene} · ${name}: ${rounded(cacheCalls)} cache + ${rounded(topicCalls)} topic + ${rounded(deliveries)} deliveries, ` +
          `${rounded(bytesUp)} B up, ${rounded(bytesDown)} B down (${each.join(', ')})`,
      );
    }
  }
}

describe('costs: what docs/scaling.md says, measured again', () => {
  it('rooms of any size', async () => {
    tell('idle without heartbeats', await heartlessCosts());
    tell('rich', await richCosts());
    tell('presence', await presenceChanges());
    tell('one busy reader', await busyReaderCosts());
  });

  it.each(SIZES)('rooms of %i', async (members) => {
    for (const events of [true, false])
      tell(`${members}, events: ${events}`, await plainCosts(members, events));
    tell(`${members}`, await changeCosts(members));
    tell(`${members}, presence`, await presenceCosts(members));
    tell(`${members}, one types`, await typingCosts(members, 1));
    tell(`${members}, all type`, await typingCosts(members, members));
    tell(`${members}, all read`, await readingCosts(members));
  });
});
