import { Outbox } from '../../src/delivery/outbox.js';
import { SendGate } from '../../src/delivery/send-gate.js';
import { SEND_DEFAULTS, type SendPolicy } from '../../src/delivery/send-policy.js';
import type { AllGiven } from '../../src/shared/all-given.js';
import { VirtualTime } from '../support/virtual-time.js';
import { Service } from './service.js';

/** An outbox in virtual time, on a service that answers as it is told. */
export class OutboxBench {
  readonly time = new VirtualTime(1, 0);
  readonly service = new Service(this.time);
  /** The events that the room is told of. */
  readonly told: string[] = [];
  readonly gate = new SendGate(this.time.withoutJitter());
  outbox: Outbox = this.open();

  /** Another outbox takes the place of the one there is. */
  open(policy: Partial<AllGiven<SendPolicy>> = {}): Outbox {
    this.outbox = new Outbox({
      scheduler: this.time.withoutJitter(),
      transport: this.service,
      policy: { ...SEND_DEFAULTS, ...policy },
      gate: this.gate,
      onTrouble: () => this.told.push(`${this.time.monotonic()} trouble`),
      onRetry: () => this.told.push(`${this.time.monotonic()} again`),
    });
    return this.outbox;
  }

  /** Follows a sending: `outcome` is `sent` or the error's code, with the time, as soon as there is one. */
  follow(sending: Promise<void>): { outcome: string | undefined } {
    const message: { outcome: string | undefined } = { outcome: undefined };
    const end = (how: string) => {
      message.outcome = `${this.time.monotonic()} ${how}`;
    };
    sending.then(
      () => end('sent'),
      ({ code }) => end(code),
    );
    return message;
  }

  send(id: string): { outcome: string | undefined } {
    return this.follow(this.outbox.send(id, id));
  }

  /** The calls of one message, or of one kind. */
  calls(...words: string[]): string[] {
    return this.service.calls
      .filter((call) => words.every((word) => call.split(' ').includes(word)))
      .map((call) => call.split(' ').slice(0, 2).join(' '));
  }
}
