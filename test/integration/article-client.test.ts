import { ChatRoom } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { Rooms, rootToken, textsOf, webClients } from '../support/chat.js';

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

interface Shown {
  username: string;
  message: string;
}

/** A program as Momento's article has it: one topic, one list, and entries `{ username, message }`. */
async function articleClient(room: string) {
  const { topics, cache } = webClients(momento);
  const live: Shown[] = [];
  const subscription = await topics.subscribe('chat', `${room}-chat`, {
    onItem: (item) => live.push(JSON.parse(item.valueString())),
    onError: () => {},
  });
  if (!('unsubscribe' in subscription)) throw new Error('unable to subscribe');
  return {
    live,
    async say(message: string) {
      const payload = JSON.stringify({ username: 'Seed', message });
      await topics.publish('chat', `${room}-chat`, payload);
      await cache.listPushFront('chat', room, payload);
    },
    /** The messages that its page shows after a reload, oldest first. */
    async reload(): Promise<Shown[]> {
      const list = await cache.listFetch('chat', room);
      const entries = 'valueListString' in list ? list.valueListString() : [];
      return entries.map((entry) => JSON.parse(entry)).reverse();
    },
    end: () => subscription.unsubscribe(),
  };
}

const plain = ({ username, message }: Shown) => `${username}: ${message}`;

describe.each([
  ['@gomomento/sdk-web', ChatRoom],
  ['lite', LiteRoom as unknown as typeof ChatRoom],
])('a client of the article beside rooms through %s', (_, Room) => {
  const rooms = new Rooms(Room);
  afterEach(() => rooms.leaveAll());
  const open = (room: string, name: string) =>
    rooms.open({ room, user: { id: name, name }, token: rootToken(momento) });
  const byText = (room: ChatRoom, text: string) => room.messages.find((message) => message.text === text);
  const waits = { timeout: 10_000, interval: 20 };

  it('sees the messages and nothing else, while everything that a room can do is done', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    const article = await articleClient(name);
    for (const room of [ada, bob])
      for (const event of ['typing', 'read', 'pins'] as const) room.on(event, () => {});
    const first = await ada.send('first');
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['first']), waits);
    ada.typing.keystroke();
    await Promise.all([ada.presence.enter({ mood: 'fine' }), bob.presence.enter()]);
    await bob.react(first.id, '👍');
    await bob.read.mark();
    await bob.signal('dice', { pips: 4 });
    await ada.pin(first.id);
    await bob.thread(first.id).send('a reply in the thread');
    await ada.edit(first.id, 'first, edited');
    const file = await ada.files.upload(new Blob(['bytes']), { name: 'a.txt' });
    await ada.send('second', { files: [file], mentions: ['bob'], meta: { a: 1 } });
    await bob.send('third', { replyTo: first.id });
    const gone = await bob.send('gone soon');
    await bob.delete(gone.id);
    await vi.waitFor(() => expect(article.live).toHaveLength(4), waits);
    expect(article.live.map(plain).sort()).toEqual(
      ['ada: first', 'ada: second', 'bob: gone soon', 'bob: third'].sort(),
    );
    // A client that joins later and reads everything puts nothing else there either.
    const late = open(name, 'late');
    await late.join();
    expect(textsOf(late)).toEqual(['first, edited', 'second', 'third']);
    await vi.waitFor(
      async () =>
        expect((await article.reload()).map(plain)).toEqual(['ada: first', 'ada: second', 'bob: third']),
      waits,
    );
    expect(article.live).toHaveLength(4);
    article.end();
  }, 30_000);

  it('has its messages reacted to, quoted, pinned, answered in a thread and deleted, also for who joins later', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    for (const room of [ada, bob]) room.on('pins', () => {});
    await Promise.all([ada.join(), bob.join()]);
    const article = await articleClient(name);
    await article.say('from the article');
    await article.say('to be deleted');
    await vi.waitFor(() => {
      for (const room of [ada, bob]) expect(textsOf(room)).toEqual(['from the article', 'to be deleted']);
    }, waits);
    // All know it by the same id, be it from the topic or from the list.
    const late = open(name, 'late');
    late.on('pins', () => {});
    await late.join();
    const id = byText(ada, 'from the article')?.id ?? '';
    const other = byText(ada, 'to be deleted')?.id ?? '';
    for (const room of [bob, late]) expect(room.messages.map((message) => message.id)).toEqual([id, other]);
    await ada.react(id, '👍');
    await bob.react(other, '👎');
    await bob.send('quoting', { replyTo: id });
    await ada.pin(id);
    await bob.thread(id).send('in the thread');
    await expect(ada.edit(id, 'changed')).rejects.toMatchObject({ code: 'permission-denied' });
    await ada.delete(other);
    const all = [ada, bob, late, open(name, 'later')];
    all[3]?.on('pins', () => {});
    await all[3]?.join();
    await vi.waitFor(() => {
      for (const room of all) {
        const shown = room.messages.find((message) => message.id === id);
        expect(shown?.text).toBe('from the article');
        expect(shown?.reactions.map(({ emoji, users }) => [emoji, users])).toEqual([['👍', ['ada']]]);
        expect(shown?.thread?.replyCount).toBe(1);
        expect(byText(room, 'quoting')?.replyTo).toMatchObject({
          id,
          text: 'from the article',
          state: 'sent',
        });
        expect(room.pinned.map((message) => message.id)).toEqual([id]);
        const deleted = room.messages.find((message) => message.id === other);
        expect(deleted?.text ?? '').toBe('');
        expect(deleted?.reactions ?? []).toEqual([]);
      }
    }, waits);
    expect((await article.reload()).map(plain)).toEqual(['Seed: from the article', 'bob: quoting']);
    expect(article.live.map(plain)).toEqual([
      'Seed: from the article',
      'Seed: to be deleted',
      'bob: quoting',
    ]);
    article.end();
  }, 30_000);
});
