import type { Message } from '../messages/message.js';
import { assertMessageId, idAbove, isMessageId } from '../messages/message-id.js';
import { type ChatError, invalidArgument } from '../shared/errors.js';
import { inTurnOfKey } from '../shared/in-turn.js';
import type { FeatureHost } from './feature.js';
import { FieldKeeper } from './field-keeper.js';
import { FoundMessages } from './found-messages.js';
import { isFromFuture } from './from-future.js';
import { LateWrites } from './late-writes.js';
import { byAge, forgetPins, MAX_KNOWN, type Pin, readPins, writePins } from './pin-store.js';
import { findStored } from './stored-messages.js';

const PIN = 'pin';
/** The rank of a pin whose message is deleted or not stored. */
const GONE = 3;
const MAX_PINS = 50;
/** A resync repeats its readings itself; one that a change needs waits for the connection, as the change does. */
const ONCE = { once: true };
const PATIENTLY = { once: false };

/** Messages that the room keeps in view. */
export class Pins {
  readonly #host: FeatureHost;
  readonly #onChange: (pinned: readonly Message[]) => void;
  readonly #known = new Map<string, Pin>();
  readonly #messages: FoundMessages;
  readonly #keeper: FieldKeeper<Pin>;
  readonly #late: LateWrites;
  /** One change after the other: each decides by what those before it left. */
  readonly #inTurn = inTurnOfKey();
  #pinned: readonly Message[] = [];
  #announced = false;

