import { ExpiresIn } from '@gomomento/sdk-web';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { listen } from '../local/support/listen.js';
import { roomToken, sdkForm } from '../local/support/mint.js';
import { outcome } from '../local/support/outcome.js';
import { type Clients, clientsOf, SDKS } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

const EXPIRED = 'AUTHENTICATION_ERROR';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

describe.each(SDKS)('through %s', (sdk) => {
  let clock: ManualClock;
  let momento: LocalMomento;
  const open: Clients[] = [];

  const withToken = async (token: string): Promise<Clients> => {
    const clients = await clientsOf(sdk, momento, token);
    open.push(clients);
    return clients;
  };

  beforeEach(async () => {
    clock = new ManualClock();
    momento = await startLocalMomento({ caches: ['chat'], clock });
  });
  afterEach(async () => {
    for (const clients of open.splice(0)) clients.close();
    await momento.close();
  });

  it('a token that expires in the middle of a stream ends the stream, and every call after', async () => {
    const clients = await withToken(await roomToken(momento, 'a', { lifeSeconds: 60 }));
    const listener = await listen(clients, 'a-chat');
    clock.advance(59_999);
    await clients.topics.publish('chat', 'a-chat', 'just in time');
    await expect.poll(() => listener.items).toEqual(['1:just in time']);
    expect(listener.errors).toEqual([]);

    clock.advance(1);
    await expect.poll(() => listener.errors).toEqual([EXPIRED]);
    expect(outcome(await clients.topics.publish('chat', 'a-chat', 'too late'))).toBe(EXPIRED);
    expect(outcome(await clients.cache.listFetch('chat', 'a'))).toBe(EXPIRED);
    await expect(listen(clients, 'a-chat')).rejects.toThrow(EXPIRED);
  });

  it('a token ended by hand does the same, and others live on', async () => {
    const token = await roomToken(momento, 'a');
    const ended = await withToken(token);
    const other = await withToken(await roomToken(momento, 'a'));
    const endedListener = await listen(ended, 'a-chat');
    const otherListener = await listen(other, 'a-chat');
    momento.faults.expireToken(token);
    await expect.poll(() => endedListener.errors).toEqual([EXPIRED]);
    expect(outcome(await other.topics.publish('chat', 'a-chat', 'still here'))).toBe('Success');
    await expect.poll(() => otherListener.items).toEqual(['1:still here']);

    momento.faults.expireAllTokens();
    await expect.poll(() => otherListener.errors).toEqual([EXPIRED]);
    const root = await withToken(momento.apiKey);
    expect(outcome(await root.cache.get('chat', 'k'))).toBe('Miss');
  });

  it('an expiring API key is renewed by its refresh token', async () => {
    const root = await withToken(momento.apiKey);
    const scope = { permissions: [{ role: 'readwrite', cache: 'chat' }] };
    const minted = await root.auth.generateApiKey(scope as never, ExpiresIn.minutes(10) as never);
    if (!('apiKey' in minted)) throw new Error(outcome(minted));
    expect(minted.expiresAt.epoch()).toBe(Math.floor(clock.now() / 1000) + 600);

    clock.advance(9 * 60_000);
    const owner = await withToken(minted.apiKey);
    const renewed = await owner.auth.refreshApiKey(minted.refreshToken);
    if (!('apiKey' in renewed)) throw new Error(outcome(renewed));
    expect(outcome(await owner.auth.refreshApiKey('not a refresh token'))).toBe(EXPIRED);

    clock.advance(60_000);
    expect(outcome(await owner.cache.get('chat', 'k'))).toBe(EXPIRED);
    expect(outcome(await owner.auth.refreshApiKey(minted.refreshToken))).toBe(EXPIRED);
    const renewedOwner = await withToken(renewed.apiKey);
    expect(outcome(await renewedOwner.cache.get('chat', 'k'))).toBe('Miss');
    expect(outcome(await renewedOwner.topics.publish('chat', 't', 'v'))).toBe('PERMISSION_ERROR');
  });

  it('an API key may never expire, and may not be for control', async () => {
    const root = await withToken(momento.apiKey);
    const scope = { permissions: [{ role: 'readonly', cache: 'chat' }] };
    const minted = await root.auth.generateApiKey(scope as never, ExpiresIn.never() as never);
    if (!('apiKey' in minted)) throw new Error(outcome(minted));
    expect(minted.expiresAt.doesExpire()).toBe(false);
    clock.advance(1e12);
    const owner = await withToken(minted.apiKey);
    expect(outcome(await owner.cache.get('chat', 'k'))).toBe('Miss');
    expect(outcome(await owner.cache.createCache('mine'))).toBe('PERMISSION_ERROR');
  });
});

it('an empty token is the super user over gRPC, and nobody over gRPC-Web', async () => {
  const momento = await startLocalMomento({ caches: ['chat'] });
  const node = await import('@gomomento/sdk');
  const cache = await node.CacheClient.create({
    credentialProvider: node.CredentialProvider.forMomentoLocal({
      hostname: '127.0.0.1',
      port: momento.port,
    }),
    configuration: node.Configurations.Laptop.v1(),
    defaultTtlSeconds: 60,
  });
  expect(outcome(await cache.createCache('mine'))).toBe('Success');
  cache.close();

  const response = await fetch(`${momento.url}/cache_client.Scs/Get`, {
    method: 'POST',
    headers: { 'content-type': 'application/grpc-web-text', cache: 'chat' },
    body: 'AAAAAAMKAWs=',
  });
  expect(response.headers.get('grpc-status')).toBe('16');
  expect(sdkForm('x')).not.toBe(momento.apiKey);
  await momento.close();
});
