import type { Scheduler } from '../shared/clock.js';
import type { Count } from '../shared/stats.js';
import { asMessage } from './as-message.js';
import { type DecodedMessage, decodeMessage } from './codec.js';
import type { FutureBound } from './future-bound.js';
import {
  contentKey,
  derivedIds,
  isAhead,
  type ListEntry,
  later,
  markAhead,
  matchArticleEntries,
  type Place,
  placeAfter,
  placesOf,
} from './idless.js';
import type { ListWindow, StoredEntry } from './list-window.js';
import type { MalformedReports } from './malformed.js';
import type { Message } from './message.js';
import { idTime, type MessageIds } from './message-id.js';
import { RecentSet } from './recent-set.js';
import { TakenPlaces } from './taken-places.js';
import type { Timeline } from './timeline.js';

/** One item of the topic. */
export interface Incoming {
  payload: unknown;
  /** The topic's sequence number of it. */
  sequence?: number;
  /** The publisher's token id, vouched for by Momento. */
  publisherId?: string;
}

/** The outcome of an item. */
export interface Received {
  /** Set on first sight of a message. */
  message?: Message;
  /** Set when a known message changed: now it is known who published it, and what they wrote. */
  updated?: Message;
  /** It may be the same as an entry that was just read from the list: only another reading can tell. */
  doubtful?: boolean;
}

/** An entry of a window that decodes. */
export interface ListedMessage {
  message: Message;
  /** Whether it is in memory already. */
  known: boolean;
  /** Set for an entry in the article's format. */
  article?: { content: string; place: Place };
}

/** The content of a window, read against the messages that are known at that moment. */
export interface Reading {
  /** The entries that decode, newest first. */
  listed: ListedMessage[];
  window: ListWindow;
  /** The place of the window's newest entry. */
  newest: Place | undefined;
}

interface ArticleRecord {
  content: string;
  place: Place;
  /** Set while the entry was only read from the list, and recently: its live item may still come. */
  unclaimedUntil?: number;
}

/** How long after an article entry was read its live item may come (ms): twice the settle window. */
const CLAIM_MS = 4000;
/** Why an id is refused; see {@link FutureBound}. */
const FUTURE = 'its id is from the future, by the clock of this device';
/** Bound of what is remembered to recognise doubles of items. */
const REMEMBERED = 1000;

/** Whether a message was sent from here, or by the same user; `publisherId` is vouched for by Momento. */
export type IsOwn = (message: DecodedMessage & { id: string }, publisherId: string | undefined) => boolean;

/**
 * Takes in what others wrote, live or from the list: decodes it, gives it its id and place, and drops what was
 * seen before. Whatever comes, it never throws (G6).
 */
export class MessageReceiver {
  readonly #room: string;
  readonly #timeline: Timeline;
  readonly #ids: MessageIds;
  readonly #scheduler: Scheduler;
  readonly #maxBytes: number;
  readonly #maxStored: number;
  readonly #isOwn: IsOwn;
  readonly #userId: () => string | undefined;
  readonly #future: FutureBound;
  readonly #malformed: MalformedReports;
  readonly #count: Count | undefined;
  readonly #articles = new Map<string, ArticleRecord>();
  readonly #items = new RecentSet(REMEMBERED);
  /** The place of the newest entry of the list, as far as known. */
  #tail: Place = { anchor: 0, ordinal: 0 };

  constructor(options: {
    room: string;
    timeline: Timeline;
    ids: MessageIds;
    scheduler: Scheduler;
    maxBytes: number;
    maxStored: number;
    isOwn: IsOwn;
    /** The room's own user, as far as they have an id. */
    userId: () => string | undefined;
    future: FutureBound;
    malformed: MalformedReports;
    count?: Count | undefined;
  }) {
    this.#room = options.room;
    this.#timeline = options.timeline;
    this.#ids = options.ids;
    this.#scheduler = options.scheduler;
    this.#maxBytes = options.maxBytes;
    this.#maxStored = options.maxStored;
    this.#isOwn = options.isOwn;
    this.#userId = options.userId;
    this.#future = options.future;
    this.#malformed = options.malformed;
    this.#count = options.count;
  }

