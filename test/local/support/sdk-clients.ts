import { createRequire } from 'node:module';
import * as node from '@gomomento/sdk';
import * as web from '@gomomento/sdk-web';
import type { LocalMomento } from '../../../src/local/index.js';

/** The calls that both official SDKs offer alike. */
export type CacheClient = Pick<web.CacheClient, keyof web.CacheClient>;
export type TopicClient = Pick<web.TopicClient, 'publish' | 'subscribe'>;
export type WebhookCalls = Pick<web.TopicClient, 'listWebhooks'>;
export type AuthClient = Pick<web.AuthClient, 'generateDisposableToken' | 'generateApiKey' | 'refreshApiKey'>;

export interface Clients {
  cache: CacheClient;
  topics: TopicClient;
  auth: AuthClient;
  webhooks: WebhookCalls;
  /** The SDK's own objects: it tells its scopes and its idea of all caches by identity. */
  scopes: {
    allDataReadWrite: web.PermissionScope;
    superUser: web.PermissionScope;
    allCaches: typeof web.AllCaches;
    allTopics: typeof web.AllTopics;
  };
  close(): void;
}

export type Sdk = '@gomomento/sdk' | '@gomomento/sdk-web';
export const SDKS: readonly Sdk[] = ['@gomomento/sdk', '@gomomento/sdk-web'];

/**
 * Clients of that SDK for the local Momento, with `token` (default: its own API key) as credential. Those of sdk-web
 * need the browser's globals, see `installBrowserGlobals`.
 */
export async function clientsOf(sdk: Sdk, momento: LocalMomento, token = momento.apiKey): Promise<Clients> {
  return sdk === '@gomomento/sdk' ? nodeClients(momento, token) : webClients(momento, token);
}

async function nodeClients(momento: LocalMomento, token: string): Promise<Clients> {
  const endpoint = `127.0.0.1:${momento.port}`;
  const credentialProvider = node.CredentialProvider.fromDisposableToken({
    authToken: token,
    endpointOverrides: {
      cacheEndpoint: endpoint,
      controlEndpoint: endpoint,
      tokenEndpoint: endpoint,
      secureConnection: false,
    },
  });
  const cache = await node.CacheClient.create({
    credentialProvider,
    configuration: node.Configurations.Laptop.v1(),
    defaultTtlSeconds: 60,
  });
  const topics = new node.TopicClient({
    credentialProvider,
    configuration: node.TopicConfigurations.Default.latest(),
  });
  const auth = new node.AuthClient({
    credentialProvider,
    configuration: node.AuthClientConfigurations.Default.latest(),
  });
  return {
    cache: cache as unknown as CacheClient,
    topics: topics as unknown as TopicClient,
    auth: auth as unknown as AuthClient,
    webhooks: topics as unknown as WebhookCalls,
    scopes: scopesOf('@gomomento/sdk', node as unknown as SdkScopes),
    close: () => cache.close(),
  };
}

function webClients(momento: LocalMomento, token: string): Clients {
  const credentialProvider = web.CredentialProvider.fromDisposableToken({
    authToken: token,
    endpointOverrides: {
      cacheEndpoint: momento.url,
      controlEndpoint: momento.url,
      tokenEndpoint: momento.url,
    },
  });
  const topics = new web.TopicClient({
    credentialProvider,
    configuration: web.TopicConfigurations.Default.latest(),
  });
  return {
    cache: new web.CacheClient({
      credentialProvider,
      configuration: web.Configurations.Laptop.v1(),
      defaultTtlSeconds: 60,
    }),
    topics,
    webhooks: topics,
    scopes: scopesOf('@gomomento/sdk-web', web),
    auth: new web.AuthClient({ credentialProvider }),
    close: () => {},
  };
}

type SdkScopes = Pick<typeof web, 'AllDataReadWrite' | 'AllCaches' | 'AllTopics'>;

/** Super-user permissions are not public: they come from the copy of the core package that the SDK itself uses. */
function scopesOf(sdk: Sdk, own: SdkScopes): Clients['scopes'] {
  const core = createRequire(createRequire(import.meta.url).resolve(sdk));
  const { InternalSuperUserPermissions } = core('@gomomento/sdk-core/dist/src/internal/utils/auth.js') as {
    InternalSuperUserPermissions: new () => web.PermissionScope;
  };
  return {
    allDataReadWrite: own.AllDataReadWrite,
    superUser: new InternalSuperUserPermissions(),
    allCaches: own.AllCaches,
    allTopics: own.AllTopics,
  };
}
