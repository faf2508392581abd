import { join } from 'node:path';
import express from 'express';
import { listen } from '../shared/listen.js';
import { handler } from './function/index.mjs';

const { PORT = 3000 } = process.env;

const app = express();
// Does what a function URL does on AWS: makes an event of the request, and a response of what the handler returns.
app.get('/token', async (request, response) => {
  const { statusCode, headers, body } = await handler({
    version: '2.0',
    rawPath: request.path,
    rawQueryString: new URL(request.url, 'http://localhost').search.slice(1),
    headers: request.headers,
    requestContext: { http: { method: request.method, sourceIp: request.socket.remoteAddress } },
  });
  response.status(statusCode).set(headers).send(body);
});
app.use(express.static(join(import.meta.dirname, 'dist'))); // what the bundler built
listen(app, PORT);
