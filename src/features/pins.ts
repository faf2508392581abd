import type { Message } from '../messages/message.js';
import { assertMessageId, idAbove, isMessageId } from '../messages/message-id.js';
import { asChatError } from '../shared/as-chat-error.js';
import { sleep } from '../shared/clock.js';
import { type ChatError, invalidArgument } from '../shared/errors.js';
import type { FeatureHost } from './feature.js';
import { isFromFuture } from './from-future.js';
import { LateWrites } from './late-writes.js';
import { byAge, forgetPins, MAX_KNOWN, type Pin, readPins, writePins } from './pin-store.js';
import { PinnedMessages } from './pinned-messages.js';
import { findStored } from './stored-messages.js';
import { userKey } from './user-key.js';

const PIN = 'pin';
const MAX_PINS = 50;
/** Storage is put right after a time between the two (ms). */
const LEAST_WAIT_MS = 2000;
const MOST_WAIT_MS = 20_000;
/** A pin is written again so often, at most: somebody may write otherwise again and again. */
const MAX_REWRITES = 3;
/** A resync repeats its readings itself; one that a change needs waits for the connection, as the change does. */
const ONCE = { once: true };
const PATIENTLY = { once: false };

/** Messages that the room keeps in view. */
export class Pins {
  readonly #host: FeatureHost;
  readonly #onChange: (pinned: readonly Message[]) => void;
  readonly #known = new Map<string, Pin>();
  readonly #messages: PinnedMessages;
  readonly #wrote = new Set<string>();
  readonly #late: LateWrites;
  #pinned: readonly Message[] = [];
  #signal: AbortSignal | undefined;
  #announced = false;
  #mending = false;
  /** How often a pin was written again, by its id. */
  readonly #rewrites = new Map<string, number>();

