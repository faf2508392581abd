import * as web from '@gomomento/sdk-web';
import type { VendedToken } from 'momento-chat';
import type { Participant } from '../../test/soak/fault-run.js';

/** Options that the article leaves out and a team adds after the first complaints. */
export interface ArticleRoomOptions {
  room: string;
  name: string;
  token: () => Promise<VendedToken>;
  /** Sends again what failed, up to five times, and loads the history anew after each new subscription. */
  patched: boolean;
}

/**
 * A chat room as Momento's article "Introducing the Momento Web SDK" builds one, written from its description on the
 * bare SDK: subscribe, show each item, publish, push onto the list. The one thing added is that a subscription that
 * ends with an error is begun anew a second later with a new token, without which no run would survive its first
 * expired token.
 */
export class ArticleRoom implements Participant {
  readonly name: string;
  readonly #options: ArticleRoomOptions;
  readonly #listeners: ((text: string) => void)[] = [];
  #messages: { username: string; message: string }[] = [];
  #topics: web.TopicClient | undefined;
  #cache: web.CacheClient | undefined;
  #subscription: { unsubscribe(): void } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #joined = false;

  constructor(options: ArticleRoomOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get connected(): boolean {
    return this.#subscription !== undefined;
  }

  async join(): Promise<void> {
    this.#joined = true;
    await this.#connect();
    await this.#load();
    await this.#subscribe();
  }

  async send(text: string): Promise<void> {
    const payload = JSON.stringify({ username: this.name, message: text });
    const { room } = this.#options;
    await this.#attempt(async () => this.#topics?.publish('chat', `${room}-chat`, payload));
    await this.#attempt(async () => this.#cache?.listPushFront('chat', room, payload));
  }

  async shown(): Promise<readonly string[]> {
    return this.#messages.map(({ message }) => message);
  }

  watch(listener: (text: string) => void): void {
    this.#listeners.push(listener);
  }

  async comeAgain(): Promise<void> {
    await this.leave();
    this.#joined = true;
    await this.#resubscribe(true);
  }

  async leave(): Promise<void> {
    this.#joined = false;
    clearTimeout(this.#retry);
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  async #connect(): Promise<void> {
    const { token, endpoint = '' } = await this.#options.token();
    const credentialProvider = web.CredentialProvider.fromDisposableToken({
      authToken: token,
      endpointOverrides: { cacheEndpoint: endpoint, controlEndpoint: endpoint, tokenEndpoint: endpoint },
    });
    const logger = new web.NoopMomentoLoggerFactory();
    this.#topics = new web.TopicClient({
      credentialProvider,
      configuration: web.TopicConfigurations.Default.latest(logger),
    });
    this.#cache = new web.CacheClient({
      credentialProvider,
      configuration: web.Configurations.Browser.latest(logger),
      defaultTtlSeconds: 86_400,
    });
  }

  async #load(): Promise<void> {
    const list = await this.#cache?.listFetch('chat', this.#options.room);
    if (list?.type === 'Error') throw new Error(list.message());
    const payloads = list?.type === 'Hit' ? list.valueListString() : [];
    this.#messages = payloads.reverse().map((payload) => JSON.parse(payload));
  }

  async #subscribe(): Promise<void> {
    const response = await this.#topics?.subscribe('chat', `${this.#options.room}-chat`, {
      onItem: (item) => {
        const message = JSON.parse(item.valueString());
        this.#messages.push(message);
        for (const listener of this.#listeners) listener(message.message);
      },
      onError: () => {
        this.#subscription = undefined;
        this.#resubscribeSoon();
      },
    });
    if (response === undefined || !('unsubscribe' in response)) throw new Error('no subscription');
    this.#subscription = response;
  }

  #resubscribeSoon(): void {
    clearTimeout(this.#retry);
    if (this.#joined) this.#retry = setTimeout(() => void this.#resubscribe(this.#options.patched), 1000);
  }

  async #resubscribe(load: boolean): Promise<void> {
    try {
      await this.#connect();
      await this.#subscribe();
      if (load) await this.#load();
    } catch {
      this.#subscription?.unsubscribe();
      this.#subscription = undefined;
      this.#resubscribeSoon();
    }
  }

  async #attempt(call: () => Promise<{ type: string } | undefined>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await call();
      if (response?.type === 'Success') return;
      if (!this.#options.patched || attempt >= 5) throw new Error('not sent');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
