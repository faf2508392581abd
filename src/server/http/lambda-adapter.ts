import type { FetchContext } from './fetch-adapter.js';
import { unreadableAnswer } from './http-handler.js';

/** The part of a Lambda function URL's or HTTP API's event (payload format 2.0) that is used. */
export interface LambdaEvent {
  rawPath?: string | undefined;
  rawQueryString?: string | undefined;
  headers?: Record<string, string | undefined> | undefined;
  cookies?: string[] | undefined;
  body?: string | null | undefined;
  isBase64Encoded?: boolean | undefined;
  requestContext: { domainName?: string; http: { method: string; sourceIp: string } };
}

/** The value that Lambda makes an HTTP response of. */
export interface LambdaResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * A vendor as an AWS Lambda handler, for a function URL or an API Gateway HTTP API (payload format 2.0). The
 * client's address is the one that AWS saw: behind CloudFront that is CloudFront's, and docs/token-vendor.md
 * says what to do about it.
 *
 * Never rejects. An event that no request can be made of (payload format 1.0, a broken body, a header with characters
 * that headers cannot have, a method like TRACE) is answered with 400 or 405 here, and `onEvent` does not hear of it.
 *
 * @param vendor what `createTokenVendor` made, or an object with its `fetch`.
 *
 * @example
 * ```ts
 * export const handler = lambdaHandler(createTokenVendor({ auth: { apiKey, endpoint }, rooms: ['lobby'] }));
 * ```
 */
export function lambdaHandler(vendor: {
  fetch(request: Request, context?: FetchContext): Promise<Response>;
}): (event: LambdaEvent) => Promise<LambdaResult> {
  return async (event) => {
    // Of an event that names none, the method is not what is wrong.
    let method = 'GET';
    let sourceIp: string;
    let request: Request;
    try {
      ({ method, sourceIp } = event.requestContext.http);
      request = toRequest(event, method);
    } catch {
      const { status, headers, body = '' } = unreadableAnswer(method);
      return { statusCode: status, headers, body };
    }
    const response = await vendor.fetch(request, { ip: sourceIp });
    const headers: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      headers[name] = value;
    });
    return { statusCode: response.status, headers, body: await response.text() };
  };
}

function toRequest(event: LambdaEvent, method: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers.set(name, asBytes(value));
  }
  if (event.cookies !== undefined) headers.set('cookie', asBytes(event.cookies.join('; ')));
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const url = `https://${event.requestContext.domainName ?? 'localhost'}${event.rawPath ?? '/'}${query}`;
  const body = method === 'GET' || method === 'HEAD' ? null : decodeBody(event);
  return new Request(url, { method, headers, body });
}

/** A header's bytes, one character each, as servers show them; AWS has read them as UTF-8. */
function asBytes(value: string): string {
  return String.fromCharCode(...new TextEncoder().encode(value));
}

function decodeBody({ body, isBase64Encoded }: LambdaEvent): BodyInit | null {
  if (body === undefined || body === null) return null;
  return isBase64Encoded ? Uint8Array.from(atob(body), (character) => character.charCodeAt(0)) : body;
}
