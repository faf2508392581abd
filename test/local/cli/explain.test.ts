import { expect, it } from 'vitest';
import { explain } from '../../../src/local/cli/explain.js';

const command = { adminPort: 9090, host: '127.0.0.1' };
const failure = (facts: object): Error => Object.assign(new Error('listen or open failed'), facts);

it.each([
  [
    { code: 'EADDRINUSE', port: 8080 },
    'port 8080 is taken; choose another with --port, or --port 0 for a free one',
  ],
  [
    { code: 'EADDRINUSE', port: 9090 },
    'port 9090 is taken; choose another with --admin-port, or --admin-port 0 for a free one',
  ],
  [{ code: 'EACCES', port: 80 }, 'port 80 may not be used; choose one above 1023 with --port'],
  [{ code: 'EACCES', path: 'key.pem' }, 'key.pem cannot be read (EACCES)'],
  [{ code: 'EADDRNOTAVAIL', port: 8080 }, '127.0.0.1 is not an address of this machine'],
  [{}, 'listen or open failed'],
])('%j: %s', (facts, line) => {
  expect(explain(failure(facts), command)).toBe(line);
});
