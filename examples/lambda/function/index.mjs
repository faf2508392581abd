import { createTokenVendor, lambdaHandler } from 'momento-chat/server';

const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '' } = process.env;

/** The whole function, for a function URL or an HTTP API of API Gateway (payload format 2.0). */
export const handler = lambdaHandler(
  createTokenVendor({
    auth: { apiKey, endpoint },
    rooms: ['general'],
    // The function's own time limit is the harder one.
    mintLimit: { queue: 4, timeoutSeconds: 2 },
  }),
);
