import { Caches } from './caches.js';
import type { LocalClock } from './clock.js';
import { Tokens } from './tokens.js';
import { Topics } from './topics.js';

export interface EngineOptions {
  clock: LocalClock;
  /** Milliseconds between the heartbeats of a stream. */
  heartbeatMs: number;
  /** Items that a topic keeps for those who resume. */
  replayItems: number;
}

/** Caches, topics and tokens: everything that a local Momento is, before anyone can reach it. Knows nothing of gRPC. */
export class Engine {
  readonly clock: LocalClock;
  readonly caches: Caches;
  readonly topics: Topics;
  readonly tokens: Tokens;

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.caches = new Caches(options.clock);
    this.topics = new Topics(options);
    this.tokens = new Tokens(options.clock);
  }

  deleteCache(name: string): void {
    this.caches.delete(name);
    this.topics.deleteCache(name);
  }

  close(): void {
    this.topics.close();
  }
}
