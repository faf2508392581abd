import type { Scheduler } from '../shared/clock.js';
import type { Count } from '../shared/stats.js';
import { asMessage } from './as-message.js';
import { type DecodedMessage, decodeMessage, type Malformed } from './codec.js';
import type { FutureBound } from './future-bound.js';
import { contentKey } from './idless.js';
import { IdlessMemory, type Listed, type PlacedEntry } from './idless-memory.js';
import { type ListWindow, messagesOf, type StoredEntry, type StoredMessage } from './list-window.js';
import type { MalformedReports } from './malformed.js';
import type { Message } from './message.js';
import { idTime, type MessageIds } from './message-id.js';
import { RecentSet } from './recent-set.js';
import type { Timeline } from './timeline.js';

/** One item of the topic. */
export interface Incoming {
  value: unknown;
  /** The topic's sequence number of it. */
  sequence?: number | undefined;
  /** The page of that number, where the transport tells: a topic that was reset counts anew. */
  page?: number | undefined;
  /** The publisher's token id, vouched for by Momento. */
  publisherId?: string | undefined;
}

/** The outcome of an item. */
export interface Received {
  /** Set on first sight of a message. */
  message?: Message;
  /** Set when a known message changed: now it is known who published it, and what they wrote. */
  updated?: Message;
  /** It may be the same as an entry that was just read from the list: only another reading can tell. */
  needsResync?: boolean;
}

/** The content of a window, read against the messages that are known at that moment. */
export interface Reading {
  /** The entries that decode, newest first. */
  listed: Listed[];
  window: ListWindow;
}

/** Why an id is refused; see {@link FutureBound}. */
const FUTURE: Malformed = { malformed: 'its id is from the future, by the clock of this device' };
/** Bound of the memory by which items that come twice are recognized. */
const REMEMBERED = 1000;

/** Whether a message was sent from here, or by the same user; `publisherId` is vouched for by Momento. */
export type IsOwn = (message: DecodedMessage & { id: string }, publisherId: string | undefined) => boolean;

/** A live item without an id that waits for the list to be read, and how many readings have ended since. */
interface Early {
  readonly decoded: DecodedMessage;
  readonly item: string;
  readonly publisherId: string | undefined;
  readings: number;
}

export interface MessageReceiverOptions {
  room: string;
  timeline: Timeline;
  ids: MessageIds;
  scheduler: Scheduler;
  maxBytes: number;
  maxStored: number;
  isOwn: IsOwn;
  /** The room's own user, as far as they have an id. */
  userId(): string | undefined;
  future: FutureBound;
  malformed: MalformedReports;
  count?: Count | undefined;
}

/**
 * Receives the messages of others, live or from the list: decodes each, gives it its id and place, and drops it when it was
 * seen before. Never throws, whatever comes (G6).
 */
export class MessageReceiver {
  readonly #options: MessageReceiverOptions;
  readonly #timeline: Timeline;
  readonly #idless: IdlessMemory;
  readonly #items = new RecentSet(REMEMBERED);
  /** Items without an id that wait for the list to be read, {@link REMEMBERED} at most: those beyond do not wait. */
  #early: Early[] = [];
  /** Set while the list is to be read, since something may have been missed; another object each time. */
  #behind: object | undefined;

  constructor(options: MessageReceiverOptions) {
    this.#options = options;
    this.#timeline = options.timeline;
    this.#idless = new IdlessMemory(options);
  }

