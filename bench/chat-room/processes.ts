import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Where a local Momento is that runs in another process. */
export interface Address {
  port: number;
  url: string;
  apiKey: string;
}

/** The messages that the publishing process is told to publish. */
export interface Job {
  room: string;
  count: number;
  /** A multiple of 20. */
  perSecond: number;
  /** Length of a text, in bytes. */
  bytes: number;
  /** Whether messages are stored as well, as senders do. */
  stored: boolean;
}

const TELLING = 'BENCH_PORT';

/** Starts one of the scripts beside this one in a process of its own; it says something when it is ready. */
async function start<Ready>(script: string, env: Record<string, string> = {}) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    execArgv: process.execArgv,
    env: { ...process.env, ...env },
  });
  return { child, ready: await next<Ready>(child) };
}

function next<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process of the bench ended early'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as Message);
    });
  });
}

/** A local Momento that shares its thread with nobody. */
export async function startServer(): Promise<Address & { stop(): void }> {
  const { child, ready } = await start<Address>('./server.ts');
  return { ...ready, stop: () => child.kill() };
}

/** Somebody in another process who publishes as much as is asked for. */
export async function startPublisher({ port }: Address) {
  const { child } = await start('./publisher.ts', { [TELLING]: String(port) });
  return {
    publish(job: Job): Promise<unknown> {
      child.send(job);
      return next(child);
    },
    stop: () => child.kill(),
  };
}

export const publisherPort = (): number => Number(process.env[TELLING]);
