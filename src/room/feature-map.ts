import type { FeatureHost } from '../features/feature.js';
import type { Files } from '../features/files.js';
import type { MessageSearch } from '../features/message-search.js';
import type { Signals } from '../features/signals.js';
import { ThreadMarks } from '../features/thread-marks.js';
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
  signals: Signals;
  threads: Threads;
  files: Files;
  search: MessageSearch;
}

/** What every room understands. */
export interface AlwaysOn {
  threadMarks: ThreadMarks;
}

/** Loads each feature's code and makes it. */
export const LOADERS: {
  [Name in FeatureName]: (host: RoomFeatureHost, emit: Emit, always: AlwaysOn) => Promise<FeatureMap[Name]>;
} = {
  signals: async (host, emit) =>
    new (await import('../features/signals.js')).Signals(host, (signal) => emit('signal', signal)),
  files: async (host) => new (await import('../features/files.js')).Files(host, host.files),
  search: async (host) => new (await import('../features/message-search.js')).MessageSearch(host),
  threads: async (host, _emit, { threadMarks }) =>
    new (await import('./threads.js')).Threads(host, threadMarks),
};

/** Which feature the first listener of an event starts. */
export const STARTED_BY: Partial<Record<keyof ChatRoomEvents, FeatureName>> = { signal: 'signals' };

/** Starts what every room understands, used or not: else a client would show text that was deleted. */
export function startAlwaysOn(host: FeatureHost, _emit: Emit): AlwaysOn {
  return { threadMarks: new ThreadMarks(host) };
}
