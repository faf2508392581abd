import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import type { Tab } from '../support/tab.js';
import { FAIR } from '../support/weather.js';
import { adaTabs, send, shown } from './ada-tabs.js';

let world: InProcessWorld;
let storage: ChatStorage;
beforeEach(() => {
  world = inProcessWorld();
  storage = memoryStorage();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await world.end();
});
const { open, openBob, openOffline, tick } = adaTabs(() => ({ world, storage }));

/** Joins; no code that is first needed then comes for so long. */
async function joinWithoutCode({ room }: Tab, ms: number): Promise<void> {
  room.once('status', () => vi.stubGlobal('navigator', { onLine: false }));
  await world.join(room);
  await world.run(ms);
  vi.unstubAllGlobals();
}

describe('nobody sees the first text of a message that was edited before a reload', () => {
  let seen: string[];
  /** Ada's first tab, which is gone: it sent these, which were lost, and edited each. */
  async function sentAndEdited(...texts: string[]): Promise<ChatRoom> {
    const [bob, first] = [openBob(), open()];
    seen = [];
    bob.on('message', ({ text }) => seen.push(text)).on('update', ({ text }) => seen.push(text));
    await world.join(bob, first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    for (const text of texts) {
      const id = send(first, text);
      await world.run(100);
      first.room.edit(id, `${text}, edited`).catch(() => {});
    }
    await tick();
    first.die();
    return bob;
  }

  it('though the code of edits comes late', async () => {
    const bob = await sentAndEdited('one');
    await joinWithoutCode(open(), 20_000);
    await world.run(60_000);
    expect([seen.includes('one'), shown(bob)]).toEqual([false, ['one, edited sent']]);
  });

  it('though the edit cannot be stored for six minutes', async () => {
    const bob = await sentAndEdited('one');
    const second = open();
    second.client.link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'refused' } : undefined);
    await world.join(second.room);
    await world.run(6 * 60_000);
    second.client.link.fates = undefined;
    await world.run(60_000);
    expect([seen.includes('one'), shown(bob)]).toEqual([false, ['one, edited sent']]);
  });

  it('also where the room is left, and joined again, while the edit cannot be stored', async () => {
    const bob = await sentAndEdited('one');
    const { room, client } = open();
    client.link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'refused' } : undefined);
    await world.join(room);
    await world.run(1000);
    await world.result(room.leave());
    expect(room.messages.map(({ status }) => status)).toEqual(['failed']);
    client.link.fates = undefined;
    await world.join(room);
    await world.run(60_000);
    expect([seen.includes('one'), shown(bob)]).toEqual([false, ['one, edited sent']]);
  });
});

describe('though the code of threads comes late', () => {
  async function thread(): Promise<{ bob: ChatRoom; first: Tab; rootId: string; replyId: string }> {
    const [bob, first] = [openBob(), open()];
    await world.join(bob, first.room);
    const { id: rootId } = await world.result(bob.send('root'));
    await world.result(bob.thread(rootId).open());
    const { id: replyId } = await world.result(bob.thread(rootId).send('reply'));
    await world.result(first.room.thread(rootId).open());
    first.offline(true);
    await world.run(1000);
    return { bob, first, rootId, replyId };
  }

  it.each([12_000, 30_000])('an unsent reply is sent: after %d ms', async (ms) => {
    const { bob, first, rootId } = await thread();
    first.room
      .thread(rootId)
      .send('unsent')
      .catch(() => {});
    await tick();
    first.die();
    await joinWithoutCode(open(), ms);
    await world.run(60_000);
    expect(bob.thread(rootId).messages.map(({ text }) => text)).toEqual(['reply', 'unsent']);
  });

  it('a reaction to a reply is made', async () => {
    const { bob, first, rootId, replyId } = await thread();
    first.room
      .thread(rootId)
      .react(replyId, '👍')
      .catch(() => {});
    await tick();
    first.die();
    await joinWithoutCode(open(), 30_000);
    await world.run(60_000);
    expect(bob.thread(rootId).messages[0]?.reactions).toMatchObject([{ emoji: '👍' }]);
  });
});

it('a message that is stored already is not stored twice when its heir is offline as it takes it over', async () => {
  const [bob, first, second] = [openBob(), open(), open()];
  await world.join(bob, first.room, second.room);
  await world.run(5000);
  second.client.link.connected = false;
  second.client.link.cut('told');
  await world.run(1000);
  first.client.link.fates = (rpc) =>
    rpc === 'Publish' || rpc === 'ListPushFront' ? { outcome: 'answer-lost' } : undefined;
  send(first, 'hello');
  await world.run(1000);
  first.die();
  await world.run(20_000);
  second.client.link.weather = { ...FAIR, latencyMs: 300 };
  second.client.link.connected = true;
  await world.run(60_000);
  expect([shown(second.room), shown(bob), world.list('r').length]).toEqual([
    ['hello sent'],
    ['hello sent'],
    1,
  ]);
});

it('a message of an earlier page is tried for as long as the app says: an outage of ten minutes right after the join', async () => {
  const [bob, first] = [openBob(), await openOffline()];
  send(first, 'hello');
  await tick();
  first.die();
  await world.join(bob);
  const next = open({ retry: { timeoutMs: 3_600_000 } });
  next.client.link.weather = { ...FAIR, latencyMs: 50 };
  await world.join(next.room);
  next.offline(true);
  await world.run(600_000);
  expect(shown(next.room)).toEqual(['hello sending']);
  next.offline(false);
  await world.run(60_000);
  expect([shown(bob), shown(next.room)]).toEqual([['hello sent'], ['hello sent']]);
});

it('a failed message is deleted for all, though its page closes as soon as delete() resolves, whose code came late', async () => {
  const [bob, first] = [openBob(), open({ retry: { timeoutMs: 5000 } })];
  await world.join(first.room, bob);
  first.client.link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined);
  const id = send(first, 'secret');
  await world.run(30_000);
  expect([shown(first.room), shown(bob)]).toEqual([['secret failed'], ['secret sent']]);
  vi.stubGlobal('navigator', { onLine: false });
  world.time.after(4000, () => vi.unstubAllGlobals());
  await world.result(first.room.delete(id));
  await tick();
  first.die();
  vi.unstubAllGlobals();
  await world.join(open().room);
  await world.run(60_000);
  expect(shown(bob)).toEqual([' sent']);
});

it('a message is failed when it is too old, though the code of its edit never comes', async () => {
  storage = memoryStorage({ maxAgeMs: 60_000 });
  const first = open();
  await world.join(first.room);
  first.client.link.fates = () => ({ outcome: 'request-lost' });
  const id = send(first, 'one');
  await world.run(100);
  first.room.edit(id, 'two').catch(() => {});
  await tick();
  first.die();
  const next = open();
  await joinWithoutCode(next, 300_000);
  expect(shown(next.room)).toEqual(['one failed']);
});
