/** The answer to a unary call: `grpcStatus` 0 comes with the message's bytes. */
export interface GrpcWebAnswer {
  grpcStatus: number;
  grpcMessage: string;
  message: Uint8Array | undefined;
}

// More than any answer of the token service; an answer beyond it is not one.
const MAX_ANSWER_CHARACTERS = 256 * 1024;

const HTTP_TO_GRPC: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

/**
 * One unary gRPC-Web call over `fetch`, in the text format that `sdk-web` uses, so that it takes the same
 * road into Momento. It needs nothing but `fetch`, and so runs where gRPC (Node's HTTP/2) and sdk-web
 * (XMLHttpRequest) do not: Workers, Deno, Bun, edge functions. Never rejects.
 */
export async function grpcWebCall(
  url: string,
  request: Uint8Array,
  options: { signal?: AbortSignal | undefined; agent: string },
): Promise<GrpcWebAnswer> {
  let response: Response;
  let text: string;
  try {
    const signal = options.signal;
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/grpc-web-text',
        accept: 'application/grpc-web-text',
        'x-grpc-web': '1',
        agent: options.agent,
      },
      body: toBase64(frame(request)),
      // The request holds the API key: it goes to this address and to no other.
      redirect: 'manual',
      ...(signal === undefined ? {} : { signal }),
    });
    text = await response.text();
  } catch {
    // The reason may quote the request, which holds the API key: it stays here.
    if (options.signal?.aborted === true) return failure(4, 'the deadline passed');
    return failure(14, 'the service could not be reached');
  }
  const headerStatus = response.headers.get('grpc-status');
  if (headerStatus !== null && headerStatus !== '0') {
    return failure(Number(headerStatus), response.headers.get('grpc-message') ?? '');
  }
  if (!response.ok) {
    return failure(HTTP_TO_GRPC.get(response.status) ?? 2, `HTTP status ${response.status}`);
  }
  try {
    return parseAnswer(text);
  } catch {
    return failure(13, 'the answer is not gRPC-Web');
  }
}

function failure(grpcStatus: number, grpcMessage: string): GrpcWebAnswer {
  return { grpcStatus: Number.isInteger(grpcStatus) ? grpcStatus : 2, grpcMessage, message: undefined };
}

function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

function parseAnswer(text: string): GrpcWebAnswer {
  if (text.length > MAX_ANSWER_CHARACTERS) throw new RangeError('too long');
  const bytes = fromBase64Chunks(text);
  let message: Uint8Array | undefined;
  let at = 0;
  while (at + 5 <= bytes.length) {
    const flags = bytes[at] ?? 0;
    const length = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0);
    const body = bytes.subarray(at + 5, at + 5 + length);
    if (body.length !== length) throw new RangeError('truncated frame');
    at += 5 + length;
    if ((flags & 0x80) === 0) {
      message = body;
      continue;
    }
    const trailers = parseTrailers(new TextDecoder().decode(body));
    const status = Number(trailers.get('grpc-status') ?? '2');
    if (status === 0 && message === undefined) throw new RangeError('no message');
    return { ...failure(status, trailers.get('grpc-message') ?? ''), message };
  }
  throw new RangeError('no trailers');
}

function parseTrailers(block: string): Map<string, string> {
  const trailers = new Map<string, string>();
  for (const line of block.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

// A server may encode each frame on its own, so padding can stand in the middle.
function fromBase64Chunks(text: string): Uint8Array {
  let binary = '';
  for (const chunk of text.match(/[^=]+={0,2}/g) ?? []) binary += atob(chunk);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
