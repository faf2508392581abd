import { auth } from '@gomomento/generated-types';
import { permission_messages } from '@gomomento/generated-types/dist/permissionmessages.js';
import {
  AuthClient,
  AuthClientConfigurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
} from '@gomomento/sdk';
import { credentials } from '@grpc/grpc-js';
import { type LocalMomento, ManualClock, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, type ExpiringKey, type RefreshingAuthClient } from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ExpiringKeyRing } from '../../src/server/minting/key-ring.js';
import type { Scheduler } from '../../src/shared/clock.js';
import { cacheClientOf } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

/** One time for the key and for Momento, which stands still until it is moved. */
const clock = new ManualClock();
const time: Scheduler = {
  now: () => clock.now(),
  monotonic: () => clock.now(),
  random: () => 0,
  after: (ms, task) => clock.setTimeout(task, ms),
};

let momento: LocalMomento;
beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'], clock });
});
afterAll(() => momento.close());

/** A key that may mint tokens and lives for an hour: what the console makes, which the SDK cannot. */
async function keyOfAnHour(): Promise<ExpiringKey> {
  const client = new auth.auth.AuthClient(`127.0.0.1:${momento.port}`, credentials.createInsecure());
  const { SuperUserPermissions, Permissions } = permission_messages;
  const { _GenerateApiTokenRequest } = auth.auth;
  const request = new _GenerateApiTokenRequest({
    auth_token: '',
    permissions: new Permissions({ super_user: SuperUserPermissions.SuperUser }),
    expires: new _GenerateApiTokenRequest.Expires({ valid_for_seconds: 3600 }),
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

describe.each<[string, { connect?: (apiKey: string) => RefreshingAuthClient }]>([
  ['the built-in client', {}],
  ["@gomomento/sdk's AuthClient", { connect: sdkClient }],
])('a vendor whose API key lives for an hour, with %s', (_, client) => {
  it('vends for longer than that, with tokens for single rooms, and every new key is saved', async () => {
    const first = await keyOfAnHour();
    const saved: ExpiringKey[] = [];
    const ring = new ExpiringKeyRing({ ...first, save: (key) => void saved.push(key), ...client }, time);
    onTestFinished(() => ring.close());
    const vendor = createTokenVendor({ auth: ring, authorize: (_, rooms) => ({ rooms, role: 'member' }) });
    let rooms = 0;
    const vend = async () => {
      const room = `room ${++rooms}`;
      const { token } = await vendor.vend({ ip: '192.0.2.1', rooms: [room] });
      const cache = await cacheClientOf(momento, token);
      expect((await cache.listPushFront('chat', room, 'x')).type).toBe('Success');
      const other = await cache.listFetch('chat', 'another room');
      expect(other.type === 'Error' && other.errorCode()).toBe('PERMISSION_ERROR');
      cache.close();
    };
    for (const renewals of [1, 2, 3]) {
      const left = ring.expiresAt * 1000 - clock.now();
      // A key is used for a good part of its life, and not renewed with each token.
      clock.advance(left * 0.7);
      await vend();
      expect(saved).toHaveLength(renewals - 1);
      // It is renewed when 20 % of its life are left, as nothing is drawn here.
      clock.advance(left * 0.12);
      await vend();
      await vi.waitFor(() => expect(saved).toHaveLength(renewals), { timeout: 60_000 });
      await vend();
    }
    expect(new Set(saved.map(({ apiKey }) => apiKey)).size).toBe(saved.length);
    expect(clock.now()).toBeGreaterThan(first.expiresAt * 1000);
    expect(ring.expiresAt).toBe(saved.at(-1)?.expiresAt);
  });
});
