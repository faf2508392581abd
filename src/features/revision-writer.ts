import { assertText } from '../messages/assert-text.js';
import { compose } from '../messages/compose.js';
import type { JsonObject, Message } from '../messages/message.js';
import { assertMessageId, idAbove } from '../messages/message-id.js';
import { sleep } from '../shared/clock.js';
import { ChatError, invalidArgument, unable } from '../shared/errors.js';
import { inTurnOfKey } from '../shared/in-turn.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';
import type { FieldKeeper } from './field-keeper.js';
import { LateWrites } from './late-writes.js';
import { ListSweeper } from './list-sweeper.js';
import {
  DELETE,
  decodeRevision,
  EDIT,
  type EditOptions,
  encodeRevision,
  isByAuthor,
  isDeletion,
  type Revision,
  revised,
  wins,
} from './revision.js';
import { revisionKeeper } from './revision-keeper.js';
import type { Revisions, WritingHalf } from './revisions.js';
import { findStored } from './stored-messages.js';

/** A push that was given up may yet take effect: after so long (ms), so many windows from the head are looked through again. */
const LATE_MS = 10_000;
const LATE_WINDOWS = 1;

/** Edits and deletes messages. */
export class RevisionWriter implements WritingHalf {
  readonly #host: FeatureHost;
  readonly #known: Revisions;
  readonly #keeper: FieldKeeper<Revision>;
  readonly #sweeper: ListSweeper;
  readonly #late: LateWrites;
  /** Edits of one message, one after the other: the later one merges with the earlier one's result. */
  readonly #inTurn = inTurnOfKey();
  readonly #storeInTurn = inTurnOfKey();
  /** The last edit of a message that is being stored. */
  readonly #pending = new Map<string, Revision>();

  constructor(host: FeatureHost, known: Revisions) {
    this.#host = host;
    this.#known = known;
    this.#keeper = revisionKeeper(host, known);
    this.#sweeper = new ListSweeper(host, (message) => isDeletion(known.of(message)));
    this.#late = new LateWrites(host);
    known.writer ??= async () => this;
    for (const type of [EDIT, DELETE])
      host.events.on(type, (event) => {
        const of = decodeRevision(event)?.of;
        // One that is only to be read has an id of its own.
        if (of !== undefined) this.#keeper.heard(of, { id: event.id, ...event.data });
      });
  }

