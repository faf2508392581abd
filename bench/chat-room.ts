/**
 * What a ChatRoom costs against the bare web SDK, side by side in one run on one local Momento:
 *
 * - latency: `send()` to `message` on another client, against `publish` to `onItem`, taking turns;
 * - receiving: CPU time of this process per received message, against `onItem` + `JSON.parse`;
 * - flatness: the library's own time per received message after 100 … 100,000 were seen;
 * - calls: what a join of a room with many stored messages reads, and what a send calls.
 *
 * Run: npx tsx bench/chat-room.ts
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ChatRoom, type SubscribeOptionsLike } from 'momento-chat';
import { startLocalMomento } from 'momento-chat/local';
import { installBrowserGlobals } from '../test/support/browser-globals.js';
import { webClients } from '../test/support/chat.js';

const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 10_000);
const PINGS = Number(process.env.BENCH_PINGS ?? 400);
const TEXT = 'x'.repeat(200);

const percentile = (values: number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
const row = (name: string, value: string, budget: string) =>
  console.log(`${name.padEnd(46)}${value.padEnd(34)}${budget}`);

async function latency(url: Parameters<typeof webClients>[0]): Promise<void> {
  const bareSender = webClients(url);
  const bareReader = webClients(url);
  let arrived: () => void = () => {};
  await bareReader.topics.subscribe('chat', 'bare', { onItem: () => arrived() });
  const sender = new ChatRoom({ room: 'ping', user: { name: 'a' }, clients: webClients(url) });
  const reader = new ChatRoom({ room: 'ping', user: { name: 'b' }, clients: webClients(url) });
  await Promise.all([sender.join(), reader.join()]);
  reader.on('message', () => arrived());

  const time = async (go: () => Promise<unknown>) => {
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const start = performance.now();
    const done = go();
    await arrival;
    const elapsed = performance.now() - start;
    await done;
    return elapsed;
  };
  const bare: number[] = [];
  const room: number[] = [];
  for (let ping = 0; ping < PINGS; ping += 1) {
    const payload = JSON.stringify({ username: 'a', message: TEXT });
    bare.push(await time(() => bareSender.topics.publish('chat', 'bare', payload)));
    room.push(await time(() => sender.send(TEXT)));
  }
  await Promise.all([sender.leave(), reader.leave()]);
  for (const [name, share, budget] of [
    ['p50', 0.5, '≤ 1.05'],
    ['p99', 0.99, '≤ 1.15'],
  ] as const) {
    const [ours, theirs] = [percentile(room.slice(20), share), percentile(bare.slice(20), share)];
    row(
      `send to message, ${name}`,
      `${ours.toFixed(2)} ms / ${theirs.toFixed(2)} ms = ${(ours / theirs).toFixed(3)}`,
      budget,
    );
  }
}

/** CPU time of this process while a child publishes. */
async function receiving(momento: Parameters<typeof webClients>[0]): Promise<void> {
  const round = async (name: string, kind: 'bare' | 'room') => {
    let received = 0;
    let finish: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const count = () => {
      received += 1;
      if (received === MESSAGES / 5) finish();
    };
    const clients = webClients(momento);
    const room = new ChatRoom({ room: name, user: { name: 'b' }, clients });
    if (kind === 'room') {
      room.on('message', count);
      await room.join();
    } else {
      await clients.topics.subscribe('chat', `${name}-chat`, {
        onItem: (item) => {
          JSON.parse(item.valueString());
          count();
        },
      });
    }
    const child = fork(fileURLToPath(import.meta.url), [], {
      execArgv: process.execArgv,
      env: {
        ...process.env,
        BENCH_PUBLISH: JSON.stringify({ port: momento.port, room: name, count: MESSAGES / 5 }),
      },
    });
    await new Promise((resolve) => child.once('message', resolve));
    const before = process.cpuUsage();
    child.send('go');
    await all;
    const { user, system } = process.cpuUsage(before);
    child.kill();
    await room.leave();
    return user + system;
  };
  const totals = { bare: 0, room: 0 };
  for (let turn = 0; turn < 5; turn += 1) {
    totals.bare += await round(`bare-${turn}`, 'bare');
    totals.room += await round(`room-${turn}`, 'room');
  }
  const per = (total: number) => `${(total / MESSAGES).toFixed(0)} µs`;
  row(
    `receiving ${MESSAGES} messages, CPU`,
    `${per(totals.room)} / ${per(totals.bare)} = ${(totals.room / totals.bare).toFixed(3)}`,
    '≤ 1.10',
  );
}

