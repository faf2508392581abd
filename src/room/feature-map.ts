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

/** The features that every room understands. */
export interface AlwaysOn {
  threadMarks: ThreadMarks;
}

/** Loads each feature's code and makes it. */
export const LOADERS: {
  [Name in FeatureName]: (host: RoomFeatureHost, emit: Emit, always: AlwaysOn) => Promise<FeatureMap[Name]>;
} = {
  pins: async (host, emit) =>
    new (await import('../features/pins.js')).Pins(host, (pinned) => emit('pins', pinned)),
  revisions: async (host) =>
    new (await import('../features/revision-writer.js')).RevisionWriter(host, revisionsOf(host)),
  signals: async (host, emit) =>
    new (await import('../features/signals.js')).Signals(host, (signal) => emit('signal', signal)),
  presence: async (host, emit) => {
    const { Presence } = await import('../features/presence.js');
    const presence = new Presence(host, (change, members) => emit('presence', change, members));
    host.alone = () => presence.isAlone;
    return presence;
  },
  read: async (host, emit) =>
    new (await import('../features/read.js')).ReadMarks(host, {
      onChange: (unread, receipts) => emit('read', unread, receipts),
    }),
  reactions: async (host) =>
    new (await import('../features/reaction-writer.js')).ReactionWriter(host, reactionsOf(host)),
  typing: async (host, emit) => {
    const typing = new (await import('../features/typing.js')).Typing(host, () =>
      emit('typing', typing.users, typing.many),
    );
    return typing;
  },
  files: async (host) => new (await import('../features/files.js')).Files(host, host.files),
  search: async (host) => new (await import('../features/message-search.js')).MessageSearch(host),
  threads: async (host, _emit, { threadMarks }) =>
    new (await import('./threads.js')).Threads(host, threadMarks),
};

/** Which feature the first listener of an event starts. */
export const STARTED_BY: Partial<Record<keyof ChatRoomEvents, FeatureName>> = {
  pins: 'pins',
  presence: 'presence',
  read: 'read',
  signal: 'signals',
  typing: 'typing',
};

/** Starts what every room understands, used or not: else a client would show text that was deleted. */
export function startAlwaysOn(host: FeatureHost, _emit: Emit): AlwaysOn {
  revisionsOf(host);
  new Quotes(host);
  new Reactions(host);
  return { threadMarks: new ThreadMarks(host) };
}
