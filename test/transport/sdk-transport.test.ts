import { beforeEach, describe, expect, it } from 'vitest';
import { ChatError } from '../../src/shared/errors.js';
import type { MomentoClients } from '../../src/transport/client-types.js';
import { listFetch } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import { renewingSdkTransport, sdkTransport } from '../../src/transport/sdk-transport.js';
import type { TopicSink } from '../../src/transport/transport.js';
import { settle, VirtualTime } from '../support/virtual-time.js';

const chat = { cache: 'chat', topic: 'room-chat' };
const saying = { ...chat, value: 'hello' };
const left = new ChatError('closed', 'unable to go on; the room was left');

const errorOf = (code: string, words: string) => ({
  type: 'Error',
  errorCode: () => code,
  message: () => words,
});
/** The same as clients with `throwOnErrors` throw it. */
const thrown = (code: string, words: string) =>
  Object.assign(new Error(), { errorCode: () => code, wrappedErrorMessage: () => words });
const USED_UP = errorOf('CLIENT_RESOURCE_EXHAUSTED', 'no more');

/** The functions that an SDK calls back. */
interface Callbacks {
  onItem(item: unknown): void;
  onHeartbeat(): void;
  onDiscontinuity(): void;
  onError(error: unknown): void;
  onConnectionLost(): void;
}

/** Clients of an SDK that answer as they are told to, and what they were asked. */
class FakeSdk {
  calls = 0;
  subscriptions: { on: Callbacks; unsubscribed: number; response: { type: string; unsubscribe(): void } }[] =
    [];
  answer: () => Promise<unknown> = async () => ({ type: 'Success' });
  /** Undefined: the subscription begins at once. */
  refusal: (() => Promise<unknown>) | undefined;

  readonly clients = {
    topics: {
      publish: () => this.#called(),
      subscribe: (_: string, __: string, on: Callbacks) => this.#open(on),
    },
    cache: { listFetch: () => this.#called() },
  } as unknown as MomentoClients;

  get last() {
    const last = this.subscriptions.at(-1);
    if (last === undefined) throw new Error('nobody subscribed');
    return last;
  }

  #called(): Promise<unknown> {
    this.calls += 1;
    return this.answer();
  }

  #open(on: Callbacks): Promise<unknown> {
    const subscription = { on, unsubscribed: 0, response: { type: 'Subscription', unsubscribe: () => {} } };
    subscription.response.unsubscribe = () => {
      subscription.unsubscribed += 1;
    };
    this.subscriptions.push(subscription);
    return this.refusal?.() ?? Promise.resolve(subscription.response);
  }
}

/** Notes all that a sink is told, in its order. */
function diary() {
  const told: unknown[] = [];
  const sink: TopicSink = {
    item: ({ value, sequence, publisherId }) => told.push(['item', value, sequence, publisherId]),
    heartbeat: () => told.push('heartbeat'),
    discontinuity: () => told.push('discontinuity'),
    uncertain: (reason) => told.push(`uncertain: ${reason}`),
    closed: ({ code }, how) => told.push(how === undefined ? `closed: ${code}` : `closed: ${code}, ${how}`),
  };
  return { told, sink };
}

const item = (value: string, sequence: number, tokenId = '') => ({
  value: () => value,
  sequenceNumber: () => sequence,
  tokenId: () => tokenId,
});
const failed = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    ({ code, message }: ChatError) => `${code}: ${message}`,
  );

let time: VirtualTime;
let sdk: FakeSdk;
beforeEach(() => {
  time = new VirtualTime();
  sdk = new FakeSdk();
});

describe('a call by way of an SDK', () => {
  const transport = () => sdkTransport(sdk.clients, time);

  it('gives back what the response holds', async () => {
    sdk.answer = async () => ({ type: 'Hit', valueListString: () => ['b', 'a'] });
    expect(await transport().call(listFetch, { cache: 'chat', list: 'room' })).toEqual(['b', 'a']);
    sdk.answer = async () => ({ type: 'Miss' });
    expect(await transport().call(listFetch, { cache: 'chat', list: 'room' })).toEqual([]);
  });

  it.each<[what: string, answer: () => Promise<unknown>, error: string]>([
    [
      'answers with an error',
      async () => errorOf('PERMISSION_ERROR', 'no'),
      'permission-denied: unable to speak; no',
    ],
    [
      'throws its error, as with `throwOnErrors`',
      () => Promise.reject(thrown('PERMISSION_ERROR', 'no')),
      'permission-denied: unable to speak; no',
    ],
    [
      'takes no value so large',
      async () => String.fromCharCode(...new Uint8Array(1_000_000)),
      'message-too-large: unable to speak; it is too large for the SDK',
    ],
    [
      'throws',
      async () => {
        throw new TypeError('x is not a function');
      },
      'server: unable to speak; the SDK failed unexpectedly',
    ],
  ])('rejects when the SDK %s', async (_, answer, error) => {
    sdk.answer = answer;
    expect(await failed(transport().call(publish, saying, { action: 'speak' }))).toBe(error);
  });

  it('is not made when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(left);
    expect(await failed(transport().call(publish, saying, { signal }))).toBe(`closed: ${left.message}`);
    expect(sdk.calls).toBe(0);
  });

  it.each<[reason: unknown, error: string]>([
    [left, `closed: ${left.message}`],
    [undefined, 'closed: unable to speak; it was cancelled'],
  ])(
    'that is aborted rejects with the reason %s once the SDK is done, however that went',
    async (reason, error) => {
      for (const outcome of [{ type: 'Success' }, errorOf('TIMEOUT_ERROR', 'late')]) {
        const stop = new AbortController();
        sdk.answer = async () => {
          stop.abort(reason);
          return outcome;
        };
        const call = transport().call(publish, saying, { action: 'speak', signal: stop.signal });
        expect(await failed(call)).toBe(error);
      }
    },
  );
});

