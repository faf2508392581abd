import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pubsub } from '@gomomento/generated-types';
import { messageFrame } from '../../../src/local/front-ends/grpc-web-framing.js';
import { startLocalMomento } from '../../../src/local/index.js';
import { clientsOf } from '../support/sdk-clients.js';

/**
 * 1,000 subscribers of one topic get 1,000 messages each, and one more does not read at all. Measured, not tested: it
 * takes the machine for a while. Run it with
 *
 *     npx tsx test/local/load/subscribers.ts [subscribers] [messages]
 */
const subscribers = Number(process.argv[2] ?? 1000);
const messages = Number(process.argv[3] ?? 1000);

const momento = await startLocalMomento({ caches: ['chat'] });
const { api_key: key } = JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()) as { api_key: string };
const types = pubsub.cache_client.pubsub;
const subscription = new types._SubscriptionRequest({ cache_name: 'chat', topic: 't' });
const reader = fork(
  fileURLToPath(new URL('reader.ts', import.meta.url)),
  [
    momento.url,
    types.UnimplementedPubsubService.definition.Subscribe.path,
    key,
    messageFrame(subscription.serialize()).toString('base64'),
    String(subscribers + 1),
    String(messages),
  ],
  { execArgv: ['--import', 'tsx'] },
);

const idle = process.memoryUsage().rss;
await once(reader, 'message');
const connected = process.memoryUsage().rss;
const clients = await clientsOf('@gomomento/sdk', momento);
let peak = connected;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);

const done = once(reader, 'message');
const start = performance.now();
for (let n = 1; n <= messages; n++) {
  const response = await clients.topics.publish('chat', 't', `#${n}#${'x'.repeat(200)}`);
  if ('errorCode' in response) throw new Error(response.toString());
}
const published = performance.now() - start;
const [{ outOfOrder }] = (await done) as [{ outOfOrder: number }];
const delivered = performance.now() - start;
clearInterval(watch);

const mb = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
process.stdout.write(
  [
    `${subscribers} subscribers, ${messages} messages of 200 bytes, and one subscriber that does not read`,
    `delivered: ${subscribers * messages}, out of order: ${outOfOrder}`,
    `published after ${(published / 1000).toFixed(1)} s, everything delivered after ${(delivered / 1000).toFixed(1)} s`,
    `${Math.round((subscribers * messages) / (delivered / 1000)).toLocaleString('en')} deliveries per second`,
    `server's memory: ${mb(idle)} idle, ${mb(connected)} with everyone connected, ${mb(peak)} at most`,
    '',
  ].join('\n'),
);
reader.send('end');
clients.close();
await momento.close();
