import { join } from 'node:path';
import express from 'express';
import { createTokenVendor } from 'momento-chat/server';
import { listen } from '../shared/listen.js';
import { startBot } from './bot.js';
import { MODERATOR } from './rules.js';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '', PORT = 3000 } = process.env;

const vendor = createTokenVendor({
  auth: { apiKey, endpoint },
  rooms: ['general'],
  // Yours knows its users from their sign-in, see examples/express. Over HTTP nobody becomes the moderator.
  authenticate: (request) => {
    const guest = new URL(request.url).searchParams.get('guest') ?? '';
    return /^[\w-]{1,40}$/.test(guest) ? { userId: `guest-${guest}` } : null;
  },
});

// The bot asks the vendor itself, and so it can say who it is: Momento vouches for that on all that it does.
await startBot(({ rooms, reason }) =>
  vendor.vend({
    ip: '127.0.0.1',
    rooms: [...rooms],
    identity: { userId: MODERATOR },
    rejected: reason === 'rejected',
  }),
);

const app = express();
app.use('/token', vendor);
app.use(express.static(join(import.meta.dirname, 'dist'))); // what the bundler built
listen(app, PORT);
