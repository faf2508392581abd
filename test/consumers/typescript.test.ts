import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { consumer } from './support/consumer.js';

const COMPILER = 'typescript/bin/tsc';

test('everything compiles in the strictest settings, without msw', async () => {
  const app = await consumer(['typescript@5.9.3', '@types/node@20.19.43'], {
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        module: 'nodenext',
        lib: ['es2022', 'dom', 'dom.iterable'],
        types: ['node'],
      },
    }),
    'esm.mts': PROGRAM,
    'commonjs.cts': PROGRAM,
  });
  expect(await app.run(COMPILER)).toBe('');
});

const RESOLUTIONS = ['node16', 'nodenext', 'bundler'];

test('every entry compiles with frameworks and the element in JSX, whatever way modules are resolved', async () => {
  const page = await readFile(new URL('../../docs/element.md', import.meta.url), 'utf8');
  const [, attributes = ''] = /```ts\n(import type \{ MomentoChat \}.*?)```/s.exec(page) ?? [];
  const config = (moduleResolution: string) => ({
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'es2022',
      module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
      moduleResolution,
      jsx: 'react-jsx',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: ['node'],
    },
  });
  const app = await consumer(
    [
      ...['typescript@5.9.3', '@types/node@20.19.43', '@types/react@19.3.0'],
      ...['react@19.3.1', 'vue@3.5.45', 'svelte@5.57.3'],
    ],
    {
      ...Object.fromEntries(RESOLUTIONS.map((name) => [`${name}.json`, JSON.stringify(config(name))])),
      'page.tsx': `${attributes}
        export const page = <momento-chat room="lobby" token="/token" user-name="Ada" rooms="off" lang="de" />;
        // @ts-expect-error: there is no such theme.
        export const typo = <momento-chat theme="drak" />;`,
      'entries.ts': ENTRIES,
    },
  );
  for (const name of RESOLUTIONS) expect(await app.run(COMPILER, '-p', `${name}.json`)).toBe('');
});

const ENTRIES = `import { ChatRoom } from 'momento-chat';
import { ChatRoom as LiteRoom, ChatSession } from 'momento-chat/lite';
import * as react from 'momento-chat/react';
import * as suspense from 'momento-chat/react/suspense';
import { RoomState } from 'momento-chat/svelte';
import * as vue from 'momento-chat/vue';
import { indexedDb } from 'momento-chat/storage';
import 'momento-chat/element';

const user = { id: 'ada', name: 'Ada' };
const room = new ChatRoom({ room: 'lobby', user, token: '/token', storage: indexedDb() });
const session = new ChatSession({ token: '/token' });
const element = document.createElement('momento-chat');
element.room = room;
element.room = new LiteRoom({ room: 'lobby', user, session });
element.session = session;
element.texts = { send: 'Go' };
// @ts-expect-error: there is no such event.
room.on('mesage', () => {});
export const uses = [react.useMessages, suspense.useMessages, vue.useMessages, new RoomState(room)];
`;

const PROGRAM = `import { ChatError, ChatRoom, ChatSession, type ChatRoomOptions, type VendedToken } from 'momento-chat';
import { startLocalMomento } from 'momento-chat/local';
import { createTokenVendor } from 'momento-chat/server';
import { createLocalEngine, momentoHandlers, startTestMomento } from 'momento-chat/testing';

interface Attachment {
  url: string;
  size?: number;
  tags: string[];
  by: { id: string | null };
}
interface NotJson {
  when: Date;
}

export async function use(maybe: string | undefined, number: number | undefined, attachment: Attachment, bad: NotJson) {
  const options: ChatRoomOptions = {
    room: 'lobby',
    user: { id: maybe, name: 'Ada' },
    token: async (): Promise<VendedToken> => ({ token: 't', exp: 0, expiresIn: number, userId: maybe, endpoint: maybe }),
    session: undefined,
    clients: undefined,
    cache: maybe,
    history: { pageSize: number, maxStored: number, ttlSeconds: number, maxInMemory: number },
    maxMessageBytes: number,
    retry: { maxAttempts: number, timeoutMs: number, maxPending: number },
  };
  const room = new ChatRoom(options);
  new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, session: new ChatSession({ token: '/token', cache: maybe }) });
  await room.send('a', { meta: attachment });
  await room.send('b', { meta: { a: [1, 'two', null, { three: true }] } });
  await room.send('c', { meta: undefined });
  // @ts-expect-error: a Date is no JSON.
  await room.send('d', { meta: bad });
  // @ts-expect-error: nor is a Map.
  await room.send('e', { meta: { map: new Map() } });
  const momento = await startLocalMomento({ port: number, host: maybe, caches: undefined, data: maybe, tls: undefined });
  momento.faults.failNext({ rpc: maybe, code: 'UNAVAILABLE', times: number });
  createTokenVendor({ auth: { apiKey: momento.apiKey, endpoint: momento.url }, rooms: ['lobby'], cache: maybe, ttlSeconds: number, endpoint: maybe });
  momentoHandlers({ engine: createLocalEngine({ clock: undefined }), streams: undefined });
  const fixture = await startTestMomento({ caches: undefined });
  fixture.tokens.userId = maybe;
  return (error: unknown) => (error instanceof ChatError ? error.code : undefined);
}
`;