  /** Takes an item of the topic. */
  receive({ value, sequence, page, publisherId }: Incoming): Received {
    const { maxBytes, malformed, ids, future, count } = this.#options;
    // Read once: in a flood, looking at the clock is a good part of the work.
    const now = this.#options.scheduler.now();
    const decoded = this.#checked(decodeMessage(value, maxBytes), now);
    if ('malformed' in decoded) {
      malformed.live(value, decoded.malformed);
      return {};
    }
    const { id } = decoded;
    if (id === undefined) {
      const item = sequence === undefined ? '' : `${page} ${sequence}`;
      if (this.#behind === undefined || this.#early.length >= REMEMBERED)
        return this.#receiveIdless(decoded, item, publisherId);
      this.#early.push({ decoded, item, publisherId, readings: 0 });
      return {};
    }
    ids.observe(id, now);
    this.#idless.passed(id, now);
    const known = this.#timeline.get(id);
    if (known !== undefined) {
      if (!known.own) {
        count?.('duplicates');
        this.#timeline.again.add(id);
      }
      return this.#verify(known, decoded, publisherId);
    }
    const message = this.#message(decoded, id, idTime(id), publisherId);
    if (!this.#timeline.addNewest(message)) return {};
    if (!message.own) future.hear(id, now);
    return { message };
  }

  /**
   * Something was missed, or may have been, before what comes next. What comes without an id waits for the list to be read:
   * its place there gives it its id.
   */
  fallBehind(): void {
    this.#behind = {};
  }

  /** The join is over, and so is all waiting of its items. */
  forget(): void {
    this.#early = [];
    this.fallBehind();
  }

  /** The list is about to be read. Call the returned function when it was: it gives `take` the outcomes of what waited. */
  catchUp(): (take: (received: Received) => void) => void {
    const behind = this.#behind;
    return (take) => {
      // Otherwise something more was missed meanwhile, and another reading follows.
      if (behind === this.#behind) this.#behind = undefined;
      this.#early = this.#early.filter((early) => {
        // It is published before it is stored: the second reading has it, or nobody stores it.
        const waits = !this.#idless.awaits(contentKey(early.decoded)) && early.readings === 0;
        early.readings += 1;
        if (!waits) take(this.#receiveIdless(early.decoded, early.item, early.publisherId));
        return waits;
      });
    };
  }

  /** Decodes entries of the list, each once. */
  decode(payloads: readonly string[]): StoredEntry[] {
    const { maxBytes, malformed, future } = this.#options;
    const decoded = payloads.map((payload) => decodeMessage(payload, maxBytes));
    future.learn(decoded.flatMap((entry) => ('malformed' in entry || !entry.id ? [] : [entry.id])));
    return decoded.map((entry, index): StoredEntry => {
      const payload = payloads[index] ?? '';
      const message = this.#checked(entry);
      if ('malformed' in message) {
        malformed.stored(payload, message.malformed);
        return { payload };
      }
      const { id } = message;
      return { payload, message, ...(id === undefined ? { content: contentKey(message) } : { id }) };
    });
  }

  /** A reading of the list has ended, or failed. Reports the entries that it found malformed. */
  endReading(): void {
    this.#options.malformed.endReading();
  }

  /** Reads a window. Changes nothing: the caller chooses which part of it to keep. */
  read(window: ListWindow): Reading {
    const messages = messagesOf(window);
    const placed = this.#idless.place(messages, window);
    const listed = messages.map((entry, index) => this.#listed(entry, placed[index] as PlacedEntry));
    return { listed, window };
  }

  /**
   * Adds what a reading at the head of the list showed to be missing; `arrivals` came in while it was read. Returns
   * what was new, oldest first.
   */
  addMissing(reading: Reading, arrivals: ReadonlySet<string>): Message[] {
    this.#remember(reading);
    const oldestFirst = [...reading.listed].reverse().map(({ message }) => message);
    // Messages leave memory only once all stand in the order of the list.
    const release = this.#timeline.hold();
    const added = oldestFirst.filter((message) => this.#timeline.addNewest(message));
    this.#timeline.arrange(
      reading.listed.map(({ message }) => message),
      arrivals,
    );
    release();
    return added;
  }

  /** Adds the next older page; returns what was new, oldest first. */
  addOlder(reading: Reading): Message[] {
    this.#remember(reading);
    const newestFirst = reading.listed.map(({ message }) => message);
    const added = this.#timeline.addOlder(newestFirst);
    this.#timeline.arrange(newestFirst);
    return added;
  }

  #receiveIdless(decoded: DecodedMessage, item: string, publisherId: string | undefined): Received {
    const content = contentKey(decoded);
    if (item !== '' && !this.#items.add(`${item} ${content}`)) {
      this.#options.count?.('duplicates');
      return {};
    }
    const known = this.#idless.claim(content);
    if (known !== undefined) return { needsResync: true, ...this.#verify(known, decoded, publisherId) };
    const { id, place } = this.#idless.next(content);
    const message = this.#message(decoded, id, this.#options.scheduler.now(), publisherId);
    if (!this.#timeline.addNewest(message)) return {};
    this.#idless.add(id, { content, place });
    return { message };
  }

  #listed({ message, content }: StoredMessage, { id, place }: PlacedEntry): Listed {
    const known = this.#timeline.get(id);
    // A message without an id was sent some time after the one before it; without one, nothing tells.
    const time = content === undefined ? idTime(id) : place.anchor || this.#options.scheduler.now();
    return {
      message: known ?? this.#message(message, id, time),
      known: known !== undefined,
      place,
      content,
    };
  }

  /** Learns from the messages that are about to be kept: the clock, and where those without an id stand. */
  #remember({ listed, window }: Reading): void {
    for (const { message, content } of listed)
      if (content === undefined) this.#options.ids.observe(message.id);
    this.#idless.remember(listed, window.start === 0);
  }

  /** A message whose id is from the future is malformed as well. */
  #checked(decoded: DecodedMessage | Malformed, now?: number): DecodedMessage | Malformed {
    return !('malformed' in decoded) && this.#options.future.refuses(decoded.id, now) ? FUTURE : decoded;
  }

  /** `time`: when it was sent, as far as it does not say so itself. */
  #message(decoded: DecodedMessage, id: string, time: number, publisherId?: string): Message {
    const { room, isOwn, userId } = this.#options;
    const verified = publisherId ? { verifiedUserId: publisherId } : undefined;
    const content = { ...decoded, id, sentAt: decoded.sentAt ?? new Date(time), ...verified };
    const own = isOwn(content, publisherId);
    return asMessage(content, { room, own, status: 'sent', userId: userId() });
  }

  /**
   * Anyone can publish and store any id under any name. So only the author, as the stored and the live message name them, can
   * vouch for a message later on, and only with the live message.
   */
  #verify(known: Message, vouched: DecodedMessage, publisherId?: string): Pick<Received, 'updated'> {
    const theirs = known.user.id === publisherId && vouched.user.id === publisherId;
    if (!publisherId || known.verifiedUserId !== undefined || !theirs) return {};
    const message = this.#message(vouched, known.id, known.sentAt.getTime(), publisherId);
    const updated: Message = { ...message, status: known.status };
    this.#timeline.replace(updated);
    return { updated };
  }
}
