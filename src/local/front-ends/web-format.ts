import { decodeText, requestMessage } from './grpc-web-framing.js';

/** Which of gRPC-Web's two formats a call uses. */
export interface WebFormat {
  /** Whether everything is base64, for clients whose XMLHttpRequest cannot stream bytes. */
  text: boolean;
  contentType: string;
}

/** The format that a content type stands for; undefined when it is not gRPC-Web's. */
export function webFormat(contentType: string | null | undefined): WebFormat | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  const known = /^application\/grpc-web(-text)?(\+proto)?$/.exec(type ?? '');
  return known
    ? { text: known[1] !== undefined, contentType: `application/grpc-web${known[1] ?? ''}+proto` }
    : undefined;
}

/** The one message in a request's body; INVALID_ARGUMENT when there is none. */
export function messageIn(body: Buffer, format: WebFormat): Buffer {
  return requestMessage(format.text ? decodeText(body.toString('latin1').replace(/\s+/g, '')) : body);
}
