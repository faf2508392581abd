import {
  type ChatError,
  ChatRoom,
  ChatSession,
  type ChatSessionOptions,
  type RoomSummary,
  type TokenRequest,
  type VendedToken,
} from 'momento-chat';
import * as lite from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, defaultScope } from 'momento-chat/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../server/support.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { Rooms, webClients } from '../support/chat.js';

const WAIT = { timeout: 15_000, interval: 20 };

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'], limits: { subscriptions: 200 } });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

describe.each([
  ['@gomomento/sdk-web', { ChatRoom, ChatSession }],
  ['fetch', lite as unknown as { ChatRoom: typeof ChatRoom; ChatSession: typeof ChatSession }],
])('the directory of rooms over %s', (_, entry) => {
  const rooms = new Rooms(entry.ChatRoom);
  const sessions: ChatSession[] = [];

  afterEach(async () => {
    await Promise.all(sessions.map((session) => session.rooms.close()));
    await rooms.leaveAll();
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  /** A real vendor behind HTTP: what it grants by default is enough. */
  async function startVendor(scope?: Parameters<typeof createTokenVendor>[0]['scope']) {
    const vendor = createTokenVendor({
      auth: { apiKey: momento.apiKey, endpoint: momento.url },
      authenticate: (request) => ({ userId: request.headers.get('x-user') ?? 'nobody' }),
      authorize: (_user, names) => (names.includes('secret') ? null : { rooms: names, role: 'member' }),
      mintLimit: { perSecond: 100, timeoutSeconds: 30 },
      ...(scope === undefined ? {} : { scope }),
    });
    const { url, close } = await serve(vendor);
    onTestFinished(close);
    return async (userId: string, names: readonly string[]): Promise<VendedToken> => {
      const query = new URLSearchParams(names.map((name) => ['room', name]));
      const response = await fetch(`${url}/token?${query}`, { headers: { 'x-user': userId } });
      if (response.status === 403) throw new lite.ChatError('permission-denied', 'unable to get a token; no');
      if (!response.ok) throw new Error(`the vendor answered ${response.status}`);
      return (await response.json()) as VendedToken;
    };
  }

  function page(
    vendor: Awaited<ReturnType<typeof startVendor>>,
    userId: string,
    options: Partial<ChatSessionOptions> = {},
  ) {
    const session = new entry.ChatSession({
      token: ({ rooms: names }: TokenRequest) => vendor(userId, names),
      ...options,
    });
    sessions.push(session);
    const errors: ChatError[] = [];
    session.on('error', (error) => errors.push(error));
    const room = (name: string) => rooms.open({ room: name, user: { id: userId, name: userId }, session });
    return { session, errors, room };
  }

  const summary = (session: ChatSession, name: string): RoomSummary | undefined =>
    session.rooms.list.find((room) => room.name === name);

  it('fifty rooms on tokens of the default scope: listed once, by activity, with what is unread and said', {
    timeout: 60_000,
  }, async () => {
    const directory = crypto.randomUUID();
    const names = Array.from({ length: 50 }, (_unused, index) => `${directory}-${index}`);
    const vendor = await startVendor();
    const [ada, bob] = [page(vendor, 'ada', { directory }), page(vendor, 'bob', { directory })];
    await bob.session.rooms.open();
    for (const name of names) await ada.session.rooms.create(name, { title: `Room ${name}` });
    await vi.waitFor(
      () => expect(bob.session.rooms.list.map(({ name }) => name)).toEqual([...names].reverse()),
      WAIT,
    );
    const [third, last] = [names[3] ?? '', names[49] ?? ''];
    const [here, there] = [ada.room(third), bob.room(third)];
    await Promise.all([here.join(), there.join()]);
    await here.send('seen');
    await vi.waitFor(() => expect(there.messages).toHaveLength(1), WAIT);
    await there.read.mark();
    await there.leave();
    await here.send('one');
    await here.send('two', { mentions: ['bob'] });
    await vi.waitFor(() => {
      expect(bob.session.rooms.list).toHaveLength(50);
      expect(bob.session.rooms.list[0]).toMatchObject({
        name: third,
        title: `Room ${third}`,
        unread: 2,
        mentions: 1,
        lastMessage: { text: 'two', user: { id: 'ada' } },
      });
      expect(bob.session.rooms.list[1]?.name).toBe(last);
    }, WAIT);
    // A user who opens it now sees the same.
    const eve = page(vendor, 'eve', { directory });
    await eve.session.rooms.open();
    expect(eve.session.rooms.list.map(({ name }) => name)).toEqual(
      bob.session.rooms.list.map(({ name }) => name),
    );
    expect([...ada.errors, ...bob.errors, ...eve.errors]).toEqual([]);
  });

  it('a room that is created and written to in either order is listed once and on top', async () => {
    const directory = crypto.randomUUID();
    const [first, second] = [`${directory}-1`, `${directory}-2`];
    const vendor = await startVendor();
    const [ada, bob] = [page(vendor, 'ada', { directory }), page(vendor, 'bob', { directory })];
    await bob.session.rooms.open();
    const [one, two] = [ada.room(first), ada.room(second)];
    await Promise.all([one.join(), two.join()]);
    await bob.session.rooms.create(first);
    await one.send('after');
    await vi.waitFor(() => expect(summary(bob.session, first)?.lastMessage?.text).toBe('after'), WAIT);
    await two.send('before');
    await bob.session.rooms.create(second, { title: 'Second' });
    await vi.waitFor(() => {
      expect(bob.session.rooms.list.map(({ name, title }) => [name, title])).toEqual([
        [second, 'Second'],
        [first, undefined],
      ]);
      expect(summary(bob.session, second)?.lastMessage?.text).toBe('before');
    }, WAIT);
  });

  it('outlives a lost connection, and shows a room without its content where the token may not read it', async () => {
    const directory = crypto.randomUUID();
    const vendor = await startVendor();
    const [ada, bob] = [page(vendor, 'ada', { directory }), page(vendor, 'bob', { directory })];
    await bob.session.rooms.open();
    momento.faults.dropConnections();
    await vi.waitFor(() => ada.session.rooms.create('secret'), WAIT);
    await vi.waitFor(() => ada.session.rooms.create(`${directory}-x`), WAIT);
    await vi.waitFor(
      () => expect(bob.session.rooms.list.map(({ name }) => name)).toEqual([`${directory}-x`, 'secret']),
      WAIT,
    );
    expect(summary(bob.session, 'secret')).toMatchObject({ unread: 0 });
    expect(summary(bob.session, 'secret')?.lastMessage).toBeUndefined();
  });

  it("sees the companion app's rooms and shows it its own, with a scope that allows it", async () => {
    const directory = crypto.randomUUID();
    const companion = { set: `${directory}-names`, topic: `${directory}-room-created` };
    const vendor = await startVendor((grant) => ({
      permissions: [
        ...(defaultScope(grant, 'chat').permissions ?? []),
        { role: 'publishsubscribe', cache: 'chat', topic: companion.topic },
        { role: 'readwrite', cache: 'chat', item: { key: companion.set } },
      ],
    }));
    // As the companion app does it, with the SDK.
    const app = webClients(momento);
    await app.cache.setAddElement('chat', companion.set, 'theirs');
    const heard: unknown[] = [];
    const stream = await app.topics.subscribe('chat', companion.topic, {
      onItem: (item) => heard.push(item.value()),
    });
    const options = { directory, companion, roomsPerToken: 4 };
    const ada = page(vendor, 'ada', options);
    await ada.session.rooms.open();
    expect(ada.session.rooms.list.map(({ name }) => name)).toEqual(['theirs']);
    await ada.session.rooms.create('ours');
    await vi.waitFor(() => expect(heard).toEqual(['ours']), WAIT);
    const answer = (await app.cache.setFetch('chat', companion.set)) as unknown as {
      valueSetString(): Set<string>;
    };
    expect(answer.valueSetString()).toEqual(new Set(['theirs', 'ours']));
    await vi.waitFor(async () => {
      await app.topics.publish('chat', companion.topic, 'new of theirs');
      expect(ada.session.rooms.list.map(({ name }) => name)).toEqual(['new of theirs', 'ours', 'theirs']);
    }, WAIT);
    // Later versions of the app announce a room as JSON. A value that is no name is passed over.
    await vi.waitFor(async () => {
      for (const value of ['{"name":"as JSON"}', '{"name":7}', '{broken'])
        await app.topics.publish('chat', companion.topic, value);
      expect(ada.session.rooms.list.map(({ name }) => name)[0]).toBe('as JSON');
    }, WAIT);
    const names = ada.session.rooms.list.map(({ name }) => name);
    expect(['as JSON', 'new of theirs', 'ours', 'theirs']).toEqual(expect.arrayContaining(names));
    expect(ada.errors).toEqual([]);
    if ('unsubscribe' in stream) stream.unsubscribe();
  });
});
