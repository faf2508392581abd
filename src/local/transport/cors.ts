import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a browser may remember a preflight's answer; Chromium caps it at two hours. */
const PREFLIGHT_MAX_AGE_S = 7200;

/**
 * Lets pages of any origin read the answer: a local Momento serves whatever development server the page came from.
 * `exposed` are response headers that scripts may see.
 */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  exposed: Iterable<string> = [],
): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader('vary', 'origin');
  const names = ['grpc-status', 'grpc-message', 'err', ...exposed];
  response.setHeader('access-control-expose-headers', [...new Set(names)].join(', '));
}

/** Answers a preflight: whatever the page wants to send it may send. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  allowOrigin(request, response);
  response.setHeader('access-control-allow-methods', 'POST, GET, OPTIONS');
  response.setHeader('access-control-max-age', String(PREFLIGHT_MAX_AGE_S));
  const wanted = request.headers['access-control-request-headers'];
  if (wanted) response.setHeader('access-control-allow-headers', wanted);
  // Chromium asks this of servers on the machine itself when the page came from elsewhere.
  if (request.headers['access-control-request-private-network'] === 'true') {
    response.setHeader('access-control-allow-private-network', 'true');
  }
  response.writeHead(204).end();
}
