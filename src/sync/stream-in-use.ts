import type { Scheduler } from '../shared/clock.js';
import { HeartbeatMonitor } from './heartbeat-monitor.js';
import type { TopicStream } from './topic-stream.js';

/** A stream lives on for so long after its successor is live: items may still be on their way (milliseconds). */
const OVERLAP_MS = 2000;

/** The stream that a subscription listens to, its heartbeat, and those that it took the place of a moment ago. */
export class StreamInUse {
  readonly #scheduler: Scheduler;
  readonly #monitor: HeartbeatMonitor;
  /** Each ends a stream that was replaced. */
  readonly #retired = new Set<() => void>();
  #stream: TopicStream | undefined;

  /** `onSilence` is called again and again while the stream shows no sign of life for far longer than its own cadence. */
  constructor(scheduler: Scheduler, onSilence: () => void) {
    this.#scheduler = scheduler;
    this.#monitor = new HeartbeatMonitor({ scheduler, cadenceMs: () => this.#stream?.cadenceMs, onSilence });
  }

  get current(): TopicStream | undefined {
    return this.#stream;
  }

  /** Whether it has been silent for too long. */
  get isSilent(): boolean {
    return this.#monitor.rest === 0;
  }

  /** The stream showed that it lives. */
  beat(): void {
    this.#monitor.beat();
  }

  /** Takes a stream that is live. The one before it is closed a moment later. */
  adopt(stream: TopicStream): void {
    const previous = this.#stream;
    this.#stream = stream;
    this.#monitor.start();
    if (previous !== undefined) this.#retire(previous);
  }

  /** Closes the stream: it is dead, or as good as dead. */
  drop(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#monitor.stop();
  }

  /** Closes everything. */
  close(): void {
    this.drop();
    for (const end of [...this.#retired]) end();
  }

  #retire(stream: TopicStream): void {
    const end = () => {
      cancel();
      stream.close();
      this.#retired.delete(end);
    };
    const cancel = this.#scheduler.after(OVERLAP_MS, end);
    this.#retired.add(end);
  }
}
