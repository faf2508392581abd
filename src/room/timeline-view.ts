import type { TimelineView } from '../features/feature.js';
import type { Message } from '../messages/message.js';
import { listeners } from '../shared/listeners.js';
import type { RoomCore } from './room-core.js';

/** Reads what overlays must know about messages. */
export type ReadMessages = (ids: readonly string[], signal: AbortSignal) => Promise<void>;

/** The listeners of a {@link TimelineView}. */
export type TimelineListeners = ReturnType<typeof timelineListeners>;

export function timelineListeners() {
  return {
    /** A message is new. */
    message: listeners<[message: Message]>(),
    /** The messages that are shown are others than before. */
    change: listeners(),
  };
}

/** Returns the view that features have of the messages of a room or thread. */
export function timelineView({
  core,
  read: readAbout,
  signal: life,
  onRead,
  listeners: { message, change },
  newestAtJoin,
}: {
  core: RoomCore;
  listeners: TimelineListeners;
  newestAtJoin(): string | undefined;
  /** Has all functions that were given to {@link TimelineView.onRead} read. */
  read(ids: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** Ends with the join. */
  signal(): AbortSignal | undefined;
  onRead(read: ReadMessages): void;
}): TimelineView {
  const { timeline } = core;
  const refreshed = listeners<[id: string]>();
  const read = async (ids: readonly string[], signal = life()) => {
    if (signal !== undefined) await readAbout(ids, signal);
  };
  return {
    get: (id) => timeline.shown(id),
    original: (id) => timeline.get(id),
    kept: (id) => timeline.get(id),
    ids: () => timeline.ids(),
    messages: () => timeline.snapshot,
    hasOlder: () => core.hasOlder,
    newestAtJoin,
    onChange: change.add,
    onMessage: message.add,
    overlay: (show) => timeline.overlay(show),
    refresh: (id) => {
      core.refresh(id);
      refreshed.tell(id);
    },
    discard: (id, unsent) => core.discard(id, unsent),
    sender: core.sender,
    show: (message) => timeline.overlaid(message),
    read,
    onRefresh: refreshed.add,
    onRead,
    async stored(start, count) {
      const stretch = await core.peek(start, count);
      const unknown = stretch.messages.filter(({ id }) => timeline.get(id) === undefined);
      if (unknown.length > 0) await read(unknown.map(({ id }) => id));
      const messages = stretch.messages.map(
        (message) => timeline.shown(message.id) ?? timeline.overlaid(message),
      );
      return { ...stretch, messages: messages.filter((message) => timeline.passes(message)) };
    },
  };
}
