import { auth } from '@gomomento/generated-types';
import { permission_messages } from '@gomomento/generated-types/dist/permissionmessages.js';
import {
  AuthClient,
  AuthClientConfigurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
} from '@gomomento/sdk';
import { credentials } from '@grpc/grpc-js';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, type ExpiringKey, keyRing, type RefreshingAuthClient } from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cacheClientOf } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let momento: LocalMomento;
beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterAll(() => momento.close());

/** A key that may mint tokens and lives for a few seconds: what the console makes, which the SDK cannot. */
async function shortLivedKey(seconds: number): Promise<ExpiringKey> {
  const client = new auth.auth.AuthClient(`127.0.0.1:${momento.port}`, credentials.createInsecure());
  const { SuperUserPermissions, Permissions } = permission_messages;
  const { _GenerateApiTokenRequest } = auth.auth;
  const request = new _GenerateApiTokenRequest({
    auth_token: '',
    permissions: new Permissions({ super_user: SuperUserPermissions.SuperUser }),
    expires: new _GenerateApiTokenRequest.Expires({ valid_for_seconds: seconds }),
  });
  return new Promise((resolve, reject) => {
    client.GenerateApiToken(request, (error, response) => {
      client.close();
      if (error || !response) return reject(error);
      const apiKey = JSON.stringify({ api_key: response.api_key, endpoint: response.endpoint });
      resolve({
        apiKey: Buffer.from(apiKey).toString('base64'),
        refreshToken: response.refresh_token,
        expiresAt: response.valid_until,
      });
    });
  });
}

const sdkClient = (apiKey: string): RefreshingAuthClient => {
  const endpoint = `127.0.0.1:${momento.port}`;
  return new AuthClient({
    configuration: AuthClientConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: CredentialProvider.fromString({
      apiKey,
      endpointOverrides: {
        cacheEndpoint: endpoint,
        controlEndpoint: endpoint,
        tokenEndpoint: endpoint,
        secureConnection: false,
      },
    }),
  });
};

describe.concurrent.each<[string, { connect?: (apiKey: string) => RefreshingAuthClient }]>([
  ['the built-in client', {}],
  ["@gomomento/sdk's AuthClient", { connect: sdkClient }],
])('a vendor whose API key lives for four seconds, with %s', (_, client) => {
  it('vends for longer than that, with tokens for single rooms, and every new key is saved', async () => {
    const first = await shortLivedKey(4);
    const saved: ExpiringKey[] = [];
    const ring = keyRing({ ...first, save: (key) => void saved.push(key), ...client });
    const vendor = createTokenVendor({
      auth: ring,
      authorize: (_, rooms) => ({ rooms, role: 'member' }),
      mintLimit: { perSecond: 100 },
    });
    let vended = 0;
    const vend = async () => {
      const room = `room ${vended}`;
      vended += 1;
      const { token } = await vendor.vend({ ip: '192.0.2.1', rooms: [room] });
      const cache = await cacheClientOf(momento, token);
      expect((await cache.listPushFront('chat', room, 'x')).type).toBe('Success');
      const other = await cache.listFetch('chat', 'another room');
      expect(other.type === 'Error' && other.errorCode()).toBe('PERMISSION_ERROR');
      cache.close();
    };
    // A vend that fails ends it at once: it is not what is waited for.
    let failure: unknown;
    const renewedTwice = async () => {
      await vend().catch((problem: unknown) => {
        failure = problem;
      });
      return failure !== undefined || saved.length >= 2;
    };
    await vi.waitUntil(renewedTwice, { timeout: 20_000, interval: 100 });
    ring.close();
    if (failure !== undefined) throw failure;
    // A key is used for a good part of its life, and not renewed with each token.
    expect(vended).toBeGreaterThan(10);
    expect(new Set(saved.map(({ apiKey }) => apiKey)).size).toBe(saved.length);
    expect(ring.expiresAt).toBeGreaterThan(first.expiresAt);
  });
});
