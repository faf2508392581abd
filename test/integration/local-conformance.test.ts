import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../src/local/engine/engine.js';
import { FaultState } from '../../src/local/faults/fault-state.js';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { LimitChecks } from '../../src/local/limits.js';
import { rpcTable } from '../../src/local/rpc/rpc-table.js';
import { CACHE, type Trial } from '../local/conformance/behaviour.js';
import { collectionBehaviours } from '../local/conformance/collections.js';
import { conditionalSetBehaviours } from '../local/conformance/conditional-sets.js';
import { controlBehaviours } from '../local/conformance/control.js';
import { limitBehaviours } from '../local/conformance/limits.js';
import { scalarBehaviours } from '../local/conformance/scalars.js';
import { sortedSetBehaviours } from '../local/conformance/sorted-sets.js';
import { conformanceTable, type Observation } from '../local/conformance/table.js';
import { tokenScopeBehaviours } from '../local/conformance/token-scopes.js';
import { type Clients, clientsOf, SDKS } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

const BEHAVIOURS = [
  ...controlBehaviours,
  ...scalarBehaviours,
  ...conditionalSetBehaviours,
  ...collectionBehaviours,
  ...sortedSetBehaviours,
  ...tokenScopeBehaviours,
  ...limitBehaviours,
];

/** Neither SDK sends these: SetIfNotExists is SetIf to them, and nothing of theirs erases ranges of a list. */
const BEYOND_THE_SDKS = ['SetIfNotExists', 'ListErase'];

const DOCUMENT = new URL('../../docs/local.md', import.meta.url);
const MARKS = ['<!-- conformance: begin -->\n', '<!-- conformance: end -->'] as const;

const observations: Observation[] = [];
let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

const rpcs = [...new Set(BEHAVIOURS.map(({ rpc }) => rpc))];

describe.each(SDKS)('through %s', (sdk) => {
  let momento: LocalMomento;
  let clients: Clients;
  let clock: ManualClock;
  let keys = 0;
  const opened: Clients[] = [];
  const servers: LocalMomento[] = [];

  beforeAll(async () => {
    clock = new ManualClock();
    momento = await startLocalMomento({ caches: [CACHE], clock });
    clients = await clientsOf(sdk, momento);
    opened.push(clients);
  });
  afterAll(async () => {
    for (const open of opened) open.close();
    await momento.close();
    for (const server of servers) await server.close();
  });

  const trial = (): Trial => ({
    ...clients,
    clock,
    key: `key-${keys++}`,
    async withToken(token) {
      const others = await clientsOf(sdk, momento, token);
      opened.push(others);
      return others;
    },
    async elsewhere(options) {
      const server = await startLocalMomento({ caches: [CACHE], ...options });
      servers.push(server);
      const others = await clientsOf(sdk, server);
      opened.push(others);
      return { ...others, momento: server };
    },
  });

  it.each(rpcs)('%s behaves as documented', async (rpc) => {
    const mine = BEHAVIOURS.filter((behaviour) => behaviour.rpc === rpc);
    const observe = async (behaviour: (typeof mine)[number]): Promise<void> => {
      observations.push({ sdk, behaviour, seen: await behaviour.try(trial()) });
    };
    await Promise.all(mine.filter(({ movesTime }) => !movesTime).map(observe));
    for (const behaviour of mine.filter(({ movesTime }) => movesTime)) await observe(behaviour);
    const seen = observations.filter((one) => one.sdk === sdk && one.behaviour.rpc === rpc);
    expect(seen.map((one) => [one.behaviour.says, one.seen])).toEqual(
      seen.map(({ behaviour }) => [behaviour.says, behaviour.expected]),
    );
  });
});

describe('the conformance table', () => {
  const served = [...rpcTable(bareServices(), () => '').keys()].map((path) => path.slice(1).split('/'));

  it('has every call that is served', () => {
    const names = served.map(([, rpc]) => rpc ?? '').filter((rpc) => !BEYOND_THE_SDKS.includes(rpc));
    expect(names.filter((name) => !rpcs.includes(name))).toEqual([]);
    expect(rpcs.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('in docs/local.md is what these tests have just seen; UPDATE_DOCS=1 writes it', () => {
    const rows = new Map<string, string[]>();
    for (const [service = '', rpc = ''] of served) {
      const name = service.slice(service.lastIndexOf('.') + 1);
      rows.set(name, [...(rows.get(name) ?? []), rpc]);
    }
    observations.sort((a, b) => BEHAVIOURS.indexOf(a.behaviour) - BEHAVIOURS.indexOf(b.behaviour));
    const table = conformanceTable([...rows], observations);
    const text = readFileSync(DOCUMENT, 'utf8');
    const [before, rest = ''] = text.split(MARKS[0]);
    const after = rest.slice(rest.indexOf(MARKS[1]));
    const wanted = `${before}${MARKS[0]}\n${table}\n\n${after}`;
    if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, wanted);
    else expect(text).toBe(wanted);
  });
});

/** Services that nothing calls: only to ask which RPCs there are. */
function bareServices() {
  const clock = new ManualClock();
  const engine = new Engine({ clock, heartbeatMs: 1000, replayItems: 1 });
  const connections = { dropAll: () => 0, refusing: false };
  return { engine, limits: new LimitChecks({}, clock), faults: new FaultState(engine, connections, []) };
}
