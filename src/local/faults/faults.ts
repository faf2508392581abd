import type { FailureCode } from '../status.js';

/** Takes a fault back. Calling it again, or after the fault has ended by itself, does nothing. */
export type Restore = () => void;

/**
 * Breaks a local Momento on demand, so that a test can see what an app does on a bad day. Every fault lasts until it
 * is used up, until the function it returned is called, or until {@link FaultInjector.reset}.
 *
 * Wherever an `rpc` is asked for it is Momento's own name of a call, such as `'Publish'`, `'Subscribe'`,
 * `'ListPushFront'`, `'ListFetch'` or `'GenerateDisposableToken'`; left out, the fault is for all of them. A name that
 * Momento does not have throws a `TypeError`, so that a typing error does not make a test pass; so does a `code` that gRPC does not
 * have.
 *
 * @example
 * ```ts
 * const momento = await startLocalMomento({ caches: ['chat'] });
 * momento.faults.failNext({ rpc: 'ListPushFront', code: 'UNAVAILABLE', times: 2 });
 * await room.send('hello'); // resolves after two retries
 * ```
 */
export interface FaultInjector {
  /** Cuts every open connection at once, without a word, as a dying network does. Returns how many there were. New ones are welcome. */
  dropConnections(): number;

  /**
   * Cuts every new connection as soon as it is made; those that are open stay.
   *
   * @param ms - For how many milliseconds; default: until the returned function is called.
   */
  refuseConnections(ms?: number): Restore;

  /**
   * {@link dropConnections} and {@link refuseConnections} together: nobody can reach Momento.
   *
   * @param ms - For how many milliseconds; default: until the returned function is called.
   */
  goOffline(ms?: number): Restore;

  /**
   * Acts as a restart of the service does: everyone is cut off, nobody gets in for a while, and every topic starts a
   * new sequence page. Caches, their items and tokens survive.
   *
   * @param downMs - For how many milliseconds nobody gets in; default 0.
   */
  restart(downMs?: number): Restore;

  /**
   * Keeps streams open but sends nothing on them, neither items nor heartbeats; what is published meanwhile never
   * arrives there. By default it is for the streams that are open now, so that a client that subscribes again is
   * served.
   *
   * @param options.topic - Only this topic; default: all.
   * @param options.cache - Only in this cache; default: all.
   * @param options.includeNew - Also for streams that open later, until it is restored; their subscribers then wait for
   *   a first message that does not come. Default false.
   */
  silenceStreams(options?: {
    topic?: string | undefined;
    cache?: string | undefined;
    includeNew?: boolean | undefined;
  }): Restore;

  /**
   * Ends streams with a status, after they were sent some more messages. By default it is for the streams that are open
   * now, so that a client that subscribes again is served.
   *
   * @param options.code - A gRPC status, for example `'UNAVAILABLE'`.
   * @param options.after - How many more messages each stream is sent before, heartbeats included; default 0, at once.
   * @param options.message - The text of the SDK's error; default: a sentence that names this fault.
   * @param options.topic - Only this topic; default: all.
   * @param options.cache - Only in this cache; default: all.
   * @param options.includeNew - Also every stream that opens later, until it is restored. Default false.
   */
  endStreams(options: {
    code: FailureCode;
    after?: number;
    message?: string;
    topic?: string;
    cache?: string;
    includeNew?: boolean;
  }): Restore;

  /**
   * Lets calls wait before anything is done about them; of several delays of one call the longest counts. A call whose
   * client gives up meanwhile is never done.
   *
   * @param options.ms - How many milliseconds.
   * @param options.times - For how many calls; default: all, until it is restored.
   */
  delay(options: { rpc?: string | undefined; ms: number; times?: number | undefined }): Restore;

  /**
   * Answers the next calls with a failure instead of doing them.
   *
   * @param options.code - A gRPC status, for example `'UNAVAILABLE'`; the SDKs choose their error class by it.
   * @param options.times - How many calls; default 1.
   * @param options.message - The text of the SDK's error; default: a sentence that names this fault.
   * @param options.metadata - Trailing metadata, in lower-case names and plain ASCII; the SDKs read the key `err`. A name
   *   that ends with `-bin`, or is one of gRPC's or HTTP's own, throws a `TypeError`.
   */
  failNext(options: {
    rpc?: string | undefined;
    code: FailureCode;
    times?: number | undefined;
    message?: string | undefined;
    metadata?: Record<string, string> | undefined;
  }): Restore;

  /**
   * Acknowledges the next `count` publishes and delivers them to nobody.
   *
   * @param options.topic - Only those to this topic; default: all.
   * @param options.cache - Only those in this cache; default: all.
   * @param options.numbered - Whether the lost values used up sequence numbers, so that subscribers can see a jump;
   *   default true. With false nothing shows that anything was lost.
   */
  losePublishes(
    count: number,
    options?: { topic?: string | undefined; cache?: string | undefined; numbered?: boolean | undefined },
  ): Restore;

  /**
   * Does the next calls and loses their answers: the caller cannot know that they happened.
   *
   * @param options.times - How many calls; default 1.
   * @param options.how - `'cut'`: the connection breaks, and with HTTP/2 everything else on it; `'hang'`: the answer
   *   just never comes. Default `'cut'`. Subscriptions are not concerned.
   */
  dropResponses(options?: {
    rpc?: string | undefined;
    times?: number | undefined;
    how?: 'cut' | 'hang' | undefined;
  }): Restore;

  /**
   * Starts a new sequence page of a topic: numbers start at 1 again and nothing older can be replayed. Lists and other
   * items stay.
   *
   * @param topic - Its name, in whatever cache; default: every topic.
   * @param options.announce - Whether open streams are told by a discontinuity; default true.
   */
  resetTopic(topic?: string, options?: { cache?: string | undefined; announce?: boolean | undefined }): void;

  /**
   * Sends a discontinuity on open streams, although nothing is missing.
   *
   * @param topic - Its name, in whatever cache; default: every topic.
   */
  discontinuity(topic?: string, options?: { cache?: string | undefined }): void;

  /**
   * Ends a token now: calls with it are UNAUTHENTICATED and its streams end with that status.
   *
   * @param token - As the SDKs hand it out (`authToken`, `apiKey`) or as it is sent.
   * @throws TypeError when this server did not mint it, or when it is the server's own key.
   */
  expireToken(token: string): void;

  /** Ends every token and API key minted so far, but not the server's own `apiKey`. */
  expireAllTokens(): void;

  /** Takes back every fault that is still in force. Anything that was cut, reset or expired stays so. */
  reset(): void;
}
