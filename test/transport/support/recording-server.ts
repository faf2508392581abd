import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How the server answers; what is left out is a good gRPC-Web answer in the text format without a body. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Written one by one. */
  body?: readonly (string | Uint8Array)[];
  /** Default: the answer ends; `cut` breaks the connection after the body, `open` leaves it open. */
  end?: 'cut' | 'open';
}

export interface RecordingServer {
  url: string;
  requests: RecordedRequest[];
  reply: (request: RecordedRequest) => Reply;
  /** How many answers have neither ended nor lost their connection. */
  readonly open: number;
  close(): Promise<void>;
}

export const GRPC_WEB_TEXT = { 'content-type': 'application/grpc-web-text+proto' };

/** Starts a server that notes every call, lets any page call it, and answers as it is told to. */
export async function startRecordingServer(
  reply: (request: RecordedRequest) => Reply = () => ({}),
): Promise<RecordingServer> {
  let open = 0;
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'grpc-status, grpc-message, err');
    if (request.method === 'OPTIONS') {
      response.setHeader(
        'access-control-allow-headers',
        request.headers['access-control-request-headers'] ?? '',
      );
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const recorded = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('latin1'),
      };
      recording.requests.push(recorded);
      open++;
      response.once('close', () => open--);
      send(response, recording.reply(recorded));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const recording: RecordingServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    reply,
    get open() {
      return open;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return recording;
}

function send(
  response: ServerResponse,
  { status = 200, headers = GRPC_WEB_TEXT, body = [], end }: Reply,
): void {
  response.writeHead(status, headers);
  response.flushHeaders();
  const rest = [...body];
  const next = (): void => {
    const chunk = rest.shift();
    if (chunk !== undefined) response.write(chunk, next);
    else if (end === 'cut') setImmediate(() => response.socket?.destroy());
    else if (end === undefined) response.end();
  };
  next();
}

/** A gRPC-Web frame in the text format. */
export function textFrame(payload: Uint8Array | string, flag = 0): string {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(5);
  header.writeUInt8(flag, 0);
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]).toString('base64');
}

/** The trailers as a frame in the text format. */
export function textTrailers(status = 0, message = '', more = ''): string {
  return textFrame(`grpc-status:${status}\r\ngrpc-message:${message}\r\n${more}`, 0x80);
}

/** A whole good answer. */
export function answer(message: Uint8Array): Reply {
  return { body: [textFrame(message) + textTrailers()] };
}
