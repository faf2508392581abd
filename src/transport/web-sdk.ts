import { ChatError } from '../shared/errors.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { MomentoClients } from './client-types.js';

type WebSdk = typeof import('@gomomento/sdk-web');

/** The web SDK, loaded on first use: 205 KB gzipped that a page needs only for a room. */
async function loadSdk(): Promise<WebSdk> {
  const loaded: WebSdk & { default?: WebSdk } = await import('@gomomento/sdk-web');
  // A CommonJS package: some bundlers give its names to `import()`, others nothing but `default`.
  for (const sdk of [loaded, loaded.default]) if (sdk?.CredentialProvider !== undefined) return sdk;
  throw new TypeError('the module holds no CredentialProvider');
}

/** Begins to load the web SDK, so that it comes while the token does. Who connects hears of a failure. */
export function preloadSdk(): void {
  loadSdk().catch(() => {});
}

/** Makes clients of the web SDK. Rejects with a {@link ChatError} when the reason is not the token. */
export async function connectWithToken({ token, endpoint }: VendedToken): Promise<MomentoClients> {
  if (typeof XMLHttpRequest === 'undefined') {
    throw new ChatError(
      'invalid-argument',
      'unable to connect with a token here; @gomomento/sdk-web needs XMLHttpRequest, which Node and service workers ' +
        'have not: give the room `clients` of @gomomento/sdk, or use momento-chat/lite where your version has it',
    );
  }
  const sdk = await loadSdk().catch((cause: unknown) => {
    throw new ChatError('token-unavailable', 'unable to connect; @gomomento/sdk-web cannot be loaded', {
      cause,
    });
  });
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
