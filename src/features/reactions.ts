import type { Message, Reaction } from '../messages/message.js';
import { idTime, isMessageId, MAX_CLOCK_LEAD_MS } from '../messages/message-id.js';
import type { ChatError } from '../shared/errors.js';
import { type ScoredValue, sortedSetFetchByScore } from '../transport/operations/sorted-sets.js';
import { AboutMessages } from './about-messages.js';
import { asFarAsReadable } from './as-far-as-readable.js';
import { bareEmoji, isStorable } from './emoji.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import { MAX_RANK, type Mark, MessageReactions, NO_REACTIONS, partsOf } from './reaction-state.js';
import type { RoomEvent } from './room-event.js';
import { showWith } from './show-with.js';
import { isForged, userKey } from './user-key.js';

/** The type of the event, and the name of the sorted set. */
export const REACTION = 'reaction';
export const REACTIONS = 'reactions';
/** An id is so long. */
const ID_LENGTH = 36;
const MAX_KEY_LENGTH = 256;
/** A reading takes no more elements than this, those of the newest messages first. */
const MAX_ELEMENTS = 10_000;
/** Where so many are known of one message, further ones that come live are ignored until it is read again. */
const MAX_LIVE = 5000;
/** More are read after a call quicker than this (ms). */
const QUICK_MS = 1000;
/** A call that brings less than this is not slow for its size (characters). */
const LITTLE = 10_000;
/** A message whose reactions were read in part is read again so many times at most. */
const MAX_PARTLY = 5;
/** The state of so many messages that are not in memory is kept at least. */
const SPARE = 500;
/** Reactions that events left open are read again this soon, at most once in so long (ms). */
const REREAD_SOON_MS = 300;
const REREAD_EVERY_MS = 5000;

/** The half of the feature that changes reactions; it is loaded when it is first used. */
export interface ReactionHooks {
  /** The room's own user made a change here or elsewhere. */
  heard(id: string, emoji: string, change: Mark): void;
  /** The stored reactions of these messages were read; when that began (monotonic, ms). */
  read(ids: readonly string[], began: number): void;
}

const running = /* @__PURE__ */ new WeakMap<FeatureHost, Reactions>();

/** Returns what shows the reactions of the room, for the half that changes them. */
export function reactionsOf(host: FeatureHost): Reactions {
  return running.get(host) ?? new Reactions(host);
}

/** Shows who reacted to the messages of a room. */
export class Reactions {
  hooks: ReactionHooks | undefined;
  readonly #host: FeatureHost;
  readonly #states: AboutMessages<MessageReactions>;
  /** The number of the last change or reading. */
  #step = 0;
  /** So many elements are asked for: fewer after a call that took too long, as a member may store what they like; more after a quick one. */
  #most = MAX_ELEMENTS;
  /** The newest time of the hybrid clock that was seen (ms). */
  #newest = 0;
  readonly #rereadLater: (ids: readonly string[], ms: number) => void;
  #rereadAt = Number.NEGATIVE_INFINITY;

