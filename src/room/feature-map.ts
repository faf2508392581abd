import type { FeatureHost } from '../features/feature.js';
import type { ReactionWriter } from '../features/reaction-writer.js';
import { Reactions, reactionsOf } from '../features/reactions.js';
import type { Signals } from '../features/signals.js';
import type { Typing } from '../features/typing.js';
import type { ChatRoomEvents } from './events.js';

/** Emits an event of the room. */
export type Emit = <Name extends keyof ChatRoomEvents>(
  event: Name,
  ...args: Parameters<ChatRoomEvents[Name]>
) => void;

/** The features that are loaded when they are first used. */
export interface FeatureMap {
  signals: Signals;
  reactions: ReactionWriter;
  typing: Typing;
}

export type FeatureName = keyof FeatureMap;

/** Loads each feature's code and makes it. */
export const LOADERS: {
  [Name in FeatureName]: (host: FeatureHost, emit: Emit) => Promise<FeatureMap[Name]>;
} = {
  signals: async (host, emit) =>
    new (await import('../features/signals.js')).Signals(host, (signal) => emit('signal', signal)),
  reactions: async (host) =>
    new (await import('../features/reaction-writer.js')).ReactionWriter(host, reactionsOf(host)),
  typing: async (host, emit) => {
    const typing = new (await import('../features/typing.js')).Typing(host, () =>
      emit('typing', typing.users, typing.many),
    );
    return typing;
  },
};

/** Which feature the first listener of an event starts. */
export const STARTED_BY: Partial<Record<keyof ChatRoomEvents, FeatureName>> = {
  signal: 'signals',
  typing: 'typing',
};

/** Starts what every room understands, used or not: else a client would show text that was deleted. */
export function startAlwaysOn(host: FeatureHost, _emit: Emit): void {
  new Reactions(host);
}