describe('opening a subscription of an SDK', () => {
  const open = (signal?: AbortSignal) =>
    failed(sdkTransport(sdk.clients, time).subscribe(chat, diary().sink, { what: 'the room', signal }));

  it('rejects with what the SDK answers', async () => {
    sdk.refusal = async () => errorOf('AUTHENTICATION_ERROR', 'expired');
    expect(await open()).toBe('unauthenticated: unable to subscribe to the room; expired');
  });

  it('rejects with an error that came before it was live, and ends it', async () => {
    sdk.refusal = async () => {
      sdk.last.on.onError(errorOf('NOT_FOUND_ERROR', 'no cache'));
      return sdk.last.response;
    };
    expect(await open()).toBe('cache-not-found: unable to stay subscribed to the room; no cache');
    expect(sdk.last.unsubscribed).toBeGreaterThan(0);
  });

  it('is given up after ten seconds, and what begins later is ended', async () => {
    let begin = (_: unknown) => {};
    sdk.refusal = () =>
      new Promise((resolve) => {
        begin = resolve;
      });
    const opening = open();
    await time.advance(10_000);
    expect(await opening).toBe('timeout: unable to subscribe to the room; no answer in time');
    begin(sdk.last.response);
    await settle();
    expect(sdk.last.unsubscribed).toBe(1);
    expect(time.pending).toBe(0);
  });

  it('asks nothing of the SDK when its signal was aborted before', async () => {
    expect(await open(AbortSignal.abort(left))).toBe(`closed: ${left.message}`);
    expect(sdk.subscriptions).toEqual([]);
  });

  it('ends at once when its signal is aborted, and what begins later is ended', async () => {
    let begin = (_: unknown) => {};
    sdk.refusal = () =>
      new Promise((resolve) => {
        begin = resolve;
      });
    const stop = new AbortController();
    const opening = open(stop.signal);
    stop.abort(left);
    expect(await opening).toBe(`closed: ${left.message}`);
    begin(sdk.last.response);
    await settle();
    expect(sdk.last.unsubscribed).toBe(1);
    expect(time.pending).toBe(0);
  });
});

