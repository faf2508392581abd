import { afterEach, describe, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/pins.js';
import '../../src/features/revision-writer.js';
import '../../src/features/signals.js';
import { fold } from '../../src/features/message-search.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { listPushFront, listRemoveValue } from '../../src/transport/operations/lists.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
afterEach(() => world.end());

const textsOf = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

async function collect(results: AsyncIterable<{ text: string }>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of results) texts.push(text);
  return texts;
}

/** A room whose list was filled by somebody else, `texts` oldest first; ids are those of the hybrid clock. */
async function filled(texts: readonly string[], user = { name: 'ada' }): Promise<ChatRoom> {
  world = inProcessWorld();
  const transport = world.transport();
  for (const [index, text] of texts.entries()) {
    const id = `${(1_600_000_000_000 + index).toString(16).padStart(12, '0')}`;
    const payload = {
      v: 1,
      id: `${id.slice(0, 8)}-${id.slice(8)}-7000-8000-000000000000`,
      username: 'bob',
      userId: 'bob',
      message: text,
    };
    await transport.call(listPushFront, {
      cache: 'chat',
      list: 'lobby',
      value: JSON.stringify(payload),
      ttlSeconds: 3600,
    });
  }
  const room = world.room({ room: 'lobby', user });
  await world.join(room);
  return room;
}

