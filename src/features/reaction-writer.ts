import { isMessageId } from '../messages/message-id.js';
import { invalidArgument } from '../shared/errors.js';
import { bareEmoji } from './emoji.js';
import { toEmoji } from './emoji-input.js';
import type { FeatureHost } from './feature.js';
import { type Job, ReactionJobs } from './reaction-jobs.js';
import { MAX_DIFFERENT } from './reaction-state.js';
import type { Reactions } from './reactions.js';

const MAX_KEY_LENGTH = 256;

/** Adds and removes the room's own user's reactions. */
export class ReactionWriter {
  readonly #host: FeatureHost;
  readonly #reactions: Reactions;
  readonly #jobs: ReactionJobs;

  constructor(host: FeatureHost, reactions: Reactions) {
    this.#host = host;
    this.#reactions = reactions;
    this.#jobs = new ReactionJobs(host, reactions);
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
    const job = this.#jobs.get(id, emoji);
    if (job !== undefined) {
      this.#jobs.turn(id, emoji, job, on);
      return this.#kept(id, emoji, job);
    }
    const known = state.get(`${emoji} ${own}`);
    const isThere = known?.on ?? false;
    const unsure = this.#jobs.isUnsure(id, emoji);
    if (isThere === on && !unsure && !again) return;
    const isNew = !state.shown.some((reaction) => bareEmoji(reaction.emoji) === emoji);
    if (on && isNew && state.shown.length >= MAX_DIFFERENT)
      throw invalidArgument(action, `the message has ${MAX_DIFFERENT} different ones`);
    // Where it is unsure what storage holds, it is written whatever was there.
    const before = unsure || message === undefined ? undefined : isThere;
    return this.#kept(
      id,
      emoji,
      this.#jobs.begin(id, emoji, known?.version, {
        on,
        rank: state.rankFor(emoji),
        stored: before,
        told: again ? undefined : before,
      }),
    );
  }

  #kept(id: string, emoji: string, { on, done }: Job): Promise<void> {
    const { kept } = this.#host.timeline.sender.outbox;
    return kept?.keep(`reaction ${id} ${emoji}`, { of: id, emoji, on }, () => done) ?? done;
  }
}
