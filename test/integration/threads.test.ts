import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf } from '../support/chat.js';

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
  // Its XMLHttpRequest of jsdom takes longer than the SDK waits for a megabyte.
  ['@gomomento/sdk-web', rooms, () => ({ token: rootToken(momento) }), 100_000],
  ['@gomomento/sdk', rooms, () => ({ clients: nodeClients(momento) }), 1_000_000],
  ['fetch', liteRooms, () => ({ token: rootToken(momento) }), 1_000_000],
])('through %s', (_, opener, access, size) => {
  const open = (room: string, name: string) => opener.open({ room, user: { id: name, name }, ...access() });
  const counts = (...all: { messages: readonly { thread?: { replyCount: number } }[] }[]) =>
    all.map(({ messages }) => messages[0]?.thread?.replyCount);

  it('a thread brings replies to all who opened it, each counted once by everybody, late comers included', async () => {
    const name = crypto.randomUUID();
    const [ada, bob, cyd] = [open(name, 'ada'), open(name, 'bob'), open(name, 'cyd')];
    await Promise.all([ada.join(), bob.join(), cyd.join()]);
    const { id } = await ada.send('root');
    await vi.waitFor(() => expect(textsOf(cyd)).toEqual(['root']));
    const [ours, theirs] = [ada.thread(id), bob.thread(id)];
    await Promise.all([ours.open(), theirs.open()]);
    await ours.send('one');
    await theirs.send('two', { alsoInRoom: true });
    await vi.waitFor(() => {
      expect([...textsOf(ours)].sort()).toEqual(['one', 'two']);
      expect(textsOf(theirs)).toEqual(textsOf(ours));
      expect(counts(ada, bob, cyd)).toEqual([2, 2, 2]);
      expect(textsOf(cyd)).toEqual(['root', 'two']);
    });
    momento.faults.dropConnections();
    await ours.send('three');
    await vi.waitFor(() => expect(textsOf(theirs)).toContain('three'), { timeout: 15_000 });
    await vi.waitFor(
      async () => {
        const late = open(name, 'late');
        await late.join();
        const [count] = counts(late);
        await late.leave();
        expect(count).toBe(3);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(counts(ada, bob, cyd)).toEqual([3, 3, 3]);
  }, 40_000);

  it('a draft of a thread shows in the thread and never in the room', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    const inRoom: unknown[] = [];
    bob.on('typing', (users) => inRoom.push(users));
    await Promise.all([ada.join(), bob.join()]);
    const { id } = await ada.send('root');
    const [ours, theirs] = [ada.thread(id), bob.thread(id)];
    await Promise.all([ours.open(), theirs.open()]);
    await vi.waitFor(() => {
      ours.typing.keystroke();
      expect(theirs.typing.users.map((user) => user.name)).toEqual(['ada']);
    }, 10_000);
    expect(inRoom).toEqual([]);
    expect(bob.typing.users).toEqual([]);
  });

  it('files, search and the messages around a hit', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
    const ref = await ada.files.upload(new Blob([bytes], { type: 'image/png' }), { name: 'a.png' });
    await ada.send('', { files: [ref] });
    await ada.send('Übrigens');
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['a.png', 'Übrigens']));
    const [file] = bob.messages[0]?.files ?? [];
    expect(file).toEqual(ref);
    const copy = await bob.files.download(ref);
    expect(copy.type).toBe('image/png');
    expect(Buffer.compare(Buffer.from(await copy.arrayBuffer()), Buffer.from(bytes))).toBe(0);
    const hits: string[] = [];
    for await (const { id } of bob.search('ubrig')) hits.push(id);
    expect(hits).toEqual([bob.messages[1]?.id]);
    expect(textsOf({ messages: await bob.loadAround(hits[0] ?? '') })).toEqual(['a.png', 'Übrigens']);
  });
});

it.runIf(process.env.LARGE_FILES)('lite carries a file of 4 MB', async () => {
  const room = liteRooms.open({
    room: crypto.randomUUID(),
    token: rootToken(momento),
    maxFileBytes: 4_194_304,
  });
  await room.join();
  const ref = await room.files.upload(new Blob([new Uint8Array(4_194_304)]));
  expect((await room.files.download(ref)).size).toBe(4_194_304);
});
