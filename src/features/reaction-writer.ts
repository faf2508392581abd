import { idAbove, isMessageId } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import { asChatError } from '../shared/as-chat-error.js';
import { sleep } from '../shared/clock.js';
import { invalidArgument } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { sortedSetPut, sortedSetRemove } from '../transport/operations/sorted-sets.js';
import { bareEmoji } from './emoji.js';
import { toEmoji } from './emoji-input.js';
import type { FeatureHost } from './feature.js';
import { MAX_DIFFERENT, type Mark, partsOf } from './reaction-state.js';
import { REACTION, REACTIONS, type Reactions, storedReaction } from './reactions.js';

const MAX_KEY_LENGTH = 256;
/** A call that took longer was repeated; the first one may yet arrive (ms). */
const SLOW_MS = 3000;
/** By then it has arrived, or is lost (ms). */
const LATE_MS = 15_000;
/** Two devices of a user collide when both wrote within so long (ms). */
const COLLISION_MS = 30_000;
/** Bound of what is remembered of changes that are recent, or whose outcome is unsure. */
const MAX_KEPT = 100;
const MAX_LOOKS = 10;
/** Pause between looks whether a message is sent by now (ms). */
const UNSENT_MS = 100;
/** Pause between looks at what is unsure (ms). */
const LOOK_MS = 2000;

/** The room's own user's last word on one emoji of one message. */
interface Change {
  on: boolean;
  /** Id of the event; it orders the words of several devices. */
  version: string;
  /** Whether storage holds the reaction, as far as known. */
  stored: boolean | undefined;
  /** The state that others were told last. */
  told: boolean | undefined;
}

/** A change of which storage, or the others, may not know: looked at again with a reading. */
interface Unsure {
  on: boolean;
  version: string;
  /** A reading that began by this moment proves nothing (monotonic, ms). */
  from: number;
  /** Whether it is to be stored again if it is not there. Else it was rejected. */
  repair: boolean;
  /** Whether others were told. */
  told: boolean;
  /** Two devices stored it at places of their own: others are told which one stands. */
  moved: boolean;
  /** How often it was looked at in vain. */
  looks: number;
}

interface Job extends Change {
  rank: number;
  readonly done: Promise<void>;
  resolve(): void;
  reject(problem: unknown): void;
}

/** Adds and removes the room's own user's reactions. */
export class ReactionWriter {
  readonly #host: FeatureHost;
  readonly #reactions: Reactions;
  /** Changes that are not settled, by message and emoji: of one message they are made one after the other. */
  readonly #lanes = new Map<string, Map<string, Job>>();
  /** When changes were stored (monotonic, ms), and at which place, by message and emoji. */
  readonly #recent = new Map<string, { at: number; rank: number }>();
  readonly #unsure = new Map<string, Unsure>();
  /** Ids of changes made here. */
  readonly #made = new RecentSet(MAX_KEPT);
  #life: AbortSignal | undefined;
  #looking: (() => void) | undefined;

  constructor(host: FeatureHost, reactions: Reactions) {
    this.#host = host;
    this.#reactions = reactions;
    reactions.hooks = {
      heard: (id, emoji, change) => this.#heard(id, emoji, change),
      read: (ids, began) => this.#read(ids, began),
    };
    host.onJoined((signal) => {
      this.#life = signal;
      this.#look();
      onAbort(signal, () => {
        this.#life = undefined;
        this.#looking?.();
        this.#looking = undefined;
      });
    });
  }

  /** Adds a reaction. Rejects with a ChatError. */
  add(id: string, emoji: string): Promise<void> {
    return this.#want(id, emoji, true);
  }

  /** Removes a reaction. Rejects with a ChatError. */
  remove(id: string, emoji: string): Promise<void> {
    return this.#want(id, emoji, false);
  }

  /** Makes a change that an earlier page could not make, or could not tell of. Rejects with a ChatError. */
  restore(id: string, emoji: string, on: boolean): Promise<void> {
    return this.#want(id, emoji, on, true);
  }