describe('search', () => {
  it('finds what is stored beyond memory, newest first, whatever its case and accents', async () => {
    const texts = Array.from({ length: 700 }, (_, index) => `message ${index}`);
    texts[3] = 'The Café';
    texts[650] = 'another CAFE\u0301';
    const room = await filled(texts);
    const hits = room.search(' cafe ');
    expect(await world.result(collect(hits))).toEqual([texts[650], texts[3]]);
    expect(hits.reachedEnd).toBe(true);
    expect(hits.reached?.getTime()).toBe(1_600_000_000_000);
    expect(room.messages.length).toBe(50);
  });

  it('reads no further than it is asked to, and says how far it looked', async () => {
    const room = await filled(Array.from({ length: 700 }, (_, index) => `message ${index}`));
    const before = world.calls.ListFetch ?? 0;
    const hits = room.search('message');
    const iterator = hits[Symbol.asyncIterator]();
    const first = await world.result(iterator.next());
    expect(first.value).toMatchObject({ text: 'message 699' });
    await iterator.return?.();
    expect((world.calls.ListFetch ?? 0) - before).toBe(1);
    expect(hits.reachedEnd).toBe(false);
  });

  it('misses nothing and gives nothing twice while others add and remove', async () => {
    const room = await filled(Array.from({ length: 600 }, (_, index) => `message ${index}`));
    const transport = world.transport();
    const found: string[] = [];
    const searching = (async () => {
      for await (const { text } of room.search('message')) {
        found.push(text);
        if (found.length % 150 !== 0) continue;
        const [newest] = world.list('lobby');
        for (const value of world.list('lobby').slice(0, 40))
          await transport.call(listRemoveValue, { cache: 'chat', list: 'lobby', value });
        await transport.call(listPushFront, {
          cache: 'chat',
          list: 'lobby',
          value: newest ?? '',
          ttlSeconds: 3600,
        });
      }
    })();
    await world.result(searching);
    expect(new Set(found).size).toBe(found.length);
    expect(found.slice(-300)).toEqual(Array.from({ length: 300 }, (_, index) => `message ${299 - index}`));
  });

  it.each(['deleted', 'hidden', 'edited'])(
    'gives no text of a message that was %s since it was read',
    async (how) => {
      world = inProcessWorld();
      const open = (id: string) => world.room({ room: 'lobby', user: { id, name: id } });
      const [ada, bob] = [open('ada'), open('bob')];
      await world.join(ada, bob);
      const { id } = await world.result(ada.send('secret one'));
      await world.result(ada.send('secret two'));
      await world.run(2000);
      const hits = bob.search('secret')[Symbol.asyncIterator]();
      expect((await world.result(hits.next())).value?.text).toBe('secret two');
      if (how === 'deleted') await world.result(ada.delete(id));
      else if (how === 'edited') await world.result(ada.edit(id, 'nothing'));
      else bob.hide('ada');
      await world.run(2000);
      expect((await world.result(hits.next())).value).toBeUndefined();
    },
  );

  it('ends when it is cancelled, and refuses to look for nothing', async () => {
    const room = await filled(['one', 'one more']);
    const cancel = new AbortController();
    cancel.abort();
    await expect(world.result(collect(room.search('one', { signal: cancel.signal })))).rejects.toMatchObject({
      code: 'closed',
    });
    const midway = new AbortController();
    const found: string[] = [];
    const search = room.search('one', { signal: midway.signal });
    const searching = (async () => {
      for await (const { text } of search) {
        found.push(text);
        midway.abort();
      }
    })();
    await expect(world.result(searching)).rejects.toMatchObject({ code: 'closed' });
    expect(found).toHaveLength(1);
    expect(search.reachedEnd).toBe(false);
    await expect(world.result(collect(room.search(' ')))).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('ends at once when it is cancelled while the connection is lost', async () => {
    const room = await filled(['one', 'one more']);
    const { link } = world.clientOf(room);
    link.connected = false;
    link.cut('told');
    const cancel = new AbortController();
    const searching = collect(room.search('one', { signal: cancel.signal }));
    let code: unknown;
    searching.catch((problem) => {
      code = problem.code;
    });
    await world.run(1000);
    cancel.abort();
    await world.run(100);
    expect(code).toBe('closed');
    const { ListFetch: reads } = link.calls;
    await world.run(30_000);
    expect(link.calls.ListFetch).toBe(reads);
  });

  it.each([
    ['Straße', 'STRASSE'],
    ['ﬁle', 'FILE'],
    ['Ελλάς', 'ΕΛΛΑΣ'],
    ['naïve', 'NAIVE'],
  ])('takes %s for %s', (text, other) => {
    expect(fold(text)).toBe(fold(other));
  });
});

describe('loadAround', () => {
  it('gives the messages around one, oldest first, and adds none to memory', async () => {
    const room = await filled(Array.from({ length: 700 }, (_, index) => `message ${index}`));
    const hits = room.search('message 100');
    const { value } = await world.result(hits[Symbol.asyncIterator]().next());
    const around = await world.result(room.loadAround(value?.id ?? '', 5));
    expect(textsOf(around)).toEqual([98, 99, 100, 101, 102].map((index) => `message ${index}`));
    expect(room.messages.length).toBe(50);
  });

  it('gives as many as there are at both ends, and none of what is gone', async () => {
    const room = await filled(['0', '1', '2', '3', '4']);
    const id = (index: number) => room.messages[index]?.id ?? '';
    expect(textsOf(await world.result(room.loadAround(id(0), 3)))).toEqual(['0', '1', '2']);
    expect(textsOf(await world.result(room.loadAround(id(4), 3)))).toEqual(['2', '3', '4']);
    expect(textsOf(await world.result(room.loadAround(id(2))))).toEqual(['0', '1', '2', '3', '4']);
    const gone = '0174876e-8000-7000-8000-00000000ffff';
    expect(await world.result(room.loadAround(gone))).toEqual([]);
    await expect(room.loadAround('x')).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(room.loadAround(gone, 0)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('hide', () => {
  it('leaves a user out of everything here, before and after the join, and brings them back', async () => {
    const room = await filled(['one', 'two']);
    const heard: string[] = [];
    room.on('message', ({ text }) => heard.push(text));
    room.hide('bob');
    expect(room.messages).toEqual([]);
    const bob = world.room({ room: 'lobby', user: { id: 'bob', name: 'bob' } });
    bob.hide('bob');
    await world.join(bob);
    await world.result(bob.send('three'));
    await world.result(room.send('own'));
    await world.run(1000);
    expect(textsOf(room.messages)).toEqual(['own']);
    expect(heard).toEqual(['own']);
    expect(await world.result(collect(room.search('t')))).toEqual([]);
    // One's own are shown.
    expect(textsOf(bob.messages)).toEqual(['one', 'two', 'three', 'own']);
    expect([...room.hidden]).toEqual(['bob']);
    const thread = room.thread(bob.messages[0]?.id ?? '');
    expect(thread.root).toBeUndefined();
    room.unhide('bob');
    expect(thread.root?.text).toBe('one');
    expect(textsOf(room.messages)).toEqual(['one', 'two', 'three', 'own']);
    expect(() => room.hide('')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('leaves their words out of quotes and pins, and their signals, and brings them back', async () => {
    const room = await filled([]);
    const bob = world.room({ room: 'lobby', user: { id: 'bob', name: 'bob' } });
    const heard: string[] = [];
    room.on('signal', ({ type }) => heard.push(type));
    room.on('pins', () => {});
    await world.join(bob);
    const said = await world.result(bob.send('said'));
    const { id } = await world.result(room.send('answer', { replyTo: said.id }));
    await world.result(bob.pin(said.id));
    await world.run(1000);
    const quoted = () => room.messages.find((message) => message.id === id)?.replyTo?.text;
    expect([quoted(), textsOf(room.pinned)]).toEqual(['said', ['said']]);
    room.hide('bob');
    await world.result(bob.signal('wave', {}));
    await world.run(1000);
    expect([quoted(), textsOf(room.pinned), heard]).toEqual(['', [], []]);
    expect(bob.messages.find((message) => message.id === id)?.replyTo?.text).toBe('said');
    room.unhide('bob');
    await world.result(bob.signal('wave', {}));
    await world.run(1000);
    expect([quoted(), textsOf(room.pinned), heard]).toEqual(['said', ['said'], ['wave']]);
  });
});
