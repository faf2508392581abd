import { unable } from '../shared/errors.js';
import { byteLength, exceeds } from './payload-size.js';

/** Throws a ChatError `message-too-large` when the payload takes more than `maxBytes` in UTF-8. `of`: what it holds besides. */
export function assertFits(payload: string, maxBytes: number, action: string, of = ''): void {
  if (!exceeds(payload, maxBytes)) return;
  const why = `it takes ${byteLength(payload)} bytes${of}, ${maxBytes} are the limit`;
  throw unable('message-too-large', action, why);
}
