import type { ResponseStream } from '../../src/local/rpc/rpc.js';
import { asMomentoError, MomentoError } from '../../src/local/status.js';
import type { Scheduler } from '../../src/shared/clock.js';
import { connectionLost, type LinkCut, LinkStream, type Receiver } from './in-process-stream.js';
import { randomFrom } from './virtual-time.js';
import { FAIR, type Weather } from './weather.js';

/** How the network of one client treats calls and streams. */
export interface LinkWeather extends Weather {
  /**
   * An event of a stream takes up to so much longer than `latencyMs`, in ms. Each stream keeps its order; events of two
   * topics, or on two clients, come in any.
   */
  deliveryMs?: number;
  /** A stream leaves an item out without a word, with this probability; never its first, nor that after a discontinuity. */
  skip?: number;
}

/** The course of one call. */
export interface Fate {
  /** How long it takes to the service, in ms. */
  thereMs: number;
  /** How long the answer takes, in ms. */
  backMs: number;
  /** `answer-lost`: the service does the work. `refused`: it answers with UNAVAILABLE. */
  outcome: 'answered' | 'request-lost' | 'answer-lost' | 'refused';
  /** When the client learns that what was lost is lost, in ms; undefined: it waits until its own deadline. */
  learnsAfterMs: number | undefined;
}

/** No answer ever comes. */
const never = () => new Promise<never>(() => {});

/** One client's way to the service and back, and all that goes wrong on it. Without any delay everything happens at once. */
export class Link {
  weather: LinkWeather;
  connected = true;
  /** While it is true the service breaks every new connection. */
  refusing = false;
  /** Decides the course of a call instead of the weather, as far as it says; by the RPC's name, as `Publish`. */
  fates: ((rpc: string) => Partial<Fate> | undefined) | undefined;
  /** Calls that arrived, by the RPC's name. */
  readonly calls: Record<string, number> = {};
  readonly scheduler: Scheduler;
  readonly #random: () => number;
  readonly #streams = new Set<LinkStream>();

  constructor(scheduler: Scheduler, seed: number, weather: LinkWeather = FAIR) {
    this.scheduler = scheduler;
    this.#random = randomFrom(seed);
    this.weather = weather;
  }

  /** One call: `work` happens at the service, or not, even after the client stopped waiting. */
  async exchange(rpc: string, work: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
    const fate = this.#fate(rpc);
    await this.#pass(fate.thereMs);
    if (!this.#arrives(rpc, fate)) return this.#unanswered(fate);
    const answering = fate.outcome === 'refused' ? refusal() : work();
    const [result] = await Promise.allSettled([answering]);
    const bytes = result.status === 'fulfilled' ? (result.value?.length ?? 0) : 0;
    await this.#pass(
      fate.backMs + (bytes * 1000) / (this.weather.bytesPerSecond ?? Number.POSITIVE_INFINITY),
    );
    if (!this.connected || fate.outcome === 'answer-lost') return this.#unanswered(fate);
    if (result.status === 'rejected') throw result.reason;
    return result.value ?? never();
  }

  /** One stream, opened at the service by `work`. Whatever becomes of it, the receiver is told, or waits. */
  open(rpc: string, receiver: Receiver, work: (outlet: ResponseStream) => Promise<void>): { close(): void } {
    const stream = new LinkStream(this, receiver, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    void this.#begin(rpc, stream, work);
    return stream;
  }

  /** Breaks every stream; returns how many there were. */
  cut(how: LinkCut): number {
    const streams = [...this.#streams];
    for (const stream of streams) stream.cut(how);
    return streams.length;
  }

  /** No network for `ms`, and nobody is told. */
  goOffline(ms: number): void {
    this.cut('silent');
    this.connected = false;
    this.scheduler.after(ms, () => {
      this.connected = true;
    });
  }

  /** How many streams are open, those included that are being opened. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Milliseconds that the next event of a stream takes. */
  deliveryDelay(): number {
    const { latencyMs, deliveryMs = 0 } = this.weather;
    return this.#random() * latencyMs + this.#random() * deliveryMs;
  }

  skips(): boolean {
    return this.#random() < (this.weather.skip ?? 0);
  }

  async #begin(rpc: string, stream: LinkStream, work: (outlet: ResponseStream) => Promise<void>) {
    const fate = this.#fate(rpc);
    await this.#pass(fate.thereMs);
    if (stream.over) return;
    const arrives = this.#arrives(rpc, fate);
    if (!arrives || fate.outcome === 'answer-lost') {
      stream.cut('silent');
      if (fate.learnsAfterMs === undefined) return;
      await this.#pass(fate.learnsAfterMs);
      stream.cut('told');
      return;
    }
    try {
      await (fate.outcome === 'refused' ? refusal() : work(stream));
    } catch (problem) {
      stream.end(asMomentoError(problem));
    }
  }

  #arrives(rpc: string, fate: Fate): boolean {
    if (!this.connected || this.refusing || fate.outcome === 'request-lost') return false;
    this.calls[rpc] = (this.calls[rpc] ?? 0) + 1;
    return true;
  }

  async #unanswered({ learnsAfterMs }: Fate): Promise<never> {
    if (learnsAfterMs === undefined) return never();
    await this.#pass(learnsAfterMs);
    throw connectionLost();
  }

  #fate(rpc: string): Fate {
    const { latencyMs, slow, loseRequest, loseResponse, refuse } = this.weather;
    const random = this.#random;
    const leg = () => random() * latencyMs + (random() < slow.chance ? random() * slow.ms : 0);
    const [lostThere, busy, lostBack] = [random() < loseRequest, random() < refuse, random() < loseResponse];
    return {
      thereMs: leg(),
      backMs: leg(),
      outcome: lostThere ? 'request-lost' : busy ? 'refused' : lostBack ? 'answer-lost' : 'answered',
      learnsAfterMs: this.refusing ? 0 : random() < 0.5 ? random() * 5000 : undefined,
      ...this.fates?.(rpc),
    };
  }

  async #pass(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.scheduler.after(ms, resolve));
  }
}

async function refusal(): Promise<never> {
  throw new MomentoError('UNAVAILABLE', 'the service is busy');
}
