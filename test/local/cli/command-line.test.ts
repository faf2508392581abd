import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/local/cli/command-line.js';

it.each([
  [[], 'a command is missing'],
  [['serve'], "there is no command 'serve'"],
  [['local', 'more'], "unexpected argument 'more'"],
  [['local', '--prot', '1'], "Unknown option '--prot'"],
  [['local', '--port', 'http'], "'http' is not a port"],
  [['local', '--port', '70000'], "'70000' is not a port"],
  [['local', '--cert', 'cert.pem'], '--cert and --key need each other'],
  [['local', '--host', ''], '--host must not be empty'],
  [['local', '--data='], '--data must not be empty'],
  [['local', '--cache', 'chat', '--cache', ' '], '--cache must not be empty'],
  [['local', '--cert', ' ', '--key', ' '], '--cert must not be empty'],
])('%j makes no sense: %s', (args, problem) => {
  expect(parseCommandLine(args)).toEqual({ problem });
});

it('the defaults are port 8080 of this machine, and a cache named chat', () => {
  expect(parseCommandLine(['local'])).toMatchObject({ port: 8080, host: '127.0.0.1', caches: ['chat'] });
});

it('a cache that is named twice is one', () => {
  expect(parseCommandLine(['local', '--cache', 'a', '--cache', 'b', '--cache', 'a'])).toMatchObject({
    caches: ['a', 'b'],
  });
});
