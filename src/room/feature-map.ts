import type { FeatureHost } from '../features/feature.js';
import type { Files } from '../features/files.js';
import type { MessageSearch } from '../features/message-search.js';
import type { Pins } from '../features/pins.js';
import type { Presence } from '../features/presence.js';
import { Quotes } from '../features/quotes.js';
import type { ReactionWriter } from '../features/reaction-writer.js';
import { Reactions, reactionsOf } from '../features/reactions.js';
import type { ReadMarks } from '../features/read.js';
import type { RevisionWriter } from '../features/revision-writer.js';
import { revisionsOf } from '../features/revisions.js';
import type { Signals } from '../features/signals.js';
import { ThreadMarks } from '../features/thread-marks.js';
import type { Typing } from '../features/typing.js';
import { neverComes } from '../shared/never-comes.js';
import type { ChatRoomEvents } from './events.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { FeatureName } from './feature-name.js';
import type { Threads } from './threads.js';

/** Emits an event of the room. */
export type Emit = <Name extends keyof ChatRoomEvents>(
  event: Name,
  ...args: Parameters<ChatRoomEvents[Name]>
) => void;

/** The features that are loaded when they are first used. */
export interface FeatureMap {
  pins: Pins;
  revisions: RevisionWriter;
  signals: Signals;
  presence: Presence;
  read: ReadMarks;
  reactions: ReactionWriter;
  typing: Typing;
  threads: Threads;
  files: Files;
  search: MessageSearch;
}

/** Loads a feature's code, and returns its export `name`. Rejects with a ChatError. */
export type LoadCode = <Part extends object, Name extends keyof Part & string>(
  load: () => Promise<Part>,
  name: Name,
) => Promise<Part[Name]>;

const loadRevisionWriter = (load: LoadCode) =>
  load(() => import('../features/revision-writer.js'), 'RevisionWriter');
const loadReactionWriter = (load: LoadCode) =>
  load(() => import('../features/reaction-writer.js'), 'ReactionWriter');
const loadTyping = (load: LoadCode) => load(() => import('../features/typing.js'), 'Typing');

/** Loads each feature's code and makes it. */
export const LOADERS: {
  [Name in FeatureName]: (
    load: LoadCode,
    host: RoomFeatureHost,
    emit: Emit,
    threadMarks: ThreadMarks,
  ) => Promise<FeatureMap[Name]>;
} = {
  pins: async (load, host, emit) => {
    const Pins = await load(() => import('../features/pins.js'), 'Pins');
    return new Pins(host, (pinned) => emit('pins', pinned));
  },
  revisions: async (load, host) => {
    const RevisionWriter = await loadRevisionWriter(load);
    return new RevisionWriter(host, revisionsOf(host));
  },
  signals: async (load, host, emit) => {
    const Signals = await load(() => import('../features/signals.js'), 'Signals');
    return new Signals(host, (signal) => emit('signal', signal));
  },
  presence: async (load, host, emit) => {
    const Presence = await load(() => import('../features/presence.js'), 'Presence');
    const presence = new Presence(host, (change, members) => emit('presence', change, members));
    host.isAlone = () => presence.isAlone;
    return presence;
  },
  read: async (load, host, emit) => {
    const ReadMarks = await load(() => import('../features/read.js'), 'ReadMarks');
    return new ReadMarks(host, { onChange: (unread, receipts) => emit('read', unread, receipts) });
  },
  reactions: async (load, host) => {
    const ReactionWriter = await loadReactionWriter(load);
    return new ReactionWriter(host, reactionsOf(host));
  },
  typing: async (load, host, emit) => {
    const Typing = await loadTyping(load);
    const typing = new Typing(host, () => emit('typing', typing.users, typing.many));
    return typing;
  },
  files: async (load, host) => {
    const Files = await load(() => import('../features/files.js'), 'Files');
    return new Files(host, host.files);
  },
  search: async (load, host) => {
    const MessageSearch = await load(() => import('../features/message-search.js'), 'MessageSearch');
    return new MessageSearch(host);
  },
  threads: async (load, host, _emit, threadMarks) => {
    const [Threads, RevisionWriter, ReactionWriter, Typing] = await Promise.all([
      load(() => import('./threads.js'), 'Threads'),
      loadRevisionWriter(load),
      loadReactionWriter(load),
      loadTyping(load),
    ]);
    return new Threads(host, threadMarks, { RevisionWriter, ReactionWriter, Typing });
  },
};

/** Every event of a room, and which feature its first listener starts. */
const STARTED_BY: Readonly<Record<keyof ChatRoomEvents, FeatureName | undefined>> = {
  message: undefined,
  update: undefined,
  history: undefined,
  change: undefined,
  status: undefined,
  gap: undefined,
  error: undefined,
  pins: 'pins',
  presence: 'presence',
  read: 'read',
  signal: 'signals',
  typing: 'typing',
};

/** Returns the feature that a listener of the event starts, if any. Throws a ChatError where there is no such event. */
export function startedBy(event: keyof ChatRoomEvents): FeatureName | undefined {
  if (Object.hasOwn(STARTED_BY, event)) return STARTED_BY[event];
  throw neverComes(event);
}

/**
 * Starts what every room understands, used or not: else a client would show text that was deleted. `writer` loads what changes
 * revisions.
 */
export function startAlwaysOn(host: FeatureHost, writer: () => Promise<RevisionWriter>): ThreadMarks {
  revisionsOf(host).writer = writer;
  new Quotes(host);
  new Reactions(host);
  return new ThreadMarks(host);
}
