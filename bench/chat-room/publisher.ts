// The process that publishes and stores what the receiving page receives, as senders do.
import { MessageIds } from '../../src/messages/message-id.js';
import { nodeClients } from '../../test/support/chat.js';
import { type Job, publisherPort } from './processes.js';

/** What a page receives comes in equal portions, whatever else the machine does. */
const EVERY_MS = 50;
const TEXT = 'x'.repeat(200);

const { topics, cache } = nodeClients({ port: publisherPort() });
const ids = new MessageIds({ now: Date.now, random: Math.random });

process.once('disconnect', () => process.exit());
process.on('message', (job: Job) => void publish(job).then(() => process.send?.('published')));
process.send?.('ready');

async function publish({ room, count, perSecond }: Job): Promise<void> {
  const started = performance.now();
  const atOnce = (perSecond * EVERY_MS) / 1000;
  for (let sent = 0; sent < count; sent += atOnce) {
    const due = started + (sent / atOnce) * EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await Promise.all(Array.from({ length: atOnce }, () => say(room)));
  }
}

async function say(room: string): Promise<void> {
  const payload = JSON.stringify({ v: 1, id: ids.next(), username: 'a', message: TEXT });
  await Promise.all([
    topics.publish('chat', `${room}-chat`, payload),
    cache.listPushFront('chat', room, payload, { truncateBackToSize: 1000 }),
  ]);
}
