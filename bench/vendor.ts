/**
 * Requests per second of a vendor's cached hit against a bare `http` handler that answers the same bytes, in
 * rounds that take turns, so that whatever else the machine does hits both. The vendor is the built package,
 * with its default options but for the rate limit, which one client would soon reach.
 *
 * Run: npx tsx bench/vendor.ts
 */
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packedPackage } from '../test/support/packed-package.js';

const BUDGET = 0.6;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const ROUND_MS = Number(process.env.BENCH_ROUND_MS ?? 1500);
const CONNECTIONS = 32;
const REQUEST =
  'GET /token?room=lobby HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n';

/** Requests per second over keep-alive connections; the answers are counted by their length. */
async function measure(port: number): Promise<number> {
  const answerLength = await lengthOfAnswer(port);
  let answers = 0;
  const until = performance.now() + ROUND_MS;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => {
      return new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
        let pending = answerLength;
        socket.on('error', reject);
        socket.on('data', (chunk) => {
          pending -= chunk.length;
          if (pending < 0) reject(new Error('an answer of another length'));
          if (pending > 0) return;
          answers += 1;
          pending = answerLength;
          if (performance.now() < until) socket.write(REQUEST);
          else {
            socket.destroy();
            resolve();
          }
        });
      });
    }),
  );
  return (answers * 1000) / (performance.now() - startedAt);
}

function lengthOfAnswer(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (end === -1 || text.length < end + 4 + Number(length)) return;
      socket.destroy();
      resolve(text.length);
    });
  });
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function main(): Promise<void> {
  const { folder } = await packedPackage();
  const server = fork(
    fileURLToPath(new URL('./vendor-servers.mjs', import.meta.url)),
    [join(folder, 'dist/server.js')],
    { execArgv: [] },
  );
  const { vendorPort, barePort } = await new Promise<{ vendorPort: number; barePort: number }>((resolve) => {
    server.once('message', (message) => resolve(message as never));
  });
  await measure(barePort);
  await measure(vendorPort);
  const rates = { bare: [] as number[], vendor: [] as number[], ratio: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await measure(barePort);
    const vendor = await measure(vendorPort);
    rates.bare.push(bare);
    rates.vendor.push(vendor);
    rates.ratio.push(vendor / bare);
  }
  server.kill();
  const ratio = median(rates.ratio);
  console.log(`bare http handler   ${Math.round(median(rates.bare))} requests/s`);
  console.log(`vendor, cached hit  ${Math.round(median(rates.vendor))} requests/s`);
  console.log(`ratio               ${ratio.toFixed(2)} (budget ≥ ${BUDGET}, median of ${ROUNDS} rounds)`);
  process.exitCode = ratio >= BUDGET ? 0 : 1;
}

await main();
