import { MomentoError, STATUS_NUMBERS } from '../status.js';

/**
 * gRPC-Web's own framing (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): each message behind five
 * bytes, the trailers as a last frame, and in text mode all of it as base64. No maintained library does it for
 * grpc-js without a proxy of its own.
 */

const HEADER_BYTES = 5;
const TRAILERS_FLAG = 0x80;
const COMPRESSED_FLAG = 0x01;
/** A client sends one or a few; millions of them would take seconds and a gigabyte, of whoever asks, before any token is looked at. */
const MOST_PARTS = 1000;

/** A message as a frame. */
export function messageFrame(message: Uint8Array): Buffer {
  return frame(0, message);
}

/** The trailers of a call as its last frame. */
export function trailersFrame(error?: MomentoError): Buffer {
  const lines = Object.entries(trailers(error)).map(([name, value]) => `${name}:${value}\r\n`);
  return frame(TRAILERS_FLAG, Buffer.from(lines.join('')));
}

/** How a call ended, as trailers or as headers of a response without a body. */
export function trailers(error?: MomentoError): Record<string, string> {
  if (!error) return { 'grpc-status': String(STATUS_NUMBERS.OK) };
  return {
    ...error.metadata,
    'grpc-status': String(STATUS_NUMBERS[error.code]),
    'grpc-message': encodeURIComponent(error.message),
  };
}

/** The one message of a request; INVALID_ARGUMENT when the bytes are not one whole frame. */
export function requestMessage(body: Buffer): Buffer {
  if (body.length < HEADER_BYTES) throw malformed('the frame header is incomplete');
  const flags = body.readUInt8(0);
  if (flags & COMPRESSED_FLAG)
    throw new MomentoError('UNIMPLEMENTED', 'compressed gRPC-Web messages are not supported');
  if (flags !== 0) throw malformed(`0x${flags.toString(16)} does not start a message frame`);
  const length = body.readUInt32BE(1);
  const end = HEADER_BYTES + length;
  if (body.length < end)
    throw malformed(`the frame announces ${length} bytes, ${body.length - HEADER_BYTES} came`);
  if (body.length > end) throw malformed('something follows the one message of the request');
  return body.subarray(HEADER_BYTES, end);
}

/** The bytes of a text-mode body, which may be several base64 texts, each with its padding, one after the other. */
export function decodeText(body: string): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const [part] of body.matchAll(/[^=]+={0,2}/g)) {
    if (parts.length === MOST_PARTS) throw malformed('the body is in too many pieces');
    if (part.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(part))
      throw malformed('the body is not base64');
    parts.push(Buffer.from(part, 'base64'));
    length += part.length;
  }
  if (length !== body.length) throw malformed('the body is not base64');
  return Buffer.concat(parts);
}

function frame(flags: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt8(flags, 0);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

function malformed(why: string): MomentoError {
  return new MomentoError('INVALID_ARGUMENT', `malformed gRPC-Web request: ${why}`);
}