  /** Changes an own message. Resolves with what is shown then. */
  async edit(id: string, text: string, options: EditOptions = {}): Promise<Message> {
    if (!isObject(options as unknown))
      throw invalidArgument('edit the message', 'its options are not an object');
    const { storing, message } = await this.#inTurn(id, async () => {
      const { message, store } = await this.#edit(id, text, options);
      // The next edit goes on from this one, and is kept before this one is stored.
      return { message, storing: store?.() };
    });
    await storing;
    return this.#host.timeline.get(id) ?? this.#host.timeline.show(message);
  }

  /** Deletes a message. */
  async delete(id: string): Promise<void> {
    const { timeline } = this.#host;
    const { outbox } = timeline.sender;
    const unsent = outbox.unsent(id);
    if (unsent !== undefined) {
      // Nobody has seen it, and nobody will.
      unsent.life.abort(unable('closed', 'send the message', 'it was deleted before'));
      timeline.discard(id, true);
      return outbox.kept?.flushed();
    }
    const message = await this.#find(id, 'delete');
    // It left the list: truncated, or deleted before.
    if (message === undefined) return;
    const by = this.#host.author();
    if (!this.#known.allows(message, { by }))
      throw unable('permission-denied', 'delete the message', '`mayDelete` refuses it');
    await this.bury(id, message);
  }

  /** Deletes what may be stored or published, without asking whether it may be. */
  bury(id: string, message?: Message): Promise<void> {
    return this.#keep(`delete ${id}`, { of: id }, () => this.#bury(id, message));
  }

  /** Makes an edit that an earlier page could not store, unless a later one is stored. */
  restore(id: string, revision: Revision): Promise<void> {
    return this.#storeInTurn(id, () => this.#restore(id, revision));
  }

  async #restore(id: string, revision: Revision): Promise<void> {
    this.#host.observe(revision.id);
    const stored = await this.#known.stored([id], this.#host.life);
    const other = stored.get(id);
    if (other === undefined || wins(revision, other)) return this.#store(id, revision);
    this.#known.apply(id, other);
    // It was stored, but perhaps not told.
    if (other.id === revision.id) await this.#keeper.tell(id, revision);
  }

  /** Shows an edit before it is stored; the returned function shows what was there before. */
  show(id: string, revision: Revision): () => void {
    return this.#known.show(id, revision);
  }

  /** Shows the edit if the message is not sent yet. `store` makes it for all, if there is anything left to do. */
  async #edit(
    id: string,
    text: string,
    { meta, mentions }: EditOptions,
  ): Promise<{ message: Message; store?: (() => Promise<void>) | undefined }> {
    if (meta !== undefined && !isObject(meta)) throw refusal('its `meta` is not a JSON object');
    const message = await this.#find(id, 'edit');
    if (message === undefined) throw refusal('no message with this id is stored');
    if (message.status === 'failed') throw refusal('it was not sent');
    const known = this.#known.of(message);
    const pending = this.#pending.get(id);
    const before = pending !== undefined && wins(pending, known) ? pending : known;
    if (isDeletion(before)) throw refusal('it was deleted');
    const by = this.#host.author();
    if (!message.own || !isByAuthor(message, { by }))
      throw unable('permission-denied', 'edit the message', 'it is from somebody else');
    const shown = before === undefined ? message : revised(message, before, by.id);
    const made = this.#compose(message, text, merged(shown.meta, meta), mentions ?? shown.mentions);
    const unsent = message.status === 'sending';
    // A message that nobody has seen is sent as it is now.
    if (unsent && before === undefined && (await this.#rewrite(made.message, made.payload)))
      return { message: made.message };
    const content = {
      text,
      ...(made.message.meta === undefined ? {} : { meta: made.message.meta }),
      ...(made.message.mentions === undefined ? {} : { mentions: made.message.mentions }),
    };
    const revision: Revision = { id: idAbove(before?.id, this.#host.nextId()), by, content };
    const record = { of: id, event: encodeRevision(id, revision) };
    const hide = unsent ? this.#known.show(id, revision) : undefined;
    const store = () => {
      this.#pending.set(id, revision);
      return this.#keep(`edit ${id}`, record, () =>
        this.#storeInTurn(id, () => this.#store(id, revision)),
      ).finally(() => {
        hide?.();
        if (this.#pending.get(id) === revision) this.#pending.delete(id);
      });
    };
    return { message, store };
  }

  /** Sends this under the message's id, unless some of it may have left; resolves with whether it does. */
  async #rewrite(message: Message, payload: string): Promise<boolean> {
    const { timeline } = this.#host;
    const { outbox } = timeline.sender;
    const pending = outbox.unsent(message.id);
    if (pending === undefined || pending.ready !== undefined) return false;
    // The room and the thread send it, each for itself: both show a revision.
    if (message.threadId !== undefined) return false;
    const rewrite = async () => {
      if ((await outbox.kept?.rewrite(message.id, payload)) === false) return false;
      pending.payload = payload;
      return true;
    };
    const rewritten = rewrite();
    pending.ready = rewritten;
    const isRewritten = await rewritten;
    if (pending.ready === rewritten) pending.ready = undefined;
    if (!isRewritten) return false;
    timeline.sender.mark(message, timeline.original(message.id)?.status ?? 'sending');
    return true;
  }

  #keep<T>(key: string, change: JsonObject, make: () => Promise<T>): Promise<T> {
    return this.#host.timeline.sender.outbox.kept?.keep(key, change, make) ?? make();
  }

  #store(id: string, revision: Revision): Promise<void> {
    return this.#late.make(this.#keeper, id, revision, () => {
      this.#known.apply(id, revision);
      return this.#keeper.tell(id, revision);
    });
  }

  mend(stale: readonly string[], deleted: readonly string[]): void {
    if (stale.length > 0) this.#keeper.mend(stale);
    this.#sweeper.met(deleted);
  }

  /** A tombstone first, then the entries in the list. `message`: as far as it is known. */
  async #bury(id: string, message: Message | undefined): Promise<void> {
    const [keeper, sweeper] = [this.#keeper, this.#sweeper];
    const known = message && this.#known.of(message);
    const before = isDeletion(known) ? known : undefined;
    const tombstone = before ?? { id: this.#host.nextId(), by: this.#host.author() };
    await this.#late.make(keeper, id, tombstone, async () => {
      this.#known.apply(id, tombstone);
      const removed = sweeper
        .remove(new Set([id]), message === undefined ? LATE_WINDOWS : undefined)
        .catch((problem: unknown) => {
          sweeper.met([id]);
          throw problem;
        });
      await Promise.all([removed, before ?? keeper.tell(id, tombstone)]);
      // A call that was given up may take effect after all this.
      keeper.mend([id]);
      void this.#removeLate(id);
    });
  }

  /** Looks once more, in a while: a call that was given up may take effect late, and the message may still be being sent. */
  async #removeLate(id: string): Promise<void> {
    const { clock, life, timeline } = this.#host;
    do await sleep(clock, LATE_MS, life);
    while (!life.aborted && timeline.original(id)?.status === 'sending');
    if (life.aborted) return;
    if (timeline.original(id)?.status === 'failed') timeline.discard(id);
    await this.#sweeper.remove(new Set([id]), LATE_WINDOWS).catch(() => {});
  }

  /** Makes what the edit would make of the message, by the rules for sending. */
  #compose(
    { id, room, user, sentAt, replyTo, files, kind, threadId }: Message,
    text: string,
    meta: JsonObject | undefined,
    mentions: readonly string[] | undefined,
  ): { message: Message; payload: string } {
    const { maxMessageBytes: maxBytes } = this.#host;
    try {
      assertText(text);
      const extras = { meta, mentions, replyTo: replyTo?.id, files, kind, threadId };
      return compose(text, extras, { id, room, user, now: sentAt.getTime(), maxBytes });
    } catch (problem) {
      if (!(problem instanceof ChatError)) throw problem;
      throw new ChatError(problem.code, problem.message.replace('unable to send', 'unable to edit'));
    }
  }

  /** The message as its sender sent it, from memory or from storage. */
  async #find(id: string, action: string): Promise<Message | undefined> {
    assertMessageId(id, `${action} the message`);
    const inMemory = this.#host.timeline.original(id);
    if (inMemory !== undefined) return inMemory;
    const found = (await findStored(this.#host, [id])).get(id);
    if (found !== undefined) await this.#host.timeline.read([id]);
    return found;
  }
}

function merged(meta: JsonObject | undefined, change: JsonObject | undefined): JsonObject | undefined {
  const keys = new Map(Object.entries(meta ?? {}));
  for (const [key, value] of Object.entries(change ?? {})) {
    if (value === null) keys.delete(key);
    else if (value !== undefined) keys.set(key, value);
  }
  return keys.size === 0 ? undefined : Object.fromEntries(keys);
}

function refusal(why: string): ChatError {
  return invalidArgument('edit the message', why);
}
