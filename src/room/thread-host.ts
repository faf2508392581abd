import type { FeatureHost } from '../features/feature.js';
import { unable } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { RoomCore } from './room-core.js';
import {
  type ReadMessages,
  type TimelineListeners,
  timelineListeners,
  timelineView,
} from './timeline-view.js';

/** The methods that a thread's host has from that of the room. */
const OF_THE_ROOM = [
  'author',
  'isOwn',
  'hides',
  'nextId',
  'observe',
  'key',
  'call',
  'readFields',
  'isVisible',
  'isOffline',
  'report',
] as const;

/**
 * The host of a thread's features. It gives them the room's keys and events, in which ids of messages tell replies
 * apart, and the thread's own messages. It ends with `close()`.
 */
export interface ThreadHost extends FeatureHost {
  /** Told of what happens to the replies. */
  readonly listeners: TimelineListeners;
  /** A join began. */
  begin(signal: AbortSignal): void;
  /** Events may have been missed. Rejects with a ChatError. */
  resync(): Promise<void>;
  close(): void;
}

/** Makes the host of a thread. The list of the thread stands where that of a room does. */
export function threadHost(
  host: RoomFeatureHost,
  core: RoomCore,
  list: string,
  maxMessageBytes: number,
): ThreadHost {
  const reads: ReadMessages[] = [];
  const resyncs: ((signal: AbortSignal) => Promise<void>)[] = [];
  const begins: ((signal: AbortSignal) => void)[] = [];
  const ends: (() => void)[] = [];
  /** The replies that are being read about: those of a page are not in memory yet. */
  const beingRead = new Set<readonly string[]>();
  let endJoin = () => {};
  const methods = OF_THE_ROOM.map((name) => [name, (host[name] as () => unknown).bind(host)]);
  const { ttlSeconds, mayDelete, clock, events } = host;
  const listeners = timelineListeners();
  const own: ThreadHost = {
    ...(Object.fromEntries(methods) as Pick<FeatureHost, (typeof OF_THE_ROOM)[number]>),
    // Replaced in the room's host when presence is loaded.
    isAlone: () => host.isAlone(),
    room: list,
    ttlSeconds,
    maxMessageBytes,
    mayDelete,
    clock,
    life: AbortSignal.abort(),
    listeners,
    events: {
      send: (...event) => events.send(...event),
      on: (type, listener) => {
        const end = events.on(type, listener);
        ends.push(end);
        return end;
      },
    },
    timeline: timelineView({
      core,
      read: (ids, signal) => {
        beingRead.add(ids);
        return Promise.all(reads.map((read) => read(ids, signal))).finally(() => beingRead.delete(ids));
      },
      signal: () => own.life,
      onRead: (read) => void reads.push(read),
      listeners,
      newestAtJoin: () => undefined,
    }),
    onHidden: (listener) => ends.push(host.onHidden(listener)),
    onLeave: (act) => ends.push(host.onLeave(act)),
    onVisibility: (listener) => ends.push(host.onVisibility(listener)),
    onResync: (read) => void resyncs.push(read),
    onJoined: (begin) => {
      begins.push(begin);
      if (!own.life.aborted) begin(own.life);
    },
    begin: (signal) => {
      // The thread may be closed long before the join ends, which then keeps nothing of it.
      const life = new AbortController();
      const outlive = onAbort(signal, () => life.abort(signal.reason));
      endJoin();
      endJoin = () => {
        outlive();
        life.abort(unable('closed', 'go on', 'the thread was closed'));
      };
      Object.assign(own, { life: life.signal });
      for (const begin of begins) begin(life.signal);
    },
    resync: async () => {
      const ids = [...core.timeline.ids(), ...[...beingRead].flat()];
      if (ids.length > 0) await own.timeline.read(ids);
      await Promise.all(resyncs.map((read) => read(own.life)));
    },
    close: () => {
      endJoin();
      for (const end of ends.splice(0)) end();
    },
  };
  return own;
}
