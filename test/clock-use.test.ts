import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Where the clocks of the platform come in. */
const CLOCKS = ['element/texts/language.ts', 'local/engine/clock.ts', 'shared/clock.ts'];

/**
 * Where the wall clock is read, and why: a date, an id, or the expiry of a token. A duration may not be measured with
 * it, because it jumps.
 */
const WALL_CLOCK: Readonly<Record<string, string>> = {
  'delivery/message-sender.ts': 'the date of a message',
  'directory/directory-store.ts': 'when a room was written to',
  'directory/directory.ts': 'when a room was written to, and the time inside an id',
  'directory/room-heads.ts': 'the time inside an id',
  'features/own-presence.ts': 'the end of a lease that others read',
  'features/own-read-mark.ts': 'the date of a mark',
  'features/presence-state.ts': 'the end of a lease that others wrote',
  'features/read.ts': 'the date of a mark',
  'features/from-future.ts': 'the time inside an id',
  'features/pin-store.ts': 'the time inside an id',
  'features/reactions.ts': 'the time inside an id',
  'features/revisions.ts': 'the time inside an id',
  'features/thread-marks.ts': 'the time inside an id',
  'features/typing.ts': 'the time inside an id',
  'room/thread-mark-writer.ts': 'the date of the last reply of a thread',
  'messages/future-bound.ts': 'the time inside an id',
  'messages/idless-memory.ts': 'the time inside an id',
  'messages/message-id.ts': 'the time inside an id',
  'messages/receiver.ts': 'the time inside an id, and the estimated date of a message without one',
  'room/kept-messages.ts': 'the date of a message or change',
  'room/restorer.ts': 'the age of what an earlier page left',
  'room/runtime.ts': 'the clock of ids and dates',
  'session/connection.ts': 'the clock of ids and dates',
  'session/pooled-connection.ts': 'the clock of ids and dates',
  'session/server-clock.ts': 'the wall clock, set right by the server',
  'session/token-pool.ts': 'the clock of ids and dates',
  'session/token-provider.ts': 'the clock of ids and dates',
  'shared/clock.ts': 'an instant is a moment on both clocks',
  'sync/room-sync.ts': 'the clock of ids and dates',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** Files whose code, comments left out, matches `pattern`. */
function matching(pattern: RegExp): string[] {
  const code = (file: string) =>
    readFileSync(`${SRC}${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return files.filter((file) => pattern.test(code(file))).sort();
}

it('only the doors to the platform read its clocks', () => {
  expect(matching(/\bDate\.now\b|\bperformance\b|\bnew Date\(\)/)).toEqual(CLOCKS);
});

it('no duration is measured with the wall clock, which may be set back or ahead', () => {
  const inTheClient = matching(/\bnow\(\)/).filter((file) => !/^(local|server|testing)\//.test(file));
  expect(inTheClient).toEqual(Object.keys(WALL_CLOCK).sort());
});