describe('a live subscription of an SDK', () => {
  type Scene = (on: Callbacks) => void | Promise<void>;
  const lose: Scene = (on) => on.onConnectionLost();

  it.each<[what: string, scene: Scene, told: unknown[]]>([
    [
      'brings items; an empty token id is none',
      (on) => {
        on.onItem(item('a', 1, 'ann'));
        on.onItem(item('b', 2));
      },
      [
        ['item', 'a', 1, 'ann'],
        ['item', 'b', 2, undefined],
      ],
    ],
    [
      'that is old may have been begun anew before its first item',
      async (on) => {
        await time.advance(10_001);
        on.onItem(item('a', 1));
        on.onItem(item('b', 2));
      },
      [['item', 'a', 1, undefined], 'uncertain: first-item', ['item', 'b', 2, undefined]],
    ],
    [
      'that is old is in doubt again at the first item after a discontinuity',
      async (on) => {
        on.onItem(item('a', 1));
        await time.advance(10_001);
        on.onDiscontinuity();
        on.onItem(item('b', 2));
      },
      [['item', 'a', 1, undefined], 'discontinuity', ['item', 'b', 2, undefined], 'uncertain: first-item'],
    ],
    [
      'goes on after an item that is neither text nor bytes, and misses no number for it',
      (on) => {
        on.onError(errorOf('UNKNOWN_ERROR', 'Unknown item value type'));
        on.onItem(item('a', 1));
        on.onError(errorOf('UNKNOWN_ERROR', 'Unknown item value type'));
        on.onError(errorOf('UNKNOWN_ERROR', 'Unknown item type'));
        on.onItem(item('b', 3));
      },
      [
        ['item', 'a', 1, undefined],
        ['item', '', 2, undefined],
        ['item', 'b', 3, undefined],
      ],
    ],
    [
      'ends with the error that the SDK tells of, and says nothing after it',
      (on) => {
        on.onError(errorOf('AUTHENTICATION_ERROR', 'expired'));
        on.onItem(item('a', 1));
        on.onHeartbeat();
      },
      ['closed: unauthenticated'],
    ],
    [
      'ends when the SDK gives it up without a word',
      async () => {
        sdk.last.response.unsubscribe();
        await settle();
      },
      ['closed: network'],
    ],
    [
      'ends once, with the reason, when the SDK gives it up with one',
      async (on) => {
        sdk.last.response.unsubscribe();
        on.onError(errorOf('PERMISSION_ERROR', 'no'));
        await settle();
      },
      ['closed: permission-denied'],
    ],
    [
      'that lost its connection has two seconds',
      async (on) => {
        await lose(on);
        await time.advance(1999);
      },
      [],
    ],
    [
      'that is not restored within two seconds is interrupted',
      async (on) => {
        await lose(on);
        await time.advance(2000);
      },
      ['closed: network, interrupted'],
    ],
    [
      'that is lost twice has two seconds from the first',
      async (on) => {
        await lose(on);
        await time.advance(1500);
        await lose(on);
        await time.advance(500);
      },
      ['closed: network, interrupted'],
    ],
    [
      'that is restored is in doubt',
      async (on) => {
        await lose(on);
        await time.advance(1000);
        on.onHeartbeat();
        await time.advance(2000);
      },
      ['uncertain: restored', 'heartbeat'],
    ],
  ])('%s', async (_, scene, expected) => {
    const { told, sink } = diary();
    await sdkTransport(sdk.clients, time).subscribe(chat, sink);
    await scene(sdk.last.on);
    expect(told).toEqual(expected);
  });

  it('says nothing once its signal is aborted, and leaves nothing behind', async () => {
    const { told, sink } = diary();
    const stop = new AbortController();
    await sdkTransport(sdk.clients, time).subscribe(chat, sink, { signal: stop.signal });
    await lose(sdk.last.on);
    stop.abort();
    sdk.last.on.onItem(item('a', 1));
    await time.advance(5000);
    expect(told).toEqual([]);
    expect(sdk.last.unsubscribed).toBe(1);
    expect(time.pending).toBe(0);
  });
});

describe('clients that are used up', () => {
  it.each<[how: string, refusal: () => Promise<unknown>]>([
    ['answer with an error', async () => USED_UP],
    ['throw one', () => Promise.reject(thrown('CLIENT_RESOURCE_EXHAUSTED', 'no more'))],
  ])('of the app are told of, and what to do about it: those that %s', async (_, refusal) => {
    sdk.refusal = refusal;
    expect(await failed(sdkTransport(sdk.clients, time).subscribe(chat, diary().sink))).toMatch(
      /^rate-limited: unable to subscribe to the topic; the topic client in `clients` has no subscription left.*`token` instead$/,
    );
  });

  it('of a token are replaced after eighty subscriptions, or when they say so; open streams live on', async () => {
    const made: FakeSdk[] = [];
    const transport = renewingSdkTransport(() => {
      const one = new FakeSdk();
      made.push(one);
      return one.clients;
    }, time);
    const { told, sink } = diary();
    for (let index = 0; index <= 80; index += 1) await transport.subscribe(chat, sink);
    expect(made.map(({ subscriptions }) => subscriptions.length)).toEqual([80, 1]);
    const [first, second] = made;
    if (second !== undefined) second.refusal = async () => USED_UP;
    await transport.subscribe(chat, sink);
    expect(made.map(({ subscriptions }) => subscriptions.length)).toEqual([80, 2, 1]);
    first?.last.on.onItem(item('still here', 1));
    expect(told).toEqual([['item', 'still here', 1, undefined]]);
  });

  it('are replaced once for a subscription, and not for any other refusal', async () => {
    let made = 0;
    const transport = renewingSdkTransport(() => {
      made += 1;
      return sdk.clients;
    }, time);
    sdk.refusal = async () => USED_UP;
    expect(await failed(transport.subscribe(chat, diary().sink))).toContain('rate-limited');
    expect(made).toBe(2);
    sdk.refusal = async () => errorOf('PERMISSION_ERROR', 'no');
    expect(await failed(transport.subscribe(chat, diary().sink))).toContain('permission-denied');
    expect(made).toBe(2);
  });
});
