import { idAbove } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import { asChatError } from '../shared/as-chat-error.js';
import { sleep } from '../shared/clock.js';
import { invalidArgument } from '../shared/errors.js';
import { sortedSetPut, sortedSetRemove } from '../transport/operations/sorted-sets.js';
import type { FeatureHost } from './feature.js';
import { LATE_MS, SLOW_MS } from './late-writes.js';
import { type Mark, partsOf } from './reaction-state.js';
import { differ, ReactionWords } from './reaction-words.js';
import { REACTION, REACTIONS, type Reactions, storedReaction } from './reactions.js';

/** So many own changes are told from those of other devices. */
const MAX_MADE = 100;
/** Pause between looks whether a message is sent by now (ms). */
const UNSENT_MS = 100;

/** A change of the room's own user that is not settled: stored first, and told then. */
export interface Job {
  on: boolean;
  /** Id of the event; it orders the words of several devices. */
  version: string;
  rank: number;
  /** Whether storage holds the reaction, as far as known. */
  stored: boolean | undefined;
  /** The state that others were told last. */
  told: boolean | undefined;
  readonly done: Promise<void>;
  resolve(): void;
  reject(problem: unknown): void;
}

/** Makes the changes of the room's own user, those of one message one after the other. */
export class ReactionJobs {
  readonly #host: FeatureHost;
  readonly #reactions: Reactions;
  readonly #words: ReactionWords;
  /** By message and emoji. */
  readonly #lanes = new Map<string, Map<string, Job>>();
  /** Ids of changes made here. */
  readonly #made = new RecentSet(MAX_MADE);

  constructor(host: FeatureHost, reactions: Reactions) {
    this.#host = host;
    this.#reactions = reactions;
    this.#words = new ReactionWords(host, reactions);
    reactions.hooks = {
      heard: (id, emoji, change) => this.#heard(id, emoji, change),
      read: (ids, began) => this.#read(ids, began),
    };
  }

  /** The change that is not settled. */
  get(id: string, emoji: string): Job | undefined {
    return this.#lanes.get(id)?.get(emoji);
  }

  /** Whether it is unsure what storage holds. */
  isUnsure(id: string, emoji: string): boolean {
    return this.#words.isUnsure(`${id} ${emoji}`);
  }

  /** Begins a change; there must be none that is not settled. `known`: the id of the newest change that is known. */
  begin(
    id: string,
    emoji: string,
    known: string | undefined,
    change: Omit<Job, 'version' | 'done' | 'resolve' | 'reject'>,
  ): Job {
    let [resolve, reject]: [() => void, (problem: unknown) => void] = [() => {}, () => {}];
    const done = new Promise<void>((...ends) => {
      [resolve, reject] = ends;
    });
    const job: Job = { ...change, version: this.#nextId(known), done, resolve, reject };
    const lane = this.#lanes.get(id);
    const jobs = lane ?? new Map<string, Job>();
    jobs.set(emoji, job);
    this.#lanes.set(id, jobs);
    this.#show(id, emoji, job);
    if (lane === undefined) void this.#work(id, jobs);
    return job;
  }

  /** Changes a change that is not settled. */
  turn(id: string, emoji: string, job: Job, on: boolean): void {
    if (job.on !== on) Object.assign(job, { on, version: this.#nextId(job.version) });
    this.#show(id, emoji, job);
  }

  /** Shows it before it is stored. */
  #show(id: string, emoji: string, { on, rank }: Pick<Job, 'on' | 'rank'>): void {
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
        job.resolve();
      } catch (problem) {
        this.#words.failed(`${id} ${emoji}`, problem);
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
    const { timeline, clock, life } = this.#host;
    while (!life.aborted && timeline.get(id)?.status === 'sending') await sleep(clock, UNSENT_MS, life);
    if (timeline.get(id)?.status === 'failed')
      throw invalidArgument(on ? 'add the reaction' : 'remove the reaction', 'the message was not sent');
  }

  /** Makes storage, and then the others, know the last word, whatever it becomes meanwhile; then the change has ended. */
  async #settle(id: string, emoji: string, job: Job): Promise<void> {
    for (;;) {
      const { on, version, rank } = job;
      if (on !== job.stored) {
        await this.#store(id, emoji, job).catch((problem: unknown) => {
          job.stored = undefined;
          if (job.version === version) throw problem;
        });
      } else if (on !== job.told) {
        job.told = on;
        // A word of another device that had to be stored again is news to who read in between.
        const news = this.#made.has(version) ? version : this.#nextId(version);
        job.version = news;
        const sending = this.#host.events.send(REACTION, { id, emoji, on, rank }, { id: news });
        // It is stored; others know it as soon as they read, or are told later on.
        const problem: unknown = await sending.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        this.#words.told(`${id} ${emoji}`, { on, version: news, rank }, problem);
      } else return this.#end(id, emoji);
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
    this.#words.begins(`${id} ${emoji}`, job);
    try {
      if (on)
        await this.#host.call(
          sortedSetPut,
          { set, elements: new Map([[value, score]]), ttlSeconds },
          { action: 'add the reaction' },
        );
      else
        await this.#host.call(sortedSetRemove, { set, values: [value] }, { action: 'remove the reaction' });
    } finally {
      // It was repeated, or given up: an attempt may arrive after the next call.
      if (clock.monotonic() - began > SLOW_MS) this.#words.doubt(`${id} ${emoji}`, LATE_MS, true);
    }
    const known = this.#reactions.state(id).get(element)?.version ?? '';
    if (known <= version) this.#reactions.change(id, element, { on, version, rank });
    else this.#reactions.reread(id);
  }

  /** Another device of the user may have made a change. */
  #heard(id: string, emoji: string, { on, version, rank }: Mark): void {
    if (this.#made.has(version)) return;
    const key = `${id} ${emoji}`;
    const job = this.get(id, emoji);
    if (job === undefined || version < job.version) {
      this.#words.heard(key, { on, version, rank });
      return;
    }
    // The same of both needs no second call: that of the other device has arrived.
    if (differ({ on, rank }, job)) job.stored = undefined;
    Object.assign(job, { on, version, rank, told: on });
    this.#words.told(key, job);
    this.#show(id, emoji, job);
  }

  /** Storage was read: makes good what of the user's last words it, or the others, do not know. */
  #read(ids: readonly string[], began: number): void {
    const isBusy = (key: string) => this.get(...partsOf(key)) !== undefined;
    for (const [key, { on, rank, stored, version }] of this.#words.read(ids, began, isBusy)) {
      // Under its first id it would be dropped by all who heard it, whatever they read since.
      const job = this.begin(...partsOf(key), version, { on, rank, stored, told: undefined });
      job.done.catch(() => {});
    }
  }

  /** Of a change that is later than the known one. */
  #nextId(known: string | undefined): string {
    const id = idAbove(known, this.#host.nextId());
    this.#made.add(id);
    return id;
  }
}
