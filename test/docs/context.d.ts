/**
 * The names that fragments of the pages take for granted. A fragment is a module of its own, so it may declare any of them
 * again. `running.ts` gives them values.
 */
import type { CacheClient, TopicClient } from '@gomomento/sdk-web';
import type * as Chat from 'momento-chat';
import type { LocalMomento } from 'momento-chat/local';
import type { TokenVendor, TokenVendorOptions } from 'momento-chat/server';
import type * as Storage from 'momento-chat/storage';

declare global {
  const ChatRoom: typeof Chat.ChatRoom;
  const ChatSession: typeof Chat.ChatSession;
  const ChatError: typeof Chat.ChatError;
  type ChatRoom = Chat.ChatRoom;
  type ChatSession = Chat.ChatSession;
  type ChatError = Chat.ChatError;
  type TokenSource = Chat.TokenSource;

  /** Joined. */
  const room: Chat.ChatRoom;
  const user: Chat.ChatUser;
  const session: Chat.ChatSession;
  const storage: Storage.ChatStorage;
  const indexedDb: typeof Storage.indexedDb;
  /** Own, sent and in `room`. */
  const message: Chat.Message;
  const file: Chat.FileRef;
  const blob: Blob;
  const input: HTMLInputElement;
  const list: HTMLElement;
  /** Ids of the users who may delete what others wrote. */
  const moderators: ReadonlySet<string | undefined>;
  /** Puts something on the page. */
  function show(...what: unknown[]): void;
  /** Makes an element that shows something. */
  function chip(...what: unknown[]): HTMLElement;

  const momento: LocalMomento;
  const vendor: TokenVendor;
  const auth: TokenVendorOptions['auth'];
  const authorize: NonNullable<TokenVendorOptions['authorize']>;
  const topicClient: TopicClient;
  const cacheClient: CacheClient;
}
