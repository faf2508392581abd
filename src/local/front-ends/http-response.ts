import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/** HTTP/2's compatibility API is HTTP/1's but for how a response ends before its time. */
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** Whether nobody is there any more to be answered. */
export function isGone(response: HttpResponse): boolean {
  return 'stream' in response ? !response.stream || response.stream.destroyed : response.destroyed;
}

/** Breaks the connection that the response goes by; with HTTP/2 everything else on it breaks too. */
export function breakConnection(response: HttpResponse): void {
  if ('stream' in response) response.stream?.session?.destroy();
  else response.destroy();
}

/** Writes a part of the body; false says that the client does not keep up. */
export function send(response: HttpResponse, chunk: Buffer | string): boolean {
  return 'stream' in response ? response.write(chunk) : response.write(chunk);
}
