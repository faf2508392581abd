import { join } from 'node:path';
import express from 'express';
import { createTokenVendor } from 'momento-chat/server';
import { listen } from '../shared/listen.js';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '', PORT = 3000 } = process.env;

// On the service: https://web.cache.<your endpoint>
const momento = endpoint.startsWith('http:') ? endpoint : `https://web.cache.${endpoint}`;

const app = express();
app.use((_request, response, next) => {
  // The page may load what this server sends, and call Momento; nothing else.
  response.set(
    'Content-Security-Policy',
    `default-src 'self'; img-src 'self' data:; connect-src 'self' ${momento}`,
  );
  next();
});
app.use('/token', createTokenVendor({ auth: { apiKey, endpoint }, rooms: ['general'] }));
app.use(express.static(join(import.meta.dirname, 'dist'))); // what the bundler built
listen(app, PORT);
