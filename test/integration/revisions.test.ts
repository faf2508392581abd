import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf } from '../support/chat.js';

const WAIT = { timeout: 10_000, interval: 20 };
let momento: LocalMomento;
let uninstall: () => void;
const rooms = new Rooms();
const liteRooms = new Rooms(LiteRoom);

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterEach(() => Promise.all([rooms.leaveAll(), liteRooms.leaveAll()]));
afterAll(async () => {
  await momento.close();
  uninstall();
});

describe.each([
  ['@gomomento/sdk-web', rooms, () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk', rooms, () => ({ clients: nodeClients(momento) })],
  ['fetch (momento-chat/lite)', liteRooms, () => ({ token: rootToken(momento) })],
])('edits and deletions through %s', (_, through, access) => {
  const open = (room: string, id: string) => through.open({ room, user: { id, name: id }, ...access() });

  it('a message that was edited three times shows its third text at first sight, when one pages back to it', async () => {
    const name = crypto.randomUUID();
    const ada = open(name, 'ada');
    await ada.join();
    const first = await ada.send('zero', { meta: { kept: true } });
    for (let index = 0; index < 119; index += 1) await ada.send(`${index}`);
    const late = open(name, 'late');
    await late.join();
    const seen: string[] = [];
    late.on('history', (page) => {
      for (const { id, text } of page) if (id === first.id) seen.push(text);
    });
    late.on('update', ({ id, text }) => id === first.id && seen.push(text));
    const edits = (async () => {
      for (const text of ['one', 'two', 'three']) await ada.edit(first.id, text);
    })();
    await late.loadOlder();
    await edits;
    await late.loadOlder();
    expect(late.messages[0]).toMatchObject({ text: 'three', meta: { kept: true } });
    expect(seen).toEqual(['three']);
  });

  it('an edit of the text alone keeps meta, files, reply link, and the reactions that arrived meanwhile', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    const first = await bob.send('first');
    await vi.waitFor(() => expect(textsOf(ada)).toEqual(['first']), WAIT);
    const file = await ada.files.upload(new Blob(['text']), { name: 'a.txt' });
    const { id } = await ada.send('one', { meta: { kept: true }, files: [file], replyTo: first.id });
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['first', 'one']), WAIT);
    await Promise.all([ada.edit(id, 'two'), bob.react(id, '👍')]);
    const reader = open(name, 'reader');
    await reader.join();
    for (const room of [ada, bob, reader])
      await vi.waitFor(() => {
        expect(room.messages[1]).toMatchObject({
          text: 'two',
          meta: { kept: true },
          files: [file],
          replyTo: { id: first.id, text: 'first' },
          reactions: [{ emoji: '👍', users: ['bob'] }],
        });
      }, WAIT);
  });

  it('an edit that arrives after the deletion leaves a tombstone, and its text nowhere', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    const { id } = await ada.send('secret one');
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['secret one']), WAIT);
    const topic = `${name}:events`;
    const restore = momento.faults.losePublishes(1, { topic, numbered: false });
    await ada.edit(id, 'secret two');
    restore();
    const { cache, topics } = nodeClients(momento);
    const dictionary = `${name}:revisions`;
    const late = await cache.dictionaryGetField('chat', dictionary, id);
    await bob.pin(id);
    await bob.send('reply', { replyTo: id });
    await bob.delete(id);
    await topics.publish('chat', topic, late.value() ?? '');
    await ada.signal('after', {});
    const reader = open(name, 'reader');
    await reader.join();
    await vi.waitFor(() => {
      for (const room of [ada, bob]) {
        const message = room.messages.find((one) => one.id === id);
        expect(message).toMatchObject({ text: '', deletedBy: 'bob' });
      }
      expect(reader.messages.map(({ replyTo }) => replyTo?.state)).toEqual(['deleted']);
    }, WAIT);
    for (const room of [ada, bob, reader])
      for await (const hit of room.search('secret')) expect.unreachable(hit.id);
    const list = await cache.listFetch('chat', name);
    const fields = await cache.dictionaryFetch('chat', dictionary);
    const everything = JSON.stringify([
      [ada, bob, reader].map(({ messages, pinned }) => [messages, pinned]),
      list.value(),
      fields.value(),
    ]);
    expect(late.value()).toContain('secret two');
    expect(everything).not.toContain('secret');
  });
});
