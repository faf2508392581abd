import type { FeatureHost } from '../features/feature.js';
import type { Presence } from '../features/presence.js';
import type { ReadMarks } from '../features/read.js';
import type { Signals } from '../features/signals.js';
import type { ChatRoomEvents } from './events.js';

/** Emits an event of the room. */
export type Emit = <Name extends keyof ChatRoomEvents>(
  event: Name,
  ...args: Parameters<ChatRoomEvents[Name]>
) => void;

/** The features that are loaded when they are first used. */
export interface FeatureMap {
  signals: Signals;
  presence: Presence;
  read: ReadMarks;
}

export type FeatureName = keyof FeatureMap;

/** Loads each feature's code and makes it. */
export const LOADERS: {
  [Name in FeatureName]: (host: FeatureHost, emit: Emit) => Promise<FeatureMap[Name]>;
} = {
  signals: async (host, emit) =>
    new (await import('../features/signals.js')).Signals(host, (signal) => emit('signal', signal)),
  presence: async (host, emit) =>
    new (await import('../features/presence.js')).Presence(host, (change, members) =>
      emit('presence', change, members),
    ),
  read: async (host, emit) =>
    new (await import('../features/read.js')).ReadMarks(host, {
      onChange: (unread, receipts) => emit('read', unread, receipts),
    }),
};

/** Which feature the first listener of an event starts. */
export const STARTED_BY: Partial<Record<keyof ChatRoomEvents, FeatureName>> = {
  signal: 'signals',
  presence: 'presence',
  read: 'read',
};

/** Starts what every room understands, used or not: else a client would show text that was deleted. */
export function startAlwaysOn(_host: FeatureHost, _emit: Emit): void {}
