import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenVendor, momentoTokenCache } from 'momento-chat/server';
import { authClientOf, cacheClientOf } from './support.js';

// One of several servers that share a Momento: started as a process by vendor-processes.test.ts, with the
// port of the Momento as its argument.
const momento = { port: Number(process.argv[2]) };
const vendor = createTokenVendor({
  auth: authClientOf(momento),
  rooms: ['a', 'b'],
  // The test is about the shared tokens, not about how fast a busy machine is.
  tokenCacheTimeoutMs: 30_000,
  tokenCache: momentoTokenCache({
    client: await cacheClientOf(momento),
    cache: 'user',
    secret: 'a secret that all servers have',
  }),
  onEvent: (event) => process.send?.({ event }),
});
const server = createServer(vendor).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
