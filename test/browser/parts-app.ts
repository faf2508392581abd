// The code of the page of parts.test.ts: a room of either library, which uses each part for the first time when told.

import type { FeatureName } from 'momento-chat';
import * as web from 'momento-chat';
import * as lite from 'momento-chat/lite';
import { memoryStorage } from 'momento-chat/storage';

const LIBRARIES = { 'momento-chat': web, 'momento-chat/lite': lite };
export type Library = keyof typeof LIBRARIES;
export type Part = FeatureName | 'directory' | 'storage' | 'log';

function open(library: Library, name: string) {
  const { ChatRoom, ChatSession } = LIBRARIES[library];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const logger = { debug: write, info: write, warn: write, error: write };
  const session = new ChatSession({ token: '/token' });
  const room = new ChatRoom({
    room: name,
    user: { id: 'ada', name: 'Ada' },
    session,
    logger,
    storage: memoryStorage(),
  });
  const errors: string[] = [];
  room.on('error', ({ code }) => errors.push(code));

  /** Uses one part each, of which a message is the object; resolves with what came of it. */
  const uses: Record<Part, (id: string) => Promise<unknown>> = {
    reactions: (id) => room.react(id, '👍'),
    revisions: async (id) => (await room.edit(id, 'changed')).text,
    pins: (id) => room.pin(id),
    threads: async (id) => (await room.thread(id).send('a reply')).status,
    files: async () => {
      const file = await room.files.upload(new Blob(['content']), { name: 'notes.txt' });
      return (await room.send('', { files: [file] })).status;
    },
    search: async () => {
      for await (const { text } of room.search('first')) return text;
      return 'nothing';
    },
    presence: () => room.presence.enter(),
    read: () => room.read.mark(),
    typing: async () => room.typing.keystroke(),
    signals: () => room.signal('dice', { pips: 4 }),
    directory: () => session.rooms.open(),
    storage: async () => {
      await room.saveDraft('half a sentence');
      return room.loadDraft();
    },
    log: async () => lines.some((line) => line.includes('the room is joined')),
  };
  return {
    session,
    room,
    errors,
    use: (part: Part, id = ''): Promise<string> =>
      uses[part](id).then((outcome) => String(outcome ?? 'done'), String),
    say: async (text: string): Promise<string> => (await room.send(text)).id,
    /** Resolves with the code of the error that a join rejects with, if it does. */
    join: (): Promise<string> =>
      room.join().then(
        () => room.status,
        ({ code, retryable }) => `${code} ${retryable}`,
      ),
  };
}

export type PartsApp = { open: typeof open; ada?: ReturnType<typeof open> };

const app: PartsApp = { open };
Object.assign(globalThis, { app });
