import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { type Listener, listen } from '../local/support/listen.js';
import { outcome } from '../local/support/outcome.js';
import { type Clients, clientsOf, SDKS } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

/** How each SDK calls a connection that broke or was refused. */
const UNREACHABLE = { '@gomomento/sdk': 'SERVER_UNAVAILABLE', '@gomomento/sdk-web': 'UNKNOWN_SERVICE_ERROR' };

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

/** Whether a new connection to the port gets an answer. */
function greeted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(false));
  });
}

describe.each(SDKS)('through %s', (sdk) => {
  let momento: LocalMomento;
  let clients: Clients;
  const listeners: Listener[] = [];

  beforeEach(async () => {
    momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 100 });
    clients = await clientsOf(sdk, momento);
  });
  afterEach(async () => {
    for (const listener of listeners.splice(0)) listener.unsubscribe();
    clients.close();
    await momento.close();
  });

  const open = async (topic = 't'): Promise<Listener> => {
    const listener = await listen(clients, topic);
    listeners.push(listener);
    return listener;
  };
  const publish = async (text: string, topic = 't'): Promise<string> =>
    outcome(await clients.topics.publish('chat', topic, text));
  const push = async (text: string): Promise<string> =>
    outcome(await clients.cache.listPushFront('chat', 'l', text));
  const stored = async (): Promise<string[]> => {
    const response = await clients.cache.listFetch('chat', 'l');
    return 'valueListString' in response ? response.valueListString() : [];
  };

  it('dropConnections cuts streams, which come back and get what they missed', async () => {
    const listener = await open();
    await publish('one');
    await expect.poll(() => listener.items).toEqual(['1:one']);
    expect(momento.faults.dropConnections()).toBeGreaterThan(0);
    await expect.poll(() => publish('two')).toBe('Success');
    await expect.poll(() => listener.items, { timeout: 5000 }).toEqual(['1:one', '2:two']);
  });

  it('refuseConnections keeps new ones out and leaves open ones alone, until it is restored', async () => {
    const listener = await open();
    await publish('one');
    const restore = momento.faults.refuseConnections();
    await expect(greeted(momento.port)).resolves.toBe(false);
    await expect.poll(() => listener.heartbeats).toBeGreaterThan(2);
    restore();
    await expect(greeted(momento.port)).resolves.toBe(true);
  });

  it('goOffline makes every call fail, and the end of it makes them work again', async () => {
    await publish('one');
    const restore = momento.faults.goOffline();
    expect(await push('lost')).toBe(UNREACHABLE[sdk]);
    restore();
    await expect.poll(() => push('kept'), { timeout: 10_000 }).toBe('Success');
    expect(await stored()).toEqual(['kept']);
  });

  it('restart cuts everyone off, keeps the lists and starts new sequence pages', async () => {
    const listener = await open();
    await publish('before');
    await push('kept');
    await expect.poll(() => listener.items).toEqual(['1:before']);
    momento.faults.restart(50);
    await expect.poll(() => publish('after'), { timeout: 10_000 }).toBe('Success');
    await expect.poll(() => listener.items.at(-1), { timeout: 5000 }).toBe('1:after');
    expect(await stored()).toEqual(['kept']);
  });

  it('silenceStreams keeps open streams open and silent, and serves new ones', async () => {
    const listener = await open();
    const restore = momento.faults.silenceStreams({ topic: 't' });
    const heartbeats = listener.heartbeats;
    const replacement = await open();
    await publish('lost to the first');
    await expect.poll(() => replacement.items).toEqual(['1:lost to the first']);
    await expect.poll(() => replacement.heartbeats).toBeGreaterThan(3);
    expect(listener.items).toEqual([]);
    expect(listener.heartbeats).toBeLessThanOrEqual(heartbeats + 1);
    restore();
    await publish('heard');
    await expect.poll(() => listener.items).toEqual(['2:heard']);
  });

  it('silenceStreams can take in new streams and leave other topics alone', async () => {
    const restore = momento.faults.silenceStreams({ topic: 't', includeNew: true });
    const pending = open('t');
    const other = await open('u');
    await publish('u', 'u');
    await expect.poll(() => other.items).toEqual(['1:u']);
    restore();
    expect((await pending).items).toEqual([]);
  });

  it('delay lets calls wait for the time given, as many as said, and others not', async () => {
    const clock = new ManualClock();
    const slow = await startLocalMomento({ caches: ['chat'], clock });
    const caller = await clientsOf(sdk, slow);
    const get = async (): Promise<string> => outcome(await caller.cache.get('chat', 'k'));
    slow.faults.delay({ rpc: 'Get', ms: 300, times: 1 });
    let answer = 'none yet';
    const late = get().then((result) => {
      answer = result;
    });
    await expect.poll(() => clock.pending).toBe(1);
    clock.advance(299);
    expect(outcome(await caller.topics.publish('chat', 't', 'not concerned'))).toBe('Success');
    expect(await get()).toBe('Miss');
    expect(answer).toBe('none yet');
    clock.advance(1);
    await late;
    expect(answer).toBe('Miss');
    caller.close();
    await slow.close();
  });

  it.each([
    ['PERMISSION_DENIED', 'PERMISSION_ERROR'],
    ['UNAUTHENTICATED', 'AUTHENTICATION_ERROR'],
    ['RESOURCE_EXHAUSTED', 'LIMIT_EXCEEDED_ERROR'],
    ['NOT_FOUND', 'NOT_FOUND_ERROR'],
    ['UNAVAILABLE', 'SERVER_UNAVAILABLE'],
    ['DEADLINE_EXCEEDED', 'TIMEOUT_ERROR'],
    ['INTERNAL', 'INTERNAL_SERVER_ERROR'],
    ['INVALID_ARGUMENT', 'INVALID_ARGUMENT_ERROR'],
    ['FAILED_PRECONDITION', 'FAILED_PRECONDITION_ERROR'],
    ['CANCELLED', 'CANCELLED_ERROR'],
  ] as const)('failNext with %s is %s to the SDK, for as many calls as said', async (code, expected) => {
    momento.faults.failNext({ rpc: 'Publish', code, times: 2, message: 'as asked' });
    const response = await clients.topics.publish('chat', 't', 'v');
    expect(outcome(response)).toBe(expected);
    expect(response.toString()).toContain('as asked');
    expect(await push('not concerned')).toBe('Success');
    expect(await publish('second')).toBe(expected);
    expect(await publish('third')).toBe('Success');
  });

  it('failNext reaches subscriptions too', async () => {
    momento.faults.failNext({ rpc: 'Subscribe', code: 'PERMISSION_DENIED' });
    await expect(open()).rejects.toThrow('PERMISSION_ERROR');
    await expect(open()).resolves.toBeDefined();
  });

  it('losePublishes acknowledges and delivers nothing, with a jump in the numbers or without', async () => {
    const listener = await open();
    momento.faults.losePublishes(2, { topic: 't' });
    expect(await publish('lost')).toBe('Success');
    expect(await publish('elsewhere', 'u')).toBe('Success');
    expect(await publish('lost too')).toBe('Success');
    await publish('heard');
    await expect.poll(() => listener.items).toEqual(['3:heard']);
    momento.faults.losePublishes(1, { numbered: false });
    await publish('lost without a trace');
    await publish('heard again');
    await expect.poll(() => listener.items).toEqual(['3:heard', '4:heard again']);
  });

  it('dropResponses does the call and breaks the connection instead of answering', async () => {
    await push('warm up');
    momento.faults.dropResponses({ rpc: 'ListPushFront' });
    expect(await push('stored once')).toBe(UNREACHABLE[sdk]);
    await expect.poll(() => push('next'), { timeout: 10_000 }).toBe('Success');
    expect(await stored()).toEqual(['next', 'stored once', 'warm up']);
  });

  it('dropResponses can let the caller wait for an answer that never comes', async () => {
    momento.faults.dropResponses({ rpc: 'ListPushFront', how: 'hang' });
    const pending = push('stored');
    await expect.poll(stored).toEqual(['stored']);
    momento.faults.dropConnections();
    expect(await pending).toBe(UNREACHABLE[sdk]);
  });

  it('resetTopic starts a new page and keeps the list', async () => {
    const listener = await open();
    await publish('one');
    await push('kept');
    await expect.poll(() => listener.items).toEqual(['1:one']);
    momento.faults.resetTopic('t');
    await publish('first of the new page');
    await expect.poll(() => listener.items).toEqual(['1:one', '1:first of the new page']);
    expect(listener.discontinuities).toEqual([{ last: 1, next: 0, page: expect.any(Number) }]);
    expect(await stored()).toEqual(['kept']);
  });

  it('discontinuity tells of a gap', async () => {
    const listener = await open();
    await publish('one');
    await expect.poll(() => listener.items).toEqual(['1:one']);
    momento.faults.discontinuity('t');
    await expect
      .poll(() => listener.discontinuities)
      .toEqual([{ last: 1, next: 1, page: expect.any(Number) }]);
    momento.faults.discontinuity('another topic');
    await publish('two');
    await expect.poll(() => listener.items).toEqual(['1:one', '2:two']);
    expect(listener.discontinuities).toHaveLength(1);
  });

  it('reset takes every fault back', async () => {
    const listener = await open();
    momento.faults.failNext({ code: 'UNAVAILABLE', times: 100 });
    momento.faults.delay({ ms: 60_000 });
    momento.faults.losePublishes(100);
    momento.faults.dropResponses({ times: 100 });
    momento.faults.silenceStreams();
    momento.faults.refuseConnections();
    momento.faults.reset();
    expect(await publish('as if nothing had been')).toBe('Success');
    await expect.poll(() => listener.items).toEqual(['1:as if nothing had been']);
  });
});

describe('a fault that cannot be', () => {
  let momento: LocalMomento;
  beforeAll(async () => {
    momento = await startLocalMomento();
  });
  afterAll(() => momento.close());

  it('because Momento has no such RPC is a TypeError', () => {
    expect(() => momento.faults.failNext({ rpc: 'publish', code: 'INTERNAL' })).toThrow(
      /no RPC named 'publish'/,
    );
  });

  it.each([
    { Err: 'x' },
    { err: 'a\nb' },
    { err: 'half of a pair: \ud83d' },
    { err: undefined },
    { 'e:rr': 'x' },
    { 'grpc-status-details-bin': 'x' },
    { 'grpc-status': '0' },
    { connection: 'close' },
    { te: 'x' },
    { 'content-length': '5' },
  ])('because its metadata cannot be sent is a TypeError: %j', (metadata) => {
    const inject = () => momento.faults.failNext({ code: 'INTERNAL', metadata: metadata as never });
    expect(inject).toThrow(/unable to inject the fault; .* cannot be sent as metadata/s);
  });
});
