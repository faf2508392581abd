import { join } from 'node:path';
import express from 'express';
import { createTokenVendor } from 'momento-chat/server';
import { listen } from '../shared/listen.js';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '', PORT = 3000 } = process.env;

const app = express();
app.use('/token', createTokenVendor({ auth: { apiKey, endpoint }, rooms: ['general'] }));
app.use(express.static(join(import.meta.dirname, 'dist'))); // what the bundler built
listen(app, PORT);
