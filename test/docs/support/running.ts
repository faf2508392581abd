import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChatError, ChatRoom, ChatSession, type ChatSessionOptions } from 'momento-chat';
import { createTokenVendor } from 'momento-chat/server';
import { indexedDb, memoryStorage } from 'momento-chat/storage';
import type { MomentoFixture } from 'momento-chat/testing';
import { vi } from 'vitest';
import { webClients } from '../../support/chat.js';
import { ROOT, type Snippet } from './pages.js';
import { withTokens } from './site-tokens.js';
import { watchRooms } from './watch-rooms.js';

/** Where fragments are written before they are imported. */
const FOLDER = join(ROOT, 'test/docs/.fragments');
/** A module is evaluated once: each run has a file of its own. */
let fragments = 0;

/** Runs a fragment as a module of its own, with values for the names in `context.d.ts`. Rejects with what it throws. */
export async function run(snippet: Snippet, fixture: MomentoFixture): Promise<void> {
  const joined = watchRooms();
  const opened = new Set<ChatSession>();
  vi.stubGlobal('fetch', withTokens(fixture));
  for (const [name, value] of Object.entries(await contextOf(fixture, opened))) vi.stubGlobal(name, value);
  fragments += 1;
  const name = `${snippet.page.replace(/\W/g, '-')}-${snippet.line}-${process.pid}-${fragments}`;
  const path = join(FOLDER, `${name}.${snippet.language}`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, `${snippet.code}\nexport {};\n`);
  try {
    await import(path);
  } finally {
    rmSync(path);
    await Promise.all([...joined].map((room) => room.leave()));
    await Promise.all([...opened].map((session) => session.close()));
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    document.body.replaceChildren();
  }
}

async function contextOf(
  { momento, token }: MomentoFixture,
  opened: Set<ChatSession>,
): Promise<Record<string, unknown>> {
  class WatchedSession extends ChatSession {
    constructor(options: ChatSessionOptions) {
      super(options);
      opened.add(this);
    }
  }
  const user = { id: 'ada', name: 'Ada' };
  const session = new WatchedSession({ token });
  const room = new ChatRoom({ room: 'general', user, session });
  await room.join();
  const message = await room.send('See you at ten');
  const blob = new Blob(['a plan'], { type: 'text/plain' });
  const auth = { apiKey: momento.apiKey, endpoint: momento.url };
  const { topics, cache } = webClients(momento);
  return {
    ChatRoom,
    ChatSession: WatchedSession,
    ChatError,
    room,
    user,
    session,
    storage: memoryStorage(),
    indexedDb,
    message,
    blob,
    file: await room.files.upload(blob, { name: 'plan.txt' }),
    input: document.body.appendChild(document.createElement('input')),
    list: document.body.appendChild(document.createElement('ul')),
    moderators: new Set(['moderator']),
    show: (...what: unknown[]) => document.body.append(JSON.stringify(what)),
    chip: (...what: unknown[]) =>
      Object.assign(document.createElement('span'), { textContent: JSON.stringify(what) }),
    momento,
    auth,
    authorize: () => ({ rooms: ['general'], role: 'member' }),
    vendor: createTokenVendor({ auth, rooms: ['general'] }),
    topicClient: topics,
    cacheClient: cache,
  };
}