  constructor(host: FeatureHost) {
    this.#host = host;
    running.set(host, this);
    const { timeline } = host;
    this.#states = new AboutMessages(
      SPARE,
      (id, { intended }) => intended.size > 0 || timeline.kept(id) !== undefined,
    );
    host.events.on(REACTION, (event) => this.#receive(event));
    showWith(
      host.timeline,
      (message) => this.#look(message),
      (message, reactions) => ({ ...message, reactions }),
    );
    host.timeline.onRead((ids, signal) => this.#read(ids, signal));
    this.#rereadLater = gather(host, (ids, signal) => {
      this.#rereadAt = host.clock.monotonic();
      return this.#read(ids, signal);
    });
  }

  /** The key of the room's own user. */
  get own(): string {
    return userKey(this.#host.author());
  }

  /** The state of the message; of some that are not in memory as well. */
  state(id: string): MessageReactions {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const state = new MessageReactions();
    this.#states.set(id, state);
    return state;
  }

  /** Notes a change that is newer than everything known of the element. */
  change(id: string, element: string, mark: Mark): void {
    this.#step += 1;
    this.state(id).set(element, { ...mark, step: this.#step });
    this.refresh(id);
  }

  refresh(id: string): void {
    if (this.state(id).show(this.own)) this.#host.timeline.refresh(id);
  }

  /** Reads soon what storage holds for the message: what is known of it may be wrong. */
  reread(id: string): void {
    const { clock } = this.#host;
    const wait = Math.max(0, this.#rereadAt + REREAD_EVERY_MS - clock.monotonic());
    this.#rereadLater([id], wait + clock.random() * REREAD_SOON_MS);
  }

  #receive({ id: version, data, user, verifiedUserId }: RoomEvent): void {
    const { id, on, rank } = data;
    const emoji = typeof data.emoji === 'string' ? bareEmoji(data.emoji) : '';
    const key = userKey(user);
    if (!isMessageId(id) || typeof on !== 'boolean' || !isStorable(emoji) || key.length > MAX_KEY_LENGTH)
      return;
    if (isForged(user, verifiedUserId)) return;
    this.#observe(idTime(version));
    const element = `${emoji} ${key}`;
    const state = this.state(id);
    const mark = state.get(element);
    if (mark?.version === version) return;
    // It was made before something that is known. Storage, where it was put before it was sent, knows what came last.
    // A reading says nothing of what changed meanwhile, and has kept its version: ids alone order that.
    const isOld = mark?.version ? version < mark.version : idTime(version) <= state.readAt;
    const change = { on, version, rank: rankIn(rank) };
    if (!isOld) {
      if (mark !== undefined || key === this.own || state.size < MAX_LIVE) this.change(id, element, change);
    } else if ((mark?.on ?? false) !== on || (on && mark?.rank !== change.rank)) this.reread(id);
    if (key === this.own) this.hooks?.heard(id, emoji, change);
  }

  async #read(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    this.#states.expect(ids);
    const began = this.#host.clock.monotonic();
    this.#step += 1;
    const step = this.#step;
    const times = ids.map(idTime);
    const [min, max] = times.reduce(
      ([low, high], time) => [Math.min(low, time), Math.max(high, time)],
      [Number.POSITIVE_INFINITY, 0],
    );
    this.#observe(max);
    const readAt = Math.max(this.#newest, this.#host.clock.now());
    const count = this.#most;
    const range = { set: this.#host.key(REACTIONS), min, max: max + 1, descending: true, count };
    const how = { action: 'read the reactions', once: true, signal };
    const reading = this.#host.call(sortedSetFetchByScore, range, how).catch((problem: ChatError) => {
      if (problem.code === 'timeout') this.#most = count >> 6 || 1;
      throw problem;
    });
    // The page is shown without reactions where they can never be read.
    const elements = await asFarAsReadable(this.#host, reading);
    if (elements === undefined) return;
    const isAll = elements.length < count;
    const size = elements.reduce((sum, { value }) => sum + value.length, 0);
    if (!isAll && (size < LITTLE || this.#host.clock.monotonic() - began < QUICK_MS))
      this.#most = Math.min(MAX_ELEMENTS, 4 * count);
    // Of this and older messages it says not all: they are read next, but for one that takes a reading alone.
    const last = isAll ? -1 : Math.floor(elements.at(-1)?.score ?? 0);
    const to = Math.min(last, max - 1);
    const stored = byMessage(elements, new Set(ids));
    for (const id of ids) {
      if (idTime(id) <= to) {
        this.#rereadLater([id], REREAD_SOON_MS);
        continue;
      }
      const state = this.state(id);
      if (!state.replace(stored.get(id), step)) continue;
      state.readAt = readAt;
      // Its page is about to be shown: others are forgotten first.
      this.#states.set(id, state);
      this.refresh(id);
      // One that had a reading alone may have more than so few.
      if (idTime(id) > last) state.partly = 0;
      else if (count < MAX_ELEMENTS && state.partly < MAX_PARTLY) {
        state.partly += 1;
        this.reread(id);
      }
    }
    // A reaction that a full reading leaves out may be there.
    if (isAll) this.hooks?.read(ids, began);
  }

  #look({ id, deletedAt, reactions }: Message): readonly Reaction[] | undefined {
    const known = (deletedAt === undefined && this.#states.get(id)?.shown) || NO_REACTIONS;
    return known.length === 0 && reactions.length === 0 ? undefined : known;
  }

  #observe(time: number): void {
    if (time - this.#host.clock.now() < MAX_CLOCK_LEAD_MS) this.#newest = Math.max(this.#newest, time);
  }
}

/** Returns the elements' ranks by element, by message. Elements in any other form than ours are left out. */
function byMessage(
  elements: readonly ScoredValue[],
  wanted: ReadonlySet<string>,
): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const { value, score } of elements) {
    const id = value.slice(0, ID_LENGTH);
    const element = value.slice(ID_LENGTH + 1);
    const [emoji, user] = partsOf(element);
    const isIn = wanted.has(id) && value[ID_LENGTH] === ' ' && Math.floor(score) === idTime(id);
    if (!isIn || emoji !== bareEmoji(emoji) || !isStorable(emoji)) continue;
    if (!/^[=~]/.test(user) || user.length > MAX_KEY_LENGTH) continue;
    const ranks = found.get(id) ?? new Map<string, number>();
    found.set(id, ranks.set(element, rankIn((score % 1) * (MAX_RANK + 1))));
  }
  return found;
}

/** Returns the value and the score of an element. */
export function storedReaction(id: string, element: string, rank: number): ScoredValue {
  return { value: `${id} ${element}`, score: idTime(id) + rank / (MAX_RANK + 1) };
}

function rankIn(value: unknown): number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_RANK
    ? Number(value)
    : MAX_RANK;
}
