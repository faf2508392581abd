import type { Scheduler } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { loadOnce } from '../shared/load-once.js';
import { loadPart } from '../shared/load-part.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { MomentoClients } from './client-types.js';
import { renewingSdkTransport } from './sdk-transport.js';
import type { Transport } from './transport.js';

type WebSdk = typeof import('@gomomento/sdk-web');

/**
 * The web SDK, loaded on first use: 205 KB gzipped that a page needs only for a room. A CommonJS package: some bundlers give
 * its names to `import()`, others nothing but `default`.
 */
const loadSdk = /* @__PURE__ */ loadOnce<WebSdk>(() =>
  loadPart('connect', () => import('@gomomento/sdk-web'), 'CredentialProvider'),
);

/** Sends what is too large for the SDK. */
const loadFetchTransport = /* @__PURE__ */ loadOnce(() =>
  loadPart('connect', () => import('./fetch-transport.js'), 'fetchTransport'),
);

/** Begins to load the web SDK, so that it comes while the token does. If that fails, connecting rejects. */
export function preloadSdk(): void {
  loadSdk().catch(() => {});
}

/** Makes a transport over the web SDK that speaks with a token. Rejects with a {@link ChatError}. */
export async function connectWithToken(vended: VendedToken, scheduler: Scheduler): Promise<Transport> {
  if (typeof XMLHttpRequest === 'undefined') {
    throw unable(
      'invalid-argument',
      'connect with a token here',
      '@gomomento/sdk-web needs XMLHttpRequest, which Node and service workers ' +
        'have not: import from momento-chat/lite, which needs only fetch, or give the room `clients` of @gomomento/sdk',
    );
  }
  const sdk = await loadSdk().catch((cause: unknown) => {
    throw unable('token-unavailable', 'connect', '@gomomento/sdk-web cannot be loaded', {
      cause,
    });
  });
  try {
    const bySdk = renewingSdkTransport(() => newClients(sdk, vended), scheduler);
    return {
      subscribe: (...how) => bySdk.subscribe(...how),
      call: (...how) =>
        bySdk.call(...how).catch(async (error: ChatError) => {
          if (!(error.cause instanceof RangeError)) throw error;
          const { fetchTransport } = await loadFetchTransport();
          return fetchTransport(vended).call(...how);
        }),
    };
  } catch {
    // The cause may quote the token; what it means is said without it.
    throw unable('token-unavailable', 'use the token', 'the SDK cannot read it');
  }
}

/** Makes clients of the web SDK; for comparisons with it. */
export async function clientsWithToken(vended: VendedToken): Promise<MomentoClients> {
  return newClients(await loadSdk(), vended);
}

function newClients(sdk: WebSdk, { token, endpoint }: VendedToken): MomentoClients {
  const credentialProvider = sdk.CredentialProvider.fromDisposableToken({
    authToken: token,
    ...(endpoint === undefined
      ? {}
      : {
          endpointOverrides: { cacheEndpoint: endpoint, controlEndpoint: endpoint, tokenEndpoint: endpoint },
        }),
  });
  const loggerFactory = new sdk.NoopMomentoLoggerFactory();
  return {
    topics: new sdk.TopicClient({
      configuration: sdk.TopicConfigurations.Default.latest(loggerFactory),
      credentialProvider,
    }),
    cache: new sdk.CacheClient({
      configuration: sdk.Configurations.Browser.latest(loggerFactory),
      credentialProvider,
      defaultTtlSeconds: 86_400,
    }),
  };
}
