import type { TimelineView } from '../features/feature.js';
import type { Message } from '../messages/message.js';
import type { RoomCore } from './room-core.js';

/** Reads what overlays must know about messages. */
export type ReadMessages = (ids: readonly string[], signal: AbortSignal) => Promise<void>;

/** The listeners of a {@link TimelineView}. */
export class TimelineListeners {
  readonly onMessage: ((message: Message) => void)[] = [];
  readonly onChange: (() => void)[] = [];

  /** A message is new. */
  message(message: Message): void {
    for (const listener of this.onMessage) listener(message);
  }

  /** The messages that are shown are others than before. */
  changed(): void {
    for (const listener of this.onChange) listener();
  }
}

/** Returns the view that features have of the messages of a room or thread. */
export function timelineView({
  core,
  read: readAbout,
  signal: life,
  onRead,
  listeners,
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
  const refreshListeners: ((id: string) => void)[] = [];
  const read = async (ids: readonly string[], signal = life()) => {
    if (signal !== undefined) await readAbout(ids, signal);
  };
  return {
    get: (id) => timeline.shown(id),
    original: (id) => timeline.get(id),
    ids: () => timeline.ids(),
    messages: () => timeline.snapshot,
    hasOlder: () => core.hasOlder,
    newestAtJoin,
    onChange: (listener) => void listeners.onChange.push(listener),
    onMessage: (listener) => void listeners.onMessage.push(listener),
    overlay: (show) => timeline.overlay(show),
    refresh: (id) => {
      core.refresh(id);
      for (const listener of refreshListeners) listener(id);
    },
    discard: (id, unsent) => core.discard(id, unsent),
    sender: core.sender,
    show: (message) => timeline.overlaid(message),
    read,
    onRefresh: (listener) => {
      refreshListeners.push(listener);
    },
    filter: (passes) => {
      timeline.filter(passes);
      return () => timeline.refilter();
    },
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