  constructor(host: FeatureHost, onChange: (pinned: readonly Message[]) => void) {
    this.#host = host;
    this.#onChange = onChange;
    this.#messages = new FoundMessages(host, () => this.#update());
    this.#late = new LateWrites(host);
    this.#keeper = new FieldKeeper(host, {
      stored: (_, signal) => readPins(host, signal, ONCE),
      better: (of, stored) => {
        const known = this.#known.get(of);
        // Pins of deleted messages are taken out of storage.
        if (known === undefined || this.#rank(of) === GONE) return undefined;
        return (stored?.id ?? '') < known.id ? known : undefined;
      },
      write: (pins) => this.#write(pins),
      tell: (of, pin) => this.#tell(of, pin),
    });
    host.events.on(PIN, ({ id, user, data: { of, off } }) => {
      if (!isMessageId(of)) return;
      this.#keeper.heard(of, { id });
      if (!this.#take(of, off === true ? { id, by: user, off } : { id, by: user })) return;
      this.#update();
      this.#messages.want(this.#pins());
    });
    host.timeline.overlay((message) => {
      if (this.#known.has(message.id)) this.#update();
      return message;
    });
    host.timeline.onRefresh((id) => {
      if (this.#known.has(id)) this.#update();
    });
    host.onResync((signal) => this.#read(signal));
    host.onHidden(() => this.#update());
  }

  /** The newest pin first; the same array until something changes. */
  get pinned(): readonly Message[] {
    return this.#pinned;
  }

  async pin(id: string): Promise<void> {
    assertMessageId(id, 'pin the message');
    const { life } = this.#host;
    return this.#inTurn(id, async () => {
      await this.#read(life, PATIENTLY);
      const message = this.#messages.get(id);
      const known = this.#known.get(id);
      if (message?.deletedAt !== undefined) throw refusal('it was deleted');
      if (known !== undefined && known.off !== true && message !== undefined) return;
      const found = message ?? (await findStored(this.#host, [id])).get(id);
      if (found === undefined) throw refusal('no message with this id is stored');
      const { timeline } = this.#host;
      if (message === undefined) await timeline.read([id], this.#host.life);
      if ((timeline.get(id) ?? timeline.show(found)).deletedAt !== undefined) throw refusal('it was deleted');
      if (this.#alive().length >= MAX_PINS) throw refusal(`${MAX_PINS} are pinned already`);
      const pin = { id: idAbove(this.#known.get(id)?.id, this.#host.nextId()), by: this.#host.author() };
      await this.#change(id, pin, found);
    });
  }

  async unpin(id: string): Promise<void> {
    assertMessageId(id, 'unpin the message');
    const { life } = this.#host;
    return this.#inTurn(id, async () => {
      await this.#read(life, PATIENTLY);
      const known = this.#known.get(id);
      if (known === undefined || known.off === true) return;
      await this.#change(id, {
        id: idAbove(known.id, this.#host.nextId()),
        by: this.#host.author(),
        off: true,
      });
    });
  }

  #change(id: string, pin: Pin, found?: Message): Promise<void> {
    return this.#late.make(this.#keeper, id, pin, () => {
      this.#take(id, pin);
      if (found !== undefined) this.#messages.set(id, found);
      this.#update();
      return this.#keeper.tell(id, pin);
    });
  }

  async #tell(of: string, { id, off }: Pin): Promise<void> {
    const { events } = this.#host;
    const data = { of, ...(off === true ? { off } : {}) };
    await events.send(PIN, data, { id });
  }

  /** False when it is older than what is known. */
  #take(of: string, pin: Pin): boolean {
    const known = this.#known.get(of);
    if (known !== undefined && known.id >= pin.id) return false;
    if (isFromFuture(this.#host, pin.id)) return false;
    this.#known.set(of, pin);
    return true;
  }

  /** Forgets the pins beyond those that can be kept: the least useful, and of those the oldest. */
  #trim(): void {
    if (this.#known.size <= MAX_KNOWN) return;
    // By age first: the order of equals stays.
    const known = [...this.#known].sort(byAge).map(([of, { off }]) => ({ of, rank: this.#rank(of, off) }));
    known.sort((a, b) => a.rank - b.rank);
    for (const { of } of known.slice(MAX_KNOWN)) this.#known.delete(of);
  }

  /** 0: the message is there; 1: it was not looked for yet; 2: the pin was taken back; {@link GONE}. */
  #rank(of: string, off?: true): number {
    const message = this.#messages.get(of);
    if (message === undefined ? this.#messages.has(of) : message.deletedAt !== undefined) return GONE;
    if (off === true) return 2;
    return message === undefined ? 1 : 0;
  }

  #isDeleted(of: string): boolean {
    return this.#messages.get(of)?.deletedAt !== undefined;
  }

  async #read(signal: AbortSignal, how = ONCE): Promise<void> {
    const stored = await readPins(this.#host, signal, how);
    const before = new Map(this.#known);
    for (const [of, pin] of stored) this.#take(of, pin);
    for (const [of, pin] of before) if ((stored.get(of)?.id ?? '') < pin.id) this.#keeper.mend([of]);
    await this.#messages.read(signal);
    await this.#messages.find(this.#pins(), signal);
  }

  /** Ids of all messages with a pin, the newest pin first: only those that were looked for show which of them are there. */
  #pins(): string[] {
    this.#trim();
    return [...this.#known]
      .filter(([, { off }]) => off !== true)
      .sort(byAge)
      .map(([id]) => id);
  }

  /** The pinned messages that are there and not deleted, the newest pin first. */
  #alive(): Message[] {
    return this.#pins()
      .map((id) => this.#messages.get(id))
      .filter((message) => message !== undefined && message.deletedAt === undefined) as Message[];
  }

  /** Works out `pinned` anew, once for all that changes now. */
  #update(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      const pinned = this.#alive()
        .filter(({ user, verifiedUserId }) => !this.#host.hides(user, verifiedUserId))
        .slice(0, MAX_PINS);
      // Working it out shows messages, which is no change of them.
      this.#announced = false;
      const same =
        pinned.length === this.#pinned.length && pinned.every((message, at) => message === this.#pinned[at]);
      if (same) return;
      this.#pinned = pinned;
      this.#onChange(pinned);
    });
  }

  async #write(pins: ReadonlyMap<string, Pin>): Promise<void> {
    const taken = [...pins.values()].every(({ off }) => off === true);
    await writePins(this.#host, pins, taken ? 'unpin the message' : 'pin the message');
    const known = [...this.#known].filter(([of]) => !pins.has(of));
    const isOff = ([, { off }]: [string, Pin]) => off === true;
    const old = known
      .filter(isOff)
      .sort(byAge)
      .slice(MAX_KNOWN - 2 * MAX_PINS);
    const dead = known.filter((entry) => !isOff(entry) && this.#isDeleted(entry[0]));
    const useless = [...old, ...dead].map(([of]) => of);
    if (useless.length === 0) return;
    for (const of of useless) this.#known.delete(of);
    // They are found again, and forgotten with the next change.
    await forgetPins(this.#host, useless).catch(() => {});
  }
}

function refusal(why: string): ChatError {
  return invalidArgument('pin the message', why);
}
