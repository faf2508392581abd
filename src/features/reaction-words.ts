import { ChatError } from '../shared/errors.js';
import { remember } from '../shared/remember.js';
import type { FeatureHost } from './feature.js';
import { gather } from './gather.js';
import { LATE_MS } from './late-writes.js';
import { type Mark, partsOf } from './reaction-state.js';
import type { Reactions } from './reactions.js';

/** Two devices collide when both wrote within so long. A stream that is cut silently is found out within 40 s (ms). */
const COLLISION_MS = 120_000;
/** So many words are followed. */
const MAX_WORDS = 100;
const MAX_LOOKS = 10;
/** Pause between looks at what is in doubt (ms). */
const LOOK_MS = 2000;

/** A change that is to be stored, if `stored` says otherwise, and told. */
export interface Change extends Mark {
  /** Whether storage holds the reaction, as far as known. */
  readonly stored: boolean | undefined;
}

/** The newest word of the room's own user on one emoji of one message, of whichever device. */
interface Word extends Mark {
  /** A reading that began by this moment proves nothing (monotonic, ms). */
  from: number;
  /** Whether others were told. */
  told: boolean;
  /** How often that was tried in vain. */
  untold: number;
  /** See {@link ReactionWords.doubt}. */
  repair: boolean;
  /** How often storage was asked for it in vain; undefined: there is no doubt. */
  looks: number | undefined;
}

/**
 * Follows what becomes of the user's own words. Others believe the word with the greatest id, and storage has the one that
 * arrived last. So a device that wrote, and hears or reads something else, reads once more. It stores the newest word again if it
 * knows which one that is, and tells what storage has under an id of its own: one device that is there is enough.
 */
export class ReactionWords {
  readonly #host: FeatureHost;
  readonly #reactions: Reactions;
  /** By message and emoji. */
  readonly #words = new Map<string, Word>();
  readonly #lookLater: (ids: readonly [], ms: number) => void;

  constructor(host: FeatureHost, reactions: Reactions) {
    this.#host = host;
    this.#reactions = reactions;
    this.#lookLater = gather(host, async () => this.#look());
    host.onJoined(() => this.#lookSoon());
  }

  /** Whether it is unsure what storage holds. */
  isUnsure(key: string): boolean {
    return this.#words.get(key)?.looks !== undefined;
  }

  /** A call that stores this begins. */
  begins(key: string, { on, version, rank }: Mark): void {
    const { from = 0, looks, repair = false, untold = 0 } = this.#words.get(key) ?? {};
    // An earlier call that is in doubt may arrive after this one.
    const earlier = { looks, untold, repair: repair || looks !== undefined };
    const now = this.#host.clock.monotonic();
    const word = { on, version, rank, told: false, from: Math.max(from, now), ...earlier };
    remember(this.#words, key, word, MAX_WORDS);
  }

  /** It is stored, and others were told of it, or that failed. */
  told(key: string, { on, version, rank }: Mark, problem?: unknown): void {
    const word = this.#words.get(key);
    if (word === undefined) return;
    const told = problem === undefined;
    Object.assign(word, { on, version, rank, told, from: Math.max(word.from, this.#host.clock.monotonic()) });
    word.untold = told ? 0 : word.untold + 1;
    if (told) return;
    // Others know it as soon as they read.
    if (isDenied(problem) || word.untold >= MAX_LOOKS) this.#words.delete(key);
    else this.doubt(key, 0, word.repair);
  }

  /** It could not be stored: it may be stored all the same, now or late, and others were told nothing. */
  failed(key: string, problem: unknown): void {
    if (isDenied(problem) && !this.isUnsure(key)) this.#words.delete(key);
    else this.doubt(key, LATE_MS, false);
  }

  /**
   * It is looked at with the first reading that begins after `ms`. `repair`: it is stored again where storage has something
   * else; else that stands.
   */
  doubt(key: string, ms: number, repair: boolean): void {
    const word = this.#words.get(key);
    if (word === undefined) return;
    word.from = Math.max(word.from, this.#host.clock.monotonic() + ms);
    word.repair = repair;
    word.looks ??= 0;
    this.#lookSoon();
  }

  /** Another device said this, and its call arrived. Which of the two calls was the last one is unknown. */
  heard(key: string, { on, version, rank }: Mark): void {
    const word = this.#words.get(key);
    if (word === undefined) return;
    if (this.#isOver(word)) {
      this.#words.delete(key);
      return;
    }
    const isOther = differ({ on, rank }, word);
    if (version > word.version) Object.assign(word, { on, version, rank, told: true });
    if (!isOther) return;
    this.doubt(key, 0, true);
    this.#reactions.reread(partsOf(key)[0]);
  }

  /** Storage was read. Returns what is to be stored, or told, once more. `isBusy`: a change is under way. */
  read(ids: readonly string[], began: number, isBusy: (key: string) => boolean): [key: string, Change][] {
    const wanted = new Set(ids);
    const changes: [string, Change][] = [];
    for (const [key, word] of [...this.#words]) {
      const [id, emoji] = partsOf(key);
      if (!wanted.has(id)) continue;
      if (this.#isOver(word)) {
        this.#words.delete(key);
        continue;
      }
      const found = this.#reactions.state(id).get(`${emoji} ${this.#reactions.own}`);
      // A mark that changed during a reading is looked at with the next one. It has kept its version.
      if (word.from >= began || isBusy(key) || found?.version) {
        this.doubt(key, 0, word.repair);
        continue;
      }
      const { on, version, told, repair } = word;
      const isThere = found !== undefined;
      const rank = found?.rank ?? word.rank;
      Object.assign(word, { looks: undefined, repair: false });
      if (!told || differ({ on: isThere, rank }, word))
        changes.push([key, { on: repair ? on : isThere, version, rank, stored: isThere }]);
    }
    return changes;
  }

  /** Whether it needs to be followed no longer. */
  #isOver({ looks, from }: Word): boolean {
    return looks === undefined && this.#host.clock.monotonic() - from >= COLLISION_MS;
  }

  #lookSoon(): void {
    const doubted = [...this.#words.values()].filter(({ looks }) => looks !== undefined);
    if (doubted.length === 0) return;
    const next = Math.min(...doubted.map(({ from }) => from));
    this.#lookLater([], Math.max(0, next - this.#host.clock.monotonic()) + LOOK_MS);
  }

  /** Has storage read for what it is time to look at. */
  #look(): void {
    const now = this.#host.clock.monotonic();
    for (const [key, word] of this.#host.isOffline() ? [] : this.#words) {
      if (word.looks === undefined || word.from > now) continue;
      word.looks = word.looks < MAX_LOOKS ? word.looks + 1 : undefined;
      if (word.looks !== undefined) this.#reactions.reread(partsOf(key)[0]);
    }
    this.#lookSoon();
  }
}

/** Whether they are two: one is there and the other one is not, or they stand at two places. */
export function differ(a: Pick<Mark, 'on' | 'rank'>, b: Pick<Mark, 'on' | 'rank'>): boolean {
  return a.on !== b.on || (a.on && a.rank !== b.rank);
}

/** Whether it was refused, as it will be every time. */
function isDenied(problem: unknown): boolean {
  return problem instanceof ChatError && problem.code === 'permission-denied';
}
