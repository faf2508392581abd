// The process that publishes and stores what the receiving page receives, as senders do.
import { MessageIds } from '../../src/messages/message-id.js';
import { nodeClients } from '../../test/support/chat.js';
import { type Job, publisherPort } from './processes.js';

/** Messages come to a page in equal portions, whatever else the machine does. */
const EVERY_MS = 50;

const { topics, cache } = nodeClients({ port: publisherPort() });
const ids = new MessageIds({ now: Date.now, random: Math.random });

process.once('disconnect', () => process.exit());
process.on('message', (job: Job) => void publish(job).then(() => process.send?.('published')));
process.send?.('ready');

async function publish({ room, count, perSecond, bytes, stored }: Job): Promise<void> {
  const text = 'x'.repeat(bytes);
  const started = performance.now();
  const atOnce = (perSecond * EVERY_MS) / 1000;
  for (let sent = 0; sent < count; sent += atOnce) {
    const due = started + (sent / atOnce) * EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await Promise.all(Array.from({ length: atOnce }, () => say(room, text, stored)));
  }
}

async function say(room: string, message: string, stored: boolean): Promise<void> {
  const payload = JSON.stringify({ v: 1, id: ids.next(), username: 'a', message });
  await Promise.all([
    topics.publish('chat', `${room}-chat`, payload),
    stored && cache.listPushFront('chat', room, payload, { truncateBackToSize: 1000 }),
  ]);
}
