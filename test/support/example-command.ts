import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';

export interface ExampleCommand {
  /** All that it printed so far. */
  output(): string;
  /** Its exit code, once it has ended. */
  readonly code: Promise<number | null>;
  /** The address that it prints. Rejects when it takes longer, in milliseconds. */
  url(timeout: number): Promise<string>;
  /** Asks it to end, as Ctrl-C does. */
  stop(): void;
}

/** Runs `npm run example` with these arguments, on any free port. It ends with the test, and all that it started. */
export function exampleCommand(...args: string[]): ExampleCommand {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)|^NODE_ENV$|^VITEST/i.test(name)),
  );
  const group = process.platform !== 'win32';
  const child = spawn(process.execPath, ['scripts/example.mjs', ...args], {
    env: { ...env, PORT: '0', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(group ? -child.pid : child.pid, 'SIGKILL');
    await closed;
  });
  return {
    output: () => output,
    code: closed.then(([code]) => code),
    url: async (timeout) => {
      await expect
        .poll(() => child.exitCode !== null || output.includes('Open it in two windows'), { timeout })
        .toBe(true);
      return /^ {2}[\w-]+: (http:\S+)$/m.exec(output)?.[1] ?? expect.unreachable(output);
    },
    stop: () => void child.kill('SIGTERM'),
  };
}
