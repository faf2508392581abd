import type { IncomingHttpHeaders } from 'node:http';
import type { HttpResponse } from './http-response.js';

/** How long a browser may remember a preflight's answer; Chromium caps it at two hours. */
const PREFLIGHT_MAX_AGE_S = 7200;

/**
 * Headers that let a page of any origin read the answer: a local Momento serves whatever development server the page
 * came from. `exposed` are response headers that scripts may see.
 */
export function corsHeaders(
  origin: string | null | undefined,
  exposed: Iterable<string> = [],
): Record<string, string> {
  return {
    'access-control-allow-origin': origin ?? '*',
    vary: 'origin',
    'access-control-expose-headers': [...new Set(['grpc-status', 'grpc-message', 'err', ...exposed])].join(
      ', ',
    ),
  };
}

export function allowOrigin(
  origin: string | undefined,
  response: HttpResponse,
  exposed: Iterable<string> = [],
): void {
  for (const [name, value] of Object.entries(corsHeaders(origin, exposed))) {
    response.setHeader(name, value);
  }
}

/** Answers a preflight: whatever the page wants to send it may send. */
export function answerPreflight(headers: IncomingHttpHeaders, response: HttpResponse): void {
  allowOrigin(headers.origin, response);
  response.setHeader('access-control-allow-methods', 'POST, GET, OPTIONS');
  response.setHeader('access-control-max-age', String(PREFLIGHT_MAX_AGE_S));
  const wanted = headers['access-control-request-headers'];
  if (wanted) response.setHeader('access-control-allow-headers', wanted);
  // Chromium asks this of servers on the machine itself when the page came from elsewhere.
  if (headers['access-control-request-private-network'] === 'true') {
    response.setHeader('access-control-allow-private-network', 'true');
  }
  response.writeHead(204);
  response.end();
}