  constructor(host: FeatureHost, onChange: (pinned: readonly Message[]) => void) {
    this.#host = host;
    this.#onChange = onChange;
    this.#messages = new PinnedMessages(host, {
      wanted: () => this.#shownPins().map(([id]) => id),
      isKnown: (id) => this.#known.has(id),
      onFound: () => this.#update(),
    });
    this.#late = new LateWrites(host);
    host.events.on(PIN, ({ id, user, data: { of, off } }) => {
      if (!isMessageId(of)) return;
      const known = this.#known.get(of)?.id;
      if (this.#wrote.has(of) && known !== id) this.#mendSoon();
      if (!this.#take(of, off === true ? { id, by: user, off } : { id, by: user })) return;
      this.#update();
      this.#messages.lookSoon();
    });
    host.timeline.overlay((message) => {
      if (this.#known.has(message.id)) this.#update();
      return message;
    });
    host.timeline.onRefresh((id) => {
      if (this.#known.has(id)) this.#update();
    });
    host.onJoined((signal) => {
      this.#signal = signal;
      this.#mending = false;
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
    await this.#read(this.#signal, PATIENTLY);
    const message = this.#messages.get(id);
    const known = this.#known.get(id);
    if (message?.deletedAt !== undefined) throw refusal('it was deleted');
    if (known !== undefined && known.off !== true && message !== undefined) return;
    const found = message ?? (await findStored(this.#host, [id])).get(id);
    if (found === undefined) throw refusal('no message with this id is stored');
    const { timeline } = this.#host;
    if (message === undefined) await timeline.read([id], this.#signal);
    if ((timeline.get(id) ?? timeline.show(found)).deletedAt !== undefined) throw refusal('it was deleted');
    if (this.#pinned.length >= MAX_PINS) throw refusal(`${MAX_PINS} are pinned already`);
    const pin = { id: idAbove(this.#known.get(id)?.id, this.#host.nextId()), by: this.#host.author() };
    await this.#change(id, pin, found);
  }

  async unpin(id: string): Promise<void> {
    assertMessageId(id, 'unpin the message');
    await this.#read(this.#signal, PATIENTLY);
    const known = this.#known.get(id);
    if (known === undefined || known.off === true) return;
    await this.#change(id, {
      id: idAbove(known.id, this.#host.nextId()),
      by: this.#host.author(),
      off: true,
    });
  }

  async #change(id: string, pin: Pin, found?: Message): Promise<void> {
    this.#wrote.add(id);
    let isTold = false;
    const look = async () => {
      await this.#read(this.#signal);
      if (!isTold && this.#known.get(id)?.id === pin.id) await this.#tell(id, pin);
    };
    const action = pin.off ? 'unpin the message' : 'pin the message';
    const write = () => this.#write(new Map([[id, pin]]), action);
    await this.#late.write(pin.id, write, () => look().catch(() => {}));
    if (!this.#take(id, pin)) this.#mendSoon();
    // Not before: messages of which no pin is known are forgotten.
    if (found !== undefined) this.#messages.set(id, found);
    this.#update();
    isTold = true;
    await this.#tell(id, pin);
  }

  async #tell(id: string, pin: Pin): Promise<void> {
    const { events, report } = this.#host;
    try {
      await events.send(PIN, { of: id, ...(pin.off === true ? { off: true } : {}) }, { id: pin.id });
    } catch (problem) {
      report.call(this.#host, asChatError('tell others of the pin', problem));
    }
  }

  /** False when it is older than what is known. */
  #take(of: string, pin: Pin): boolean {
    const known = this.#known.get(of);
    if (known !== undefined && known.id >= pin.id) return false;
    if (isFromFuture(this.#host, pin.id)) return false;
    this.#known.set(of, pin);
    for (const [id] of this.#excess()) this.#known.delete(id);
    return true;
  }

  /** Returns the pins beyond those that can be kept: the oldest, those taken back first. */
  #excess(): [string, Pin][] {
    if (this.#known.size <= MAX_KNOWN) return [];
    return [...this.#known].sort(byAge).slice(MAX_KNOWN);
  }

  async #read(signal: AbortSignal | undefined, how = ONCE): Promise<void> {
    const stored = await readPins(this.#host, signal, how);
    const before = new Map(this.#known);
    for (const [of, pin] of stored) this.#take(of, pin);
    for (const [of, pin] of before) if ((stored.get(of)?.id ?? '') < pin.id) this.#mendSoon();
    await this.#messages.read(signal);
    this.#update();
  }

  /** The newest pins, newest first. */
  #shownPins(): [string, Pin][] {
    return [...this.#known]
      .filter(([, { off }]) => off !== true)
      .sort(byAge)
      .slice(0, MAX_PINS);
  }

  #isShown({ deletedAt, user, verifiedUserId }: Message): boolean {
    return deletedAt === undefined && !this.#host.hides(user, verifiedUserId);
  }

  /** Works out `pinned` anew, once for all that changes now. */
  #update(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      const pinned = this.#shownPins()
        .map(([id]) => this.#messages.get(id))
        .filter((message) => message !== undefined && this.#isShown(message)) as Message[];
      // Working it out shows messages, which is no change of them.
      this.#announced = false;
      const same =
        pinned.length === this.#pinned.length && pinned.every((message, at) => message === this.#pinned[at]);
      if (same) return;
      this.#pinned = pinned;
      this.#onChange(pinned);
    });
  }

  /** Writes again what is newer here than in storage, in a while: two wrote at the same moment. */
  #mendSoon(): void {
    const signal = this.#signal;
    if (this.#mending || signal === undefined) return;
    this.#mending = true;
    const { clock } = this.#host;
    void (async () => {
      await sleep(clock, LEAST_WAIT_MS + (MOST_WAIT_MS - LEAST_WAIT_MS) * clock.random(), signal);
      if (signal.aborted) return;
      this.#mending = false;
      const stored = await readPins(this.#host, signal, ONCE);
      const times = ({ id }: Pin) => this.#rewrites.get(id) ?? 0;
      const newer = [...this.#known].filter(
        ([of, pin]) => (stored.get(of)?.id ?? '') < pin.id && times(pin) < MAX_REWRITES,
      );
      if (this.#rewrites.size > MAX_KNOWN) this.#rewrites.clear();
      for (const [, pin] of newer) this.#rewrites.set(pin.id, times(pin) + 1);
      if (newer.length > 0) await this.#write(new Map(newer), 'pin the message');
      const own = userKey(this.#host.author());
      // A client that read the other one meanwhile may have missed this one. All others take the event for a repetition.
      for (const [of, pin] of newer) if (stored.has(of) && userKey(pin.by) === own) await this.#tell(of, pin);
      // A client that may not write leaves it to others.
    })().catch(() => {});
  }

  async #write(pins: ReadonlyMap<string, Pin>, action: string): Promise<void> {
    await writePins(this.#host, pins, action);
    const old = [...this.#known]
      .filter(([, { off }]) => off === true)
      .sort(byAge)
      .slice(MAX_KNOWN - 2 * MAX_PINS)
      .map(([of]) => of);
    if (old.length === 0) return;
    for (const of of old) this.#known.delete(of);
    await forgetPins(this.#host, old);
  }
}

function refusal(why: string): ChatError {
  return invalidArgument('pin the message', why);
}