async function flatness(): Promise<void> {
  let options: SubscribeOptionsLike | undefined;
  const clients = {
    topics: {
      publish: async () => ({ type: 'Success' }),
      subscribe: async (_: string, __: string, given: SubscribeOptionsLike) => {
        options = given;
        return { type: 'Subscription', unsubscribe: () => {} };
      },
    },
    cache: { listPushFront: async () => ({ type: 'Success' }), listFetch: async () => ({ type: 'Miss' }) },
  };
  const room = new ChatRoom({ room: 'r', user: { name: 'b' }, clients });
  await room.join();
  room.on('change', () => {});
  let made = 0;
  const feed = async (count: number) => {
    const payloads = Array.from({ length: count }, () => {
      made += 1;
      const id = `${(1_800_000_000_000 + made)
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7000-8000-${made.toString(16).padStart(12, '0')}`;
      return JSON.stringify({ v: 1, id, username: 'a', message: TEXT });
    });
    const first = made - count;
    const start = performance.now();
    for (const [index, payload] of payloads.entries()) {
      options?.onItem({
        value: () => payload,
        sequenceNumber: () => first + index + 1,
        tokenId: () => undefined,
      });
      if (index % 10 === 0) await Promise.resolve();
    }
    return ((performance.now() - start) * 1000) / count;
  };
  await feed(2000);
  const at100 = await feed(2000);
  await feed(100_000 - made - 2000);
  const at100k = await feed(2000);
  row(
    'own time per message, 4,000 and 100,000 seen',
    `${at100k.toFixed(1)} µs / ${at100.toFixed(1)} µs = ${(at100k / at100).toFixed(2)}`,
    '≤ 1.5',
  );
  await room.leave();
}

async function calls(momento: Parameters<typeof webClients>[0]): Promise<void> {
  const clients = webClients(momento);
  const made: string[] = [];
  const counted = {
    topics: {
      publish: (...args: Parameters<typeof clients.topics.publish>) => {
        made.push('publish');
        return clients.topics.publish(...args);
      },
      subscribe: (...args: Parameters<typeof clients.topics.subscribe>) => clients.topics.subscribe(...args),
    },
    cache: {
      listPushFront: (...args: Parameters<typeof clients.cache.listPushFront>) => {
        made.push('push');
        return clients.cache.listPushFront(...args);
      },
      listFetch: (...args: Parameters<typeof clients.cache.listFetch>) => {
        made.push('fetch');
        return clients.cache.listFetch(...args);
      },
    },
  };
  const stored = Array.from({ length: 1000 }, (_, index) =>
    JSON.stringify({ username: 'a', message: `message ${index}` }),
  );
  for (let batch = 0; batch < 100; batch += 1)
    await clients.cache.listConcatenateBack('chat', 'large', stored);
  const room = new ChatRoom({ room: 'large', user: { name: 'b' }, clients: counted });
  await room.join();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  row('a join of a room with 100,000 stored messages', `${made.join(' + ')}`, '2 reads');
  made.length = 0;
  await room.send('hello');
  row('a send', `${made.join(' + ')}`, '2 calls');
  await room.leave();
}

async function publishAll(job: { port: number; room: string; count: number }): Promise<void> {
  const { MessageIds } = await import('../src/room/ids.js');
  const { nodeClients } = await import('../test/support/chat.js');
  const { topics } = nodeClients({ port: job.port } as Parameters<typeof nodeClients>[0]);
  const ids = new MessageIds({ now: Date.now, random: Math.random });
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  for (let sent = 0; sent < job.count; sent += 20) {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        topics.publish(
          'chat',
          `${job.room}-chat`,
          JSON.stringify({ v: 1, id: ids.next(), username: 'a', message: TEXT }),
        ),
      ),
    );
  }
}

if (process.env.BENCH_PUBLISH !== undefined) await publishAll(JSON.parse(process.env.BENCH_PUBLISH));
else {
  installBrowserGlobals();
  const momento = await startLocalMomento({ caches: ['chat'] });
  row('', 'ChatRoom / bare SDK', 'budget');
  await latency(momento);
  await receiving(momento);
  await flatness();
  await calls(momento);
  await momento.close();
  process.exit(0);
}
