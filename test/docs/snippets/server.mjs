import { createServer } from 'node:http';
import { startLocalMomento } from 'momento-chat/local';
import { createTokenVendor } from 'momento-chat/server';

const momento = await startLocalMomento({ port: 8080, caches: ['chat'] });

const vendor = createTokenVendor({
  auth: { apiKey: momento.apiKey, endpoint: momento.url },
  rooms: ['lobby'],
});

createServer(vendor).listen(3000);
