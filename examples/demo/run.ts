import { type Demo, startDemo } from './server.js';

const DEFAULT_PORT = 3000;

const { PORT, MOMENTO_API_KEY, MOMENTO_ENDPOINT } = process.env;

const service =
  MOMENTO_API_KEY && MOMENTO_ENDPOINT ? { apiKey: MOMENTO_API_KEY, endpoint: MOMENTO_ENDPOINT } : undefined;

try {
  if (!service && (MOMENTO_API_KEY || MOMENTO_ENDPOINT))
    throw new Error('Set both MOMENTO_API_KEY and MOMENTO_ENDPOINT, or neither for a local Momento.');
  const demo = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      demo.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
  console.log(`
  momento-chat demo: ${demo.url}

  Open it in two windows. ${
    service
      ? 'It runs on the Momento service.'
      : 'It runs on a local Momento, in memory: when this stops, its messages are gone.'
  }
  Ctrl-C stops it.
`);
} catch (error) {
  fail(error);
}

async function start(): Promise<Demo> {
  const port = PORT === undefined || PORT === '' ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is "${PORT}", which is no port.`);
  const options = service ? { service } : {};
  try {
    return await startDemo({ port, ...options });
  } catch (error) {
    if (!isInUse(error)) throw error;
    // Somebody who named a port wants that one.
    if (PORT) throw new Error(`Port ${port} is in use. Choose another: PORT=3001 npm start`);
    return startDemo({ port: 0, ...options });
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function fail(error: unknown): void {
  console.error(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
