import { cpus, freemem, totalmem } from 'node:os';
import {
  CacheClient,
  Configurations,
  CredentialProvider,
  DefaultMomentoLoggerFactory,
  DefaultMomentoLoggerLevel,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import { ChatRoom } from 'momento-chat';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '' } = process.env;

const credentialProvider = credentials();
// The SDK takes a subscription up again every now and then, and warns of it: nothing is lost.
const logger = new DefaultMomentoLoggerFactory(DefaultMomentoLoggerLevel.ERROR);
const clients = {
  topics: new TopicClient({ credentialProvider, configuration: TopicConfigurations.Default.latest(logger) }),
  cache: new CacheClient({
    credentialProvider,
    configuration: Configurations.Laptop.latest(logger),
    defaultTtlSeconds: 60,
  }),
};
// Storage keeps a minute, for pages that open later.
const room = new ChatRoom({
  room: 'machine',
  user: { name: 'Machine' },
  clients,
  events: false,
  history: { maxStored: 60 },
});
room.on('error', (error) => console.warn(error.code, error.message));
await room.join();

let before = times();
setInterval(() => {
  const now = times();
  const cpu = percent(now.busy - before.busy, now.all - before.all);
  const memory = percent(totalmem() - freemem(), totalmem());
  before = now;
  room
    .send(`Processor ${cpu} %, memory ${memory} %`, { meta: { cpu, memory } })
    .catch((error) => console.warn(error.code, error.message));
}, 1000);

/** A local Momento has an address of its own; the service is found by the API key. */
function credentials() {
  if (!endpoint.startsWith('http:')) return CredentialProvider.fromApiKeyV2({ apiKey, endpoint });
  const { hostname, port } = new URL(endpoint);
  return CredentialProvider.forMomentoLocal({ hostname, port: Number(port) });
}

/** How long all processors were busy since the machine started, and how long they were there. */
function times() {
  const all = cpus().flatMap(({ times }) => Object.values(times));
  const idle = cpus().map(({ times }) => times.idle);
  return { busy: sum(all) - sum(idle), all: sum(all) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function percent(part, whole) {
  return whole > 0 ? Math.round((part / whole) * 100) : 0;
}
