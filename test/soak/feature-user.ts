import type { ChatRoom, Message } from 'momento-chat';
import { lookUntil } from '../support/look-until.js';

/** Something that a user did, and what they were told of it. */
export interface Act {
  kind: string;
  /** The subject of the act: of two acts with the same subject the later one counts. */
  subject: string;
  /** Id of the message. */
  id: string;
  /** The value that the subject is to have from now on. */
  value: string;
  startedAt: number;
  endedAt: number;
  outcome: 'pending' | 'resolved' | 'rejected';
}

export type Dice = (most: number) => number;

export const EMOJI = ['👍', '❤️', ':+1:', '🎉'];

/** Somebody on one device, who uses all that a room can do. */
export class FeatureUser {
  readonly name: string;
  readonly room: ChatRoom;
  readonly userId: string;
  readonly acts: Act[];
  /** Whatever must never be seen, seen. */
  readonly broken: string[] = [];
  readonly errors = new Map<string, number>();
  /** Ids of the messages that were told as new. */
  readonly #seen = new Set<string>();
  readonly #deleted = new Set<string>();
  #receipts: ReadonlyMap<string, string> = new Map();
  #coming: Promise<void> = Promise.resolve();
  #said = 0;

  /** `acts`: where all users note what they did. */
  constructor(name: string, { room, userId, acts }: { room: ChatRoom; userId: string; acts: Act[] }) {
    this.name = name;
    this.room = room;
    this.userId = userId;
    this.acts = acts;
    room.on('error', ({ code, message }) => {
      const text = `${code}: ${message}`;
      this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
    });
    room.on('message', ({ id }) => {
      if (this.#seen.has(id)) this.broken.push(`G1: ${id} was told twice`);
      this.#seen.add(id);
    });
    room.on('change', (messages) => {
      for (const message of messages) this.#check(message);
    });
    room.on('typing', (users) => {
      if (users.some(({ id }) => id === userId)) this.broken.push('saw oneself typing');
    });
    room.on('presence', (_, members) => {
      const ids = members.map((member) => member.userId);
      if (new Set(ids).size < ids.length) this.broken.push(`a user is there twice: ${ids}`);
      if (members.some(({ connections }) => connections < 1))
        this.broken.push('somebody without connections');
    });
    room.on('read', ({ count, mentions }, receipts) => {
      if (count < 0 || mentions < 0 || mentions > count) this.broken.push(`unread: ${count}, ${mentions}`);
      for (const [user, id] of this.#receipts) {
        const now = receipts.get(user);
        if (now !== undefined && now < id) this.broken.push(`the receipt of ${user} went back`);
      }
      this.#receipts = new Map(receipts);
    });
    room.on('pins', (pinned) => {
      if (pinned.some(({ deletedAt }) => deletedAt !== undefined)) this.broken.push('a deleted pin');
    });
  }

  #check({ id, text, deletedAt, reactions }: Message): void {
    if (deletedAt !== undefined) this.#deleted.add(id);
    if (this.#deleted.has(id) && (text !== '' || reactions.length > 0))
      this.broken.push(`${id} was deleted, and shows ${text}`);
    const emoji = reactions.map((reaction) => reaction.emoji);
    if (new Set(emoji).size < emoji.length) this.broken.push(`one emoji twice: ${emoji}`);
    if (reactions.some(({ count }) => count < 1)) this.broken.push('a count below one');
  }

  /** Does something at random. */
  act(dice: Dice): void {
    const { room, userId } = this;
    const sent = room.messages.filter(
      ({ status, deletedAt }) => status === 'sent' && deletedAt === undefined,
    );
    const any = sent[Math.max(0, sent.length - 1 - dice(19))];
    const mine = sent.findLast(({ own, thread, threadId }) => own && threadId === undefined && !thread);
    const other = sent.findLast(({ own }) => !own);
    const kind = dice(23);
    if (kind < 6 || any === undefined) {
      const quoted = kind < 2 ? any : undefined;
      const text = this.words('says');
      const options = quoted === undefined ? { meta: { kept: text } } : { replyTo: quoted.id };
      // The id is known as soon as it is sent.
      const sending = room.send(text, options);
      const id = room.messages.findLast((message) => message.text === text)?.id ?? '';
      this.#note('send', { subject: id, id, value: text }, this.#insist(id, sending));
    } else if (kind < 9 && mine !== undefined) {
      const text = this.words('edits');
      this.#note('edit', { subject: mine.id, id: mine.id, value: text }, room.edit(mine.id, text));
    } else if (kind === 9) {
      this.#note('delete', { subject: any.id, id: any.id, value: '' }, room.delete(any.id));
    } else if (kind < 14) {
      const emoji = EMOJI[dice(EMOJI.length - 1)] ?? '';
      const on = kind < 13;
      const doing = on ? room.react(any.id, emoji) : room.unreact(any.id, emoji);
      const subject = `${any.id} ${emoji} ${userId}`;
      this.#note('react', { subject, id: any.id, value: on ? 'on' : '' }, doing);
    } else if (kind < 16) room.typing.keystroke();
    else if (kind === 16) void this.be(dice(3) > 0 ? this.words('is') : undefined).catch(() => {});
    else if (kind < 19 && other !== undefined)
      this.#note('mark', { subject: userId, id: other.id, value: other.id }, room.read.mark(other.id));
    else if (kind === 19 && other !== undefined) void room.read.markUnread(other.id).catch(() => {});
    else if (kind < 22) {
      const on = kind === 20;
      const doing = on ? room.pin(any.id) : room.unpin(any.id);
      this.#note('pin', { subject: any.id, id: any.id, value: on ? 'on' : '' }, doing);
    } else if (any.threadId === undefined) {
      const text = this.words('replies');
      this.#note('reply', { subject: text, id: any.id, value: text }, room.thread(any.id).send(text));
    }
  }

  /** Is there with these words as data, or not. */
  async be(words: string | undefined): Promise<void> {
    if (words === undefined) await this.room.presence.leave();
    else await this.room.presence.enter({ words });
  }

  words(verb: string): string {
    this.#said += 1;
    return `<${this.name} ${verb} ${this.#said}>`;
  }

  /** Leaves the room and joins it again. */
  comeAgain(): Promise<void> {
    this.#coming = this.#coming.then(async () => {
      await this.room.leave();
      for (let attempt = 0; attempt < 20; attempt += 1) {
        try {
          await this.room.join();
          return;
        } catch {
          // A join in the midst of faults may fail; a user would press the button again.
        }
      }
    });
    return this.#coming;
  }

  /** Sends a message again by hand for as long as it fails, as a user does with a button. */
  async #insist(id: string, sending: Promise<unknown>): Promise<void> {
    let first: Promise<unknown> | undefined = sending;
    await lookUntil(
      async () => {
        const [outcome] = await Promise.allSettled([first ?? this.room.retry(id)]);
        first = undefined;
        if (outcome.status === 'fulfilled') return true;
        await this.#coming;
        const message = this.room.messages.find((one) => one.id === id);
        if (message?.status !== 'sent' && message?.status !== 'failed') throw outcome.reason;
        return message.status === 'sent';
      },
      (sent) => sent,
      { patienceMs: Number.POSITIVE_INFINITY, everyMs: 200 },
    );
  }

  #note(kind: string, about: Pick<Act, 'subject' | 'id' | 'value'>, doing: Promise<unknown>): void {
    const act: Act = { kind, ...about, startedAt: Date.now(), endedAt: 0, outcome: 'pending' };
    this.acts.push(act);
    const end = (outcome: Act['outcome']) => {
      act.outcome = outcome;
      act.endedAt = Date.now();
    };
    doing.then(
      () => end('resolved'),
      () => end('rejected'),
    );
  }
}
