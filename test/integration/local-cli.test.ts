import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startLocalMomento } from '../../src/local/index.js';

const CLI = fileURLToPath(new URL('../../src/local/cli/cli.ts', import.meta.url));

interface Run {
  process: ChildProcess;
  output: () => string;
  errors: () => string;
  exit: Promise<number | null>;
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(...args: string[]): Run {
  return runAfter('', ...args);
}

/** Runs the command after a script in the same process. */
function runAfter(script: string, ...args: string[]): Run {
  const first = `data:text/javascript,${encodeURIComponent(script)}`;
  const child = spawn(process.execPath, ['--import', first, '--import', 'tsx', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    exit: new Promise((resolve) => child.once('close', resolve)),
  };
}

describe('the command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves its caches until %s, then ends cleanly', async (signal) => {
    const {
      process: child,
      output,
      errors,
      exit,
    } = run('local', '--port', '0', '--cache', 'one', '--cache', 'two');
    await expect.poll(output, { timeout: 20_000 }).toContain('Ctrl-C stops it');
    expect(output()).toMatch(/caches +one, two/);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(errors()).toBe('');
  });

  it('ends cleanly when a signal comes the moment it has greeted', async () => {
    const signal = `const { write } = process.stdout;
      process.stdout.write = function (...args) {
        write.apply(this, args);
        process.kill(process.pid, 'SIGTERM');
      };`;
    const { output, exit } = runAfter(signal, 'local', '--port', '0');
    expect(await exit).toBe(0);
    expect(output()).toContain('Ctrl-C stops it');
  });

  it('says in one line that the port is taken', async () => {
    const momento = await startLocalMomento();
    const { output, errors, exit } = run('local', '--port', String(momento.port));
    expect(await exit).toBe(1);
    expect(errors()).toBe(
      `momento-chat: port ${momento.port} is taken; choose another with --port, or --port 0 for a free one\n`,
    );
    expect(output()).toBe('');
    await momento.close();
  });

  it('keeps its caches in the file of --data, and says when that is torn', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'momento-chat-cli-'));
    const data = join(folder, 'demo.data');
    const first = run('local', '--port', '0', '--data', data);
    await expect.poll(first.output, { timeout: 20_000 }).toContain(`data         ${data}`);
    first.process.kill('SIGINT');
    expect(await first.exit).toBe(0);
    const whole = await readFile(data);
    await writeFile(data, whole.subarray(0, -1));
    const second = run('local', '--port', '0', '--data', data);
    expect(await second.exit).toBe(1);
    expect(second.errors()).toMatch(
      /^momento-chat: unable to use the data file .*demo\.data; it is torn: .*\n$/,
    );
    await rm(folder, { recursive: true });
  });

  it('explains itself on --help', async () => {
    const { output, exit } = run('--help');
    expect(await exit).toBe(0);
    expect(output()).toContain('Usage: momento-chat local [options]');
  });

  it('tells its version on --version', async () => {
    const { output, exit } = run('--version');
    expect(await exit).toBe(0);
    expect(output()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('names a certificate that cannot be read', async () => {
    const { errors, exit } = run('local', '--port', '0', '--cert', 'nope.pem', '--key', 'nope.key');
    expect(await exit).toBe(1);
    expect(errors()).toBe('momento-chat: nope.pem cannot be read (ENOENT)\n');
  });

  it('answers what makes no sense with the usage and exit code 2', async () => {
    const { output, errors, exit } = run('serve');
    expect(await exit).toBe(2);
    expect(errors()).toContain("momento-chat: there is no command 'serve'");
    expect(errors()).toContain('Usage: ');
    expect(output()).toBe('');
  });
});
