import {
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { roomToken } from '../local/support/mint.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { faultRun, tableOf } from './fault-run.js';
import { RoomParticipant } from './room-participant.js';

const SEED = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGES = Number(process.env.SOAK_MESSAGES ?? 10_000);
const FAULTS = Number(process.env.SOAK_FAULTS ?? 200);
const PACE_MS = 35;
const ROOM = 'soak';

let momento: LocalMomento;
let uninstall: () => void;
const closers: (() => void)[] = [];

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  // Heartbeats are quicker than on the service would be, so that silence shows within the run.
  momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 1000 });
});
afterAll(async () => {
  for (const close of closers) close();
  await momento.close();
  uninstall();
});

/** Clients of a bot, quiet: what they would log is what this test does to them. */
function botClients() {
  const credentialProvider = CredentialProvider.forMomentoLocal({
    hostname: '127.0.0.1',
    port: momento.port,
  });
  const logger = new NoopMomentoLoggerFactory();
  const topics = new TopicClient({
    configuration: TopicConfigurations.Default.latest(logger),
    credentialProvider,
  });
  const cache = new CacheClient({
    configuration: Configurations.Laptop.latest(logger),
    credentialProvider,
    defaultTtlSeconds: 3600,
  });
  closers.push(() => cache.close());
  return { topics, cache };
}

it('G1, G2, G3, G4: whatever breaks, six clients, half of them on lite, show one list: nothing lost, doubled or out of order', async () => {
  console.log(`SOAK_SEED=${SEED} SOAK_MESSAGES=${MESSAGES} SOAK_FAULTS=${FAULTS}`);
  const history = { maxStored: 2 * MESSAGES, maxInMemory: 2 * MESSAGES };
  // Tokens live for 40 s, so that they are renewed about twenty times besides all that is done to them.
  const lifeSeconds = 40;
  let vended = 0;
  const token = async () => {
    vended += 1;
    const minted = await roomToken(momento, ROOM, { lifeSeconds });
    return { token: minted, exp: 0, expiresIn: lifeSeconds, endpoint: momento.url };
  };
  const participants = [
    ...['web1', 'web2'].map(
      (name) => new RoomParticipant({ room: ROOM, token, history, transport: 'the SDKs' }, name),
    ),
    new RoomParticipant({ room: ROOM, clients: botClients(), history, transport: 'the SDKs' }, 'node'),
    ...['lite1', 'lite2', 'lite3'].map(
      (name) => new RoomParticipant({ room: ROOM, token, history, transport: 'lite', Room: LiteRoom }, name),
    ),
  ];
  await Promise.all(participants.map(({ room }) => room.join()));
  const result = await faultRun(momento, participants, {
    seed: SEED,
    messages: MESSAGES,
    faults: FAULTS,
    paceMs: PACE_MS,
  });
  for (const [transport, verdict] of result.transports)
    console.log(`On the screens of rooms over ${transport}:\n${tableOf(verdict)}`);
  console.log(`tokens vended: ${vended}; lengths at the end: ${result.lengths.join(', ')}`);
  for (const { name, errors, failures, room } of participants) {
    console.log(`${name}: ${room.status}; sends that failed and were retried by hand, errors told:`);
    console.log(Object.fromEntries(failures), Object.fromEntries(errors));
  }
  await Promise.all(participants.map((participant) => participant.leave()));
  const flawless = { sent: MESSAGES, failed: 0, lost: 0, doubled: 0, misordered: 0 };
  expect(result.total).toMatchObject(flawless);
  expect([...result.transports.values()]).toMatchObject([{ total: flawless }, { total: flawless }]);
  expect(result.same).toBe(true);
  expect(result.lengths).toEqual(participants.map(() => MESSAGES));
  for (const { seen } of participants) expect(new Set(seen).size).toBe(seen.length);
});