  /** Takes an item of the topic. */
  receive({ payload, sequence, publisherId }: Incoming): Received {
    const decoded = decodeMessage(payload, this.#maxBytes);
    const malformed =
      'malformed' in decoded ? decoded.malformed : this.#future.refuses(decoded.id) ? FUTURE : undefined;
    if ('malformed' in decoded || malformed !== undefined) {
      this.#malformed.live(payload, malformed ?? '');
      return {};
    }
    if (decoded.id === undefined) return this.#receiveArticle(decoded, sequence, publisherId);
    const { id } = decoded;
    this.#ids.observe(id);
    this.#tail = placeAfter(this.#tail, { id, ahead: isAhead(id, this.#scheduler.now()) });
    const known = this.#timeline.get(id);
    if (known !== undefined) {
      if (!known.own) this.#count?.('duplicates');
      return this.#verify(known, decoded, publisherId);
    }
    const message = this.#message({ ...decoded, id }, decoded.sentAt ?? new Date(idTime(id)), publisherId);
    if (!this.#timeline.addNewest(message)) return {};
    if (!message.own) this.#future.hear(id);
    return { message };
  }

  /** Decodes entries of the list, each once. */
  decode(payloads: readonly string[]): StoredEntry[] {
    const decoded = payloads.map((payload) => decodeMessage(payload, this.#maxBytes));
    this.#future.learn(decoded.flatMap((entry) => ('malformed' in entry || !entry.id ? [] : [entry.id])));
    return payloads.map((payload, index): StoredEntry => {
      const message = decoded[index];
      if (message === undefined) return { payload };
      const malformed =
        'malformed' in message ? message.malformed : this.#future.refuses(message.id) ? FUTURE : undefined;
      if ('malformed' in message || malformed !== undefined) {
        this.#malformed.stored(payload, malformed ?? '');
        return { payload };
      }
      return message.id === undefined
        ? { payload, message, content: contentKey(message) }
        : { payload, message };
    });
  }

  /** A reading of the list has ended, be it that it failed: what it found malformed is told of. */
  endReading(): void {
    this.#malformed.endReading();
  }

  /** Reads a window. Changes nothing: what to keep of it is the caller's choice. */
  read(window: ListWindow): Reading {
    const decoded: DecodedMessage[] = [];
    const bare: ListEntry[] = [];
    for (const { message, content } of window.entries) {
      if (message === undefined) continue;
      decoded.push(message);
      bare.push(message.id === undefined ? { content: content ?? '' } : { id: message.id });
    }
    const articleIds = this.#matchArticles(bare, window.start);
    const hasArticles = bare.some(({ content }) => content !== undefined);
    const entries = markAhead(bare, this.#scheduler.now()).map((entry, index): ListEntry => {
      const place = hasArticles ? this.#articles.get(articleIds[index] ?? '')?.place : undefined;
      return place === undefined ? entry : { ...entry, place };
    });
    const places = placesOf(entries, window.end && window.stop < this.#maxStored);
    const taken = new TakenPlaces(articleIds, this.#timeline);
    const listed = decoded.map((message, index) =>
      this.#listed(message, bare[index]?.content, places[index] ?? this.#tail, articleIds[index], taken),
    );
    return { listed, window, newest: places[0] };
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

  #receiveArticle(
    decoded: DecodedMessage,
    sequence: number | undefined,
    publisherId: string | undefined,
  ): Received {
    const content = contentKey(decoded);
    if (sequence !== undefined && !this.#items.add(`${sequence} ${content}`)) {
      this.#count?.('duplicates');
      return {};
    }
    const now = this.#scheduler.monotonic();
    for (const [id, record] of this.#articles) {
      if (record.content !== content || record.unclaimedUntil === undefined) continue;
      const claimable = now <= record.unclaimedUntil;
      delete record.unclaimedUntil;
      const known = this.#timeline.get(id);
      if (claimable && known !== undefined)
        return { doubtful: true, ...this.#verify(known, decoded, publisherId) };
    }
    const place = placeAfter(this.#tail, { content });
    const id = derivedIds(content)(place);
    const message = this.#message({ ...decoded, id }, new Date(this.#scheduler.now()), publisherId);
    if (!this.#timeline.addNewest(message)) return {};
    this.#tail = place;
    this.#articles.set(id, { content, place });
    this.#prune();
    return { message };
  }

  #listed(
    decoded: DecodedMessage,
    content: string | undefined,
    at: Place,
    articleId: string | undefined,
    taken: TakenPlaces,
  ): ListedMessage {
    let place = at;
    let id = decoded.id ?? articleId;
    if (id === undefined) {
      // Of equal contents any may be the new one; it takes the next place that is free.
      ({ id, place } = taken.take(content ?? '', at));
    }
    const known = this.#timeline.get(id);
    // An article entry was sent some time after the message before it; without one, nothing tells.
    const time = content === undefined ? idTime(id) : place.anchor || this.#scheduler.now();
    const sentAt = decoded.sentAt ?? new Date(time);
    return {
      message: known ?? this.#message({ ...decoded, id }, sentAt),
      known: known !== undefined,
      ...(content === undefined ? {} : { article: { content, place } }),
    };
  }

  /** Learns from what is about to be kept: the clock, the places of article entries, the newest place. */
  #remember({ listed, window, newest }: Reading): void {
    const unclaimedUntil = this.#scheduler.monotonic() + CLAIM_MS;
    for (const { message, known, article } of listed) {
      if (article === undefined) this.#ids.observe(message.id);
      else if (!known) this.#articles.set(message.id, { ...article, unclaimedUntil });
    }
    if (window.start === 0 && newest !== undefined) this.#tail = later(this.#tail, newest);
    this.#prune();
  }

  #matchArticles(entries: readonly ListEntry[], start: number): (string | undefined)[] {
    if (entries.every(({ content }) => content === undefined)) return [];
    return matchArticleEntries(
      entries,
      start,
      this.#timeline.inListOrder(),
      (id) => this.#articles.get(id)?.content,
    );
  }

  #prune(): void {
    if (this.#articles.size <= 2 * this.#timeline.size + REMEMBERED) return;
    for (const id of this.#articles.keys())
      if (this.#timeline.get(id) === undefined) this.#articles.delete(id);
  }

  #message(decoded: DecodedMessage & { id: string }, sentAt: Date, publisherId?: string): Message {
    const message = asMessage(
      { ...decoded, sentAt },
      {
        room: this.#room,
        own: this.#isOwn(decoded, publisherId),
        status: 'sent',
        userId: this.#userId(),
      },
    );
    return publisherId ? { ...message, verifiedUserId: publisherId } : message;
  }

  /**
   * Anybody may store or publish anything under the id and in the name of another: only whom both are from can vouch
   * for it later on, and only for what comes from them.
   */
  #verify(known: Message, vouched: DecodedMessage, publisherId?: string): Pick<Received, 'updated'> {
    const theirs = known.user.id === publisherId && vouched.user.id === publisherId;
    if (!publisherId || known.verifiedUserId !== undefined || !theirs) return {};
    const message = this.#message({ ...vouched, id: known.id }, vouched.sentAt ?? known.sentAt, publisherId);
    const updated: Message = { ...message, status: known.status };
    this.#timeline.replace(updated);
    return { updated };
  }
}
