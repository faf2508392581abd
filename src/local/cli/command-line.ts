import { parseArgs } from 'node:util';

export const USAGE = `Usage: momento-chat local [options]

Runs a local Momento for @gomomento/sdk and @gomomento/sdk-web, until Ctrl-C. Without --data nothing in it outlives the process.

Options:
  --port <number>  the TCP port; 0 chooses a free one (default: 8080)
  --host <address> the address to listen on (default: 127.0.0.1, reached from this machine only)
  --cache <name>   a cache that exists from the start; may be given more than once (default: chat)
  --data <file>    keeps caches and their items there between restarts
  --cert <file>    a certificate (PEM): the port then speaks TLS and HTTP/2 too
  --key <file>     the certificate's key (PEM)
  --admin-port <number> a port where /block cuts everybody off and /unblock lets them in again; 0 chooses a free one
  --limits         turns on the documented limits of a Momento account
  --help           shows this
  --version        shows the version
`;

/** The options of a run of `momento-chat local`. */
export interface Command {
  port: number;
  host: string;
  caches: string[];
  limits: boolean;
  adminPort: number | undefined;
  data: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** Returns the command that the arguments ask for; a text says what is wrong with them. */
export function parseCommandLine(args: string[]): Command | 'help' | 'version' | { problem: string } {
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
        'admin-port': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
    if (values.help) return 'help';
    if (values.version) return 'version';
    if (positionals.length === 0) return { problem: 'a command is missing' };
    if (positionals[0] !== 'local') return { problem: `there is no command '${positionals[0]}'` };
    if (positionals.length > 1) return { problem: `unexpected argument '${positionals[1]}'` };
    const admin = values['admin-port'];
    for (const text of [values.port, admin]) {
      if (text !== undefined && !isPort(text)) return { problem: `'${text}' is not a port` };
    }
    const port = Number(values.port);
    const adminPort = admin === undefined ? undefined : Number(admin);
    const { host, cache, limits, data, cert, key } = values;
    // As of a variable of the shell that is not set. Without a host it would listen on every address of the machine.
    for (const [name, value] of [
      ...Object.entries({ host, data, cert, key }),
      ...cache.map((one) => ['cache', one] as const),
    ])
      if (value?.trim() === '') return { problem: `--${name} must not be empty` };
    if ((cert === undefined) !== (key === undefined)) return { problem: '--cert and --key need each other' };
    return { port, adminPort, host, caches: [...new Set(cache)], limits, data, cert, key };
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split(/\. |\n/)[0] ?? '') : String(error) };
  }
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 65535;
}
