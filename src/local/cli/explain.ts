import type { Command } from './command-line.js';

/** Says in one line why the local Momento did not start. */
export function explain(error: unknown, { adminPort, host }: Pick<Command, 'adminPort' | 'host'>): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, port } = error as NodeJS.ErrnoException & { port?: number };
  // First, since a file that may not be read has the code of a port that may not be used.
  if (path !== undefined) return `${path} cannot be read (${code})`;
  const option = port === adminPort ? '--admin-port' : '--port';
  if (code === 'EADDRINUSE')
    return `port ${port} is taken; choose another with ${option}, or ${option} 0 for a free one`;
  if (code === 'EACCES') return `port ${port} may not be used; choose one above 1023 with ${option}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is not an address of this machine`;
  return error.message;
}