  /** `again`: the message need not be in memory, and others are told even where storage knows it already. */
  async #want(id: string, given: string, on: boolean, again = false): Promise<void> {
    const action = on ? 'add the reaction' : 'remove the reaction';
    const emoji = toEmoji(action, given);
    const message = isMessageId(id) ? this.#host.timeline.get(id) : undefined;
    if (message === undefined && !again) throw invalidArgument(action, 'there is no such message in memory');
    if (message?.status === 'failed') throw invalidArgument(action, 'the message was not sent');
    if (message?.deletedAt !== undefined) {
      if (!on) return;
      throw invalidArgument(action, 'the message was deleted');
    }
    const state = this.#reactions.state(id);
    const own = this.#reactions.own;
    if (own.length > MAX_KEY_LENGTH) throw invalidArgument(action, 'the id of the user is too long');
    const job = this.#lanes.get(id)?.get(emoji);
    if (job !== undefined) {
      if (job.on !== on) Object.assign(job, { on, version: this.#nextId(job.version) });
      this.#intend(id, emoji, job);
      return this.#kept(id, emoji, job);
    }
    const known = state.get(`${emoji} ${own}`);
    const isThere = known?.on ?? false;
    const unsure = this.#unsure.has(`${id} ${emoji}`);
    if (isThere === on && !unsure && !again) return;
    const isNew = !state.shown.some((reaction) => bareEmoji(reaction.emoji) === emoji);
    if (on && isNew && state.shown.length >= MAX_DIFFERENT)
      throw invalidArgument(action, `the message has ${MAX_DIFFERENT} different ones`);
    // Where it is unsure what storage holds, it is written whatever was there.
    const before = unsure || message === undefined ? undefined : isThere;
    return this.#kept(
      id,
      emoji,
      this.#begin(id, emoji, {
        on,
        version: this.#nextId(known?.version),
        stored: before,
        told: again ? undefined : before,
      }),
    );
  }

  #kept(id: string, emoji: string, { on, done }: Job): Promise<void> {
    const { kept } = this.#host.timeline.sender.outbox;
    return kept?.keep(`reaction ${id} ${emoji}`, { of: id, emoji, on }, () => done) ?? done;
  }

  #begin(id: string, emoji: string, change: Change): Job {
    let [resolve, reject]: [() => void, (problem: unknown) => void] = [() => {}, () => {}];
    const done = new Promise<void>((...ends) => {
      [resolve, reject] = ends;
    });
    const job: Job = { ...change, rank: this.#reactions.state(id).rankFor(emoji), done, resolve, reject };
    const lane = this.#lanes.get(id);
    const jobs = lane ?? new Map<string, Job>();
    jobs.set(emoji, job);
    this.#lanes.set(id, jobs);
    this.#intend(id, emoji, job);
    if (lane === undefined) void this.#work(id, jobs);
    return job;
  }

  /** Shows it before it is stored. */
  #intend(id: string, emoji: string, { on, rank }: Pick<Job, 'on' | 'rank'>): void {
    this.#reactions.state(id).intended.set(emoji, { on, rank });
    this.#reactions.refresh(id);
  }

  async #work(id: string, jobs: Map<string, Job>): Promise<void> {
    // A reaction that is given and taken back at once is not worth a call.
    await undefined;
    for (const [emoji, job] of jobs) {
      try {
        await this.#sent(id, job);
        await this.#settle(id, emoji, job);
        const unsure = this.#unsure.get(`${id} ${emoji}`);
        if (unsure !== undefined) Object.assign(unsure, { on: job.on, version: job.version, repair: true });
        this.#end(id, emoji);
        job.resolve();
      } catch (problem) {
        this.#doubt(id, emoji, job, { inMs: LATE_MS, repair: false, told: false });
        this.#end(id, emoji);
        this.#reactions.reread(id);
        job.reject(asChatError(job.on ? 'add the reaction' : 'remove the reaction', problem));
      }
    }
    this.#lanes.delete(id);
  }

  #end(id: string, emoji: string): void {
    this.#lanes.get(id)?.delete(emoji);
    this.#reactions.state(id).intended.delete(emoji);
    this.#reactions.refresh(id);
  }

  /** Waits until the message is sent: who hears of its reaction before that, and comes after that, would never read it. */
  async #sent(id: string, { on }: Job): Promise<void> {
    const { timeline, clock } = this.#host;
    while (this.#life?.aborted === false && timeline.get(id)?.status === 'sending')
      await sleep(clock, UNSENT_MS, this.#life);
    if (timeline.get(id)?.status === 'failed')
      throw invalidArgument(on ? 'add the reaction' : 'remove the reaction', 'the message was not sent');
  }

  /** Makes storage, and then the others, know the last word, whatever it becomes meanwhile. */
  async #settle(id: string, emoji: string, job: Job): Promise<void> {
    for (;;) {
      const { on, version } = job;
      if (on !== job.stored) {
        await this.#store(id, emoji, job).catch((problem: unknown) => {
          job.stored = undefined;
          if (job.version === version) throw problem;
        });
      } else if (on !== job.told) {
        job.told = on;
        // A word of another device that had to be stored again is news to who read in between.
        if (!this.#made.has(version)) job.version = this.#nextId(version);
        const news = { id, emoji, on, rank: job.rank };
        const sent = this.#host.events.send(REACTION, news, { id: job.version });
        // It is stored; others know it as soon as they read, or are told later on.
        await sent.catch(() => this.#doubt(id, emoji, job, { inMs: 0, repair: true, told: false }));
      } else return;
    }
  }

  async #store(id: string, emoji: string, job: Job): Promise<void> {
    const { on, version, rank } = job;
    const { clock, ttlSeconds } = this.#host;
    const element = `${emoji} ${this.#reactions.own}`;
    const { value, score } = storedReaction(id, element, rank);
    const set = this.#host.key(REACTIONS);
    const began = clock.monotonic();
    // Others may read it from now on, so they are told of whatever comes next, be it what they knew before.
    job.told = undefined;
    // Before the call: a word of another device that is heard meanwhile makes it unsure again.
    job.stored = on;
    if (on)
      await this.#host.call(
        sortedSetPut,
        { set, elements: new Map([[value, score]]), ttlSeconds },
        { action: 'add the reaction' },
      );
    else await this.#host.call(sortedSetRemove, { set, values: [value] }, { action: 'remove the reaction' });
    const now = clock.monotonic();
    keep(this.#recent, `${id} ${emoji}`, { at: now, rank });
    const known = this.#reactions.state(id).get(element)?.version ?? '';
    if (known <= version) this.#reactions.change(id, element, { on, version, rank });
    else this.#reactions.reread(id);
    if (now - began > SLOW_MS) this.#doubt(id, emoji, job, { inMs: LATE_MS, repair: true, told: true });
  }

  /** Another device of the user may have made a change. */
  #heard(id: string, emoji: string, { on, version, rank }: Mark): void {
    if (this.#made.has(version)) return;
    const job = this.#lanes.get(id)?.get(emoji);
    if (job !== undefined && version > job.version) {
      Object.assign(job, { on, version, rank, told: on, stored: undefined });
      this.#intend(id, emoji, job);
      return;
    }
    const stored = this.#recent.get(`${id} ${emoji}`);
    if (stored === undefined) return;
    const mark = this.#reactions.state(id).get(`${emoji} ${this.#reactions.own}`);
    const known = job ?? mark ?? { on: false, version: '' };
    if (this.#host.clock.monotonic() - stored.at > COLLISION_MS) return;
    // Which of the two calls came last is unknown: the older one may have undone the newer one.
    // A reaction that was only read, there or not, has no version: it is not the newer one for sure, and storage decides.
    // Others may have heard that one last which storage does not have: they are told of it in any case.
    const repair = known.version !== '';
    this.#doubt(id, emoji, known, { inMs: 0, repair, told: repair, moved: on && rank !== stored.rank });
    this.#reactions.reread(id);
  }

  #doubt(
    id: string,
    emoji: string,
    { on, version }: Pick<Change, 'on' | 'version'>,
    how: { inMs: number; repair: boolean; told: boolean; moved?: boolean },
  ): void {
    const before = this.#unsure.get(`${id} ${emoji}`);
    const from = Math.max(before?.from ?? 0, this.#host.clock.monotonic() + how.inMs);
    const told = how.told && before?.told !== false;
    const moved = how.moved === true || before?.moved === true;
    keep(this.#unsure, `${id} ${emoji}`, { on, version, from, repair: how.repair, told, moved, looks: 0 });
    this.#look();
  }

  /** Has storage read for changes that it is time to look at. */
  #look(): void {
    if (this.#life === undefined || this.#looking !== undefined || this.#unsure.size === 0) return;
    const { clock } = this.#host;
    const next = Math.min(...[...this.#unsure.values()].map(({ from }) => from));
    this.#looking = clock.after(Math.max(0, next - clock.monotonic()) + LOOK_MS, () => {
      this.#looking = undefined;
      for (const [key, unsure] of this.#host.isOffline() ? [] : [...this.#unsure]) {
        if (unsure.from > clock.monotonic()) continue;
        unsure.looks += 1;
        if (unsure.looks > MAX_LOOKS) this.#unsure.delete(key);
        else this.#reactions.reread(partsOf(key)[0]);
      }
      this.#look();
    });
  }

  /** Storage was read: makes good what of the user's last words it, or the others, do not know. */
  #read(ids: readonly string[], began: number): void {
    const wanted = new Set(ids);
    for (const [key, { on, version, from, repair, told, moved }] of [...this.#unsure]) {
      const [id, emoji] = partsOf(key);
      const busy = this.#lanes.get(id)?.has(emoji) === true;
      if (!wanted.has(id) || busy || from >= began) continue;
      this.#unsure.delete(key);
      const known = this.#reactions.state(id).get(`${emoji} ${this.#reactions.own}`);
      const isThere = known?.on ?? false;
      const isNewest = known === undefined || known.version <= version;
      if (!isNewest || (isThere === on && told && !(on && moved))) continue;
      // A rejected change stays as storage has it. It may be there all the same, and others were told of nothing.
      const stands = isThere === on ? told : !repair;
      // Under its first id it would be dropped by all who heard it, whatever they read since.
      const last = { on: stands ? isThere : on, version: this.#nextId(version) };
      this.#begin(id, emoji, { ...last, stored: isThere, told: undefined }).done.catch(() => {});
    }
  }

  /** Of a change that is later than the known one. */
  #nextId(known: string | undefined): string {
    const id = idAbove(known, this.#host.nextId());
    this.#made.add(id);
    return id;
  }
}

/** Keeps it; drops the oldest beyond the bound. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) return;
    map.delete(oldest);
  }
}
