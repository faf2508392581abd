#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type LocalMomento, MOMENTO_LIMITS, startLocalMomento } from './index.js';

const USAGE = `Usage: momento-chat local [options]

Runs a local Momento for @gomomento/sdk and @gomomento/sdk-web, until Ctrl-C. Without --data nothing in it outlives the process.

Options:
  --port <number>  the TCP port; 0 chooses a free one (default: 8080)
  --host <address> the address to listen on (default: 127.0.0.1, reached from this machine only)
  --cache <name>   a cache that exists from the start; may be given more than once (default: chat)
  --data <file>    keeps caches and their items there between restarts
  --cert <file>    a certificate (PEM): the port then speaks TLS and HTTP/2 too
  --key <file>     the certificate's key (PEM)
  --limits         turns on the documented limits of a Momento account
  --help           shows this
`;

/** Exit codes: what was asked could not be done, and what was asked makes no sense. */
const FAILED = 1;
const MISUSED = 2;

interface Command {
  port: number;
  host: string;
  caches: string[];
  limits: boolean;
  data: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** What the arguments ask for; a text says what is wrong with them. */
function parse(args: string[]): Command | 'help' | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '8080' },
        host: { type: 'string', default: '127.0.0.1' },
        cache: { type: 'string', multiple: true, default: ['chat'] },
        limits: { type: 'boolean', default: false },
        data: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    if (positionals.length === 0) return { problem: 'a command is missing' };
    if (positionals[0] !== 'local') return { problem: `there is no command '${positionals[0]}'` };
    if (positionals.length > 1) return { problem: `unexpected argument '${positionals[1]}'` };
    const port = Number(values.port);
    if (!/^\d+$/.test(values.port) || port > 65535) return { problem: `'${values.port}' is not a port` };
    const { host, cache, limits, data, cert, key } = values;
    if ((cert === undefined) !== (key === undefined)) return { problem: '--cert and --key need each other' };
    return { port, host, caches: cache, limits, data, cert, key };
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? '') : String(error) };
  }
}

/** Why it did not start, in one line. */
function explain(error: unknown, { port, host }: Command): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `port ${port} is taken; choose another with --port, or --port 0 for a free one`;
  if (code === 'EACCES') return `port ${port} may not be used; choose one above 1023 with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine`;
  return error instanceof Error ? error.message : String(error);
}

function greeting(momento: LocalMomento, { host, caches, data }: Command): string {
  return `A local Momento listens on ${momento.url}. Ctrl-C stops it.

  caches       ${caches.join(', ')}
  Node SDK     CredentialProvider.forMomentoLocal({ hostname: '${host}', port: ${momento.port} })
  Web SDK      CredentialProvider.fromString({ authToken, endpointOverrides: {
                 cacheEndpoint: url, controlEndpoint: url, tokenEndpoint: url } })
               with url = '${momento.url}' and as authToken a disposable token or this key
  API key      ${momento.apiKey}
${momento.secureUrl ? `  TLS          ${momento.secureUrl}\n` : ''}${data === undefined ? '' : `  data         ${data}\n`}`;
}

async function main(): Promise<void> {
  const command = parse(process.argv.slice(2));
  if (command === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  if ('problem' in command) {
    process.stderr.write(`momento-chat: ${command.problem}\n\n${USAGE}`);
    process.exitCode = MISUSED;
    return;
  }
  try {
    const { port, host, caches, limits, data, cert, key } = command;
    const momento = await startLocalMomento({
      port,
      host,
      caches: [...new Set(caches)],
      limits: limits ? MOMENTO_LIMITS : {},
      ...(data === undefined ? {} : { data }),
      ...(cert === undefined || key === undefined
        ? {}
        : { tls: { cert: await readFile(cert), key: await readFile(key) } }),
    });
    process.stdout.write(greeting(momento, command));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        momento.close().catch((error: Error) => {
          process.stderr.write(`momento-chat: ${error.message}\n`);
          process.exitCode = FAILED;
        });
      });
    }
  } catch (error) {
    process.stderr.write(`momento-chat: ${explain(error, command)}\n`);
    process.exitCode = FAILED;
  }
}

await main();
