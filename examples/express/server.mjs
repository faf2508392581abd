import { join } from 'node:path';
import express from 'express';
import { createTokenVendor } from 'momento-chat/server';
import { listen } from '../shared/listen.js';
import { signIn, userOf } from './sessions.js';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '', PORT = 3000 } = process.env;

/** The users who may sign in. Yours are in a database, and have passwords. */
const USERS = new Map([
  ['ada', { userId: 'ada', name: 'Ada', role: 'member' }],
  ['grace', { userId: 'grace', name: 'Grace', role: 'member' }],
  ['guest', { userId: 'guest', name: 'Guest', role: 'reader' }],
]);

const app = express();
app.use(express.json());

app.post('/sign-in', (request, response) => {
  const user = USERS.get(request.body?.userId);
  if (!user) return response.status(401).json({ message: 'There is no such user.' });
  signIn(response, user);
  response.json(user);
});

app.get('/me', (request, response) => {
  response.json(userOf(request.headers.cookie) ?? null);
});

app.use(
  '/token',
  createTokenVendor({
    auth: { apiKey, endpoint },
    // Who is asking? Momento vouches for that `userId` on all that is sent with the token.
    authenticate: (request) => userOf(request.headers.get('cookie') ?? '') ?? null,
    // What may they do? Guests read.
    authorize: (user) => ({ rooms: ['general'], role: user.role }),
  }),
);
app.use(express.static(join(import.meta.dirname, 'dist'))); // what the bundler built
listen(app, PORT);
