#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import manifest from '../../../package.json' with { type: 'json' };
import { type LocalMomento, MOMENTO_LIMITS, startLocalMomento } from '../index.js';
import { type Command, parseCommandLine, USAGE } from './command-line.js';
import { explain } from './explain.js';

/** Exit codes: what was asked could not be done, and what was asked makes no sense. */
const FAILED = 1;
const MISUSED = 2;

function greeting(momento: LocalMomento, { caches, data }: Command): string {
  return `A local Momento listens on ${momento.url}. Ctrl-C stops it.

  caches       ${caches.join(', ')}
  Node SDK     CredentialProvider.forMomentoLocal({ hostname: '${new URL(momento.url).hostname}', port: ${momento.port} })
  Web SDK      CredentialProvider.fromDisposableToken({ authToken, endpointOverrides: {
                 cacheEndpoint: url, controlEndpoint: url, tokenEndpoint: url } })
               with url = '${momento.url}' and as authToken a disposable token or this key
  API key      ${momento.apiKey}
${momento.adminPort === undefined ? '' : `  admin        port ${momento.adminPort}, /block and /unblock\n`}${momento.secureUrl ? `  TLS          ${momento.secureUrl}\n` : ''}${data === undefined ? '' : `  data         ${data}\n`}`;
}

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command === 'help' || command === 'version') {
    process.stdout.write(command === 'help' ? USAGE : `${manifest.version}\n`);
    return;
  }
  if ('problem' in command) {
    process.stderr.write(`momento-chat: ${command.problem}\n\n${USAGE}`);
    process.exitCode = MISUSED;
    return;
  }
  try {
    const { port, host, caches, limits, data, cert, key, adminPort } = command;
    const momento = await startLocalMomento({
      port,
      host,
      caches,
      limits: limits ? MOMENTO_LIMITS : {},
      ...(adminPort === undefined ? {} : { adminPort }),
      ...(data === undefined ? {} : { data }),
      ...(cert === undefined || key === undefined
        ? {}
        : { tls: { cert: await readFile(cert), key: await readFile(key) } }),
    });
    // Before the greeting: who waits for that may end the process at once, and its data must be written.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        momento.close().catch((error: Error) => {
          process.stderr.write(`momento-chat: ${error.message}\n`);
          process.exitCode = FAILED;
        });
      });
    }
    process.stdout.write(greeting(momento, command));
  } catch (error) {
    process.stderr.write(`momento-chat: ${explain(error, command)}\n`);
    process.exitCode = FAILED;
  }
}

await main();
