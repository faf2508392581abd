import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { ChatSession } from '../../src/lite-session.js';
import type { ChatThread } from '../../src/room/chat-thread.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import type { RoomDirectory } from '../../src/session/room-directory.js';
import type { ChatError } from '../../src/shared/errors.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const make = (options: Partial<ChatRoomOptions> = {}) =>
  world.room({ room: 'r', user: { id: 'ada', name: 'Ada' }, ...options });
/** Stands for any value of a wrong kind: the types of TypeScript would refuse it. */
const wrong = (value: unknown) => value as never;
const NUMBER = wrong(42);
const NOTHING = wrong(null);
const file = () => new Blob(['x']);
const first = <T>(found: AsyncIterable<T>) => found[Symbol.asyncIterator]().next();

type Call<Subject> = [name: string, call: (subject: Subject, id: string) => unknown];

/** The calls that a room and a thread have in common. */
const CALLS_OF_BOTH: Call<ChatRoom | ChatThread>[] = [
  ['on() without a listener', (chat) => (chat as ChatThread).on('message', NUMBER)],
  ['once() without a listener', (chat) => (chat as ChatThread).once('message', NUMBER)],
  ['send() of a number', (chat) => chat.send(NUMBER)],
  ['send() of nothing', (chat) => chat.send(wrong(undefined))],
  ['send() without options', (chat) => chat.send('x', NOTHING)],
  ['send() with a number for options', (chat) => chat.send('x', NUMBER)],
  ['send() with `meta` that is none', (chat) => chat.send('x', { meta: NUMBER })],
  ['send() with `replyTo` that is none', (chat) => chat.send('x', { replyTo: NUMBER })],
  ['send() with `mentions` that are none', (chat) => chat.send('x', { mentions: wrong('bob') })],
  ['send() with `files` that are none', (chat) => chat.send('x', { files: wrong('x') })],
  ['send() with a file that is none', (chat) => chat.send('x', { files: [wrong({})] })],
  ['send() with an unknown `kind`', (chat) => chat.send('x', { kind: wrong('loud') })],
  ['edit() of a number', (chat) => chat.edit(NUMBER, 'y')],
  ['edit() to a number', (chat, id) => chat.edit(id, NUMBER)],
  ['edit() without options', (chat, id) => chat.edit(id, 'y', NOTHING)],
  ['edit() with a number for options', (chat, id) => chat.edit(id, 'y', NUMBER)],
  ['edit() with `meta` that is none', (chat, id) => chat.edit(id, 'y', { meta: NUMBER })],
  ['edit() with `mentions` that are none', (chat, id) => chat.edit(id, 'y', { mentions: wrong('bob') })],
  ['delete() of a number', (chat) => chat.delete(NUMBER)],
  ['delete() of what is no id', (chat) => chat.delete('x')],
  ['react() to a number', (chat) => chat.react(NUMBER, '👍')],
  ['react() with a number', (chat, id) => chat.react(id, NUMBER)],
  ['unreact() of a number', (chat) => chat.unreact(NUMBER, '👍')],
  ['unreact() with a number', (chat, id) => chat.unreact(id, NUMBER)],
  ['retry() of a number', (chat) => chat.retry(NUMBER)],
  ['discard() of a number', (chat) => chat.discard(NUMBER)],
  ['loadOlder() of a text', (chat) => chat.loadOlder(wrong('3'))],
  ['loadOlder() of half a message', (chat) => chat.loadOlder(0.5)],
  ['read.mark() of a number', (chat) => chat.read.mark(NUMBER)],
  ['read.mark() of what is no id', (chat) => chat.read.mark('x')],
];

const CALLS_OF_ROOM: Call<ChatRoom>[] = [
  ['read.markUnread() of a number', (room) => room.read.markUnread(NUMBER)],
  ['thread() of a number', (room) => room.thread(NUMBER)],
  ['loadAround() a number', (room) => room.loadAround(NUMBER)],
  ['loadAround() with a text for the count', (room, id) => room.loadAround(id, wrong('3'))],
  ['search() of a number', (room) => first(room.search(NUMBER))],
  ['search() of blanks', (room) => first(room.search(' '))],
  ['search() without options', (room) => first(room.search('x', NOTHING))],
  ['search() with a signal that is none', (room) => first(room.search('x', { signal: NUMBER }))],
  ['pin() of a number', (room) => room.pin(NUMBER)],
  ['pin() of what is no id', (room) => room.pin('x')],
  ['unpin() of a number', (room) => room.unpin(NUMBER)],
  ['unpin() of what is no id', (room) => room.unpin('x')],
  ['hide() of a number', (room) => room.hide(NUMBER)],
  ['unhide() of a number', (room) => room.unhide(NUMBER)],
  ['unhide() of nobody', (room) => room.unhide('')],
  ['signal() without a type', (room) => room.signal('', {})],
  ['signal() with a number for the type', (room) => room.signal(NUMBER, {})],
  ['signal() with a number for the data', (room) => room.signal('dice', NUMBER)],
  ['signal() with a list for the data', (room) => room.signal('dice', wrong([]))],
  ['signal() with data that is no JSON', (room) => room.signal('dice', { pips: wrong(() => 4) })],
  ['loadDraft() of a number', (room) => room.loadDraft(NUMBER)],
  ['saveDraft() of a number', (room) => room.saveDraft(NUMBER)],
  ['saveDraft() for a number', (room) => room.saveDraft('x', NUMBER)],
  ['files.upload() of a number', (room) => room.files.upload(NUMBER)],
  ['files.upload() of nothing', (room) => room.files.upload(wrong(undefined))],
  ['files.upload() without options', (room) => room.files.upload(file(), NOTHING)],
  ['files.upload() with a number for the name', (room) => room.files.upload(file(), { name: NUMBER })],
  ['files.upload() with a signal that is none', (room) => room.files.upload(file(), { signal: NUMBER })],
  [
    'files.upload() with a number for a callback',
    (room) => room.files.upload(file(), { onProgress: NUMBER }),
  ],
  ['files.download() of nothing', (room) => room.files.download(NOTHING)],
  ['files.download() of what is no file', (room) => room.files.download(wrong({}))],
  ['files.download() of a file without an id', (room) => room.files.download({ ...FILE, id: NUMBER })],
  ['files.download() without options', (room) => room.files.download(FILE, NOTHING)],
  ['files.download() with a signal that is none', (room) => room.files.download(FILE, { signal: NUMBER })],
  ['presence.enter() with a number', (room) => room.presence.enter(NUMBER)],
  ['presence.enter() with a list', (room) => room.presence.enter(wrong([]))],
  ['presence.enter() with data that is no JSON', (room) => room.presence.enter({ at: wrong(() => 4) })],
  ['presence.update() without data', (room) => room.presence.update(wrong(undefined))],
  ['presence.update() with a number', (room) => room.presence.update(NUMBER)],
];
const FILE = { id: 'x', name: 'x', type: 'text/plain', size: 1 };

const CALLS_OF_DIRECTORY: Call<RoomDirectory>[] = [
  ['create() of a number', (rooms) => rooms.create(NUMBER)],
  ['create() without options', (rooms) => rooms.create('lobby', NOTHING)],
  ['create() with a number for options', (rooms) => rooms.create('lobby', NUMBER)],
  ['create() with a number for the title', (rooms) => rooms.create('lobby', { title: NUMBER })],
];

/** Expects the call to throw, or to reject, with an error that says what cannot be done and why. */
async function expectRefusal(call: () => unknown): Promise<void> {
  await expect(world.result(Promise.resolve().then(call))).rejects.toMatchObject({
    name: 'ChatError',
    code: 'invalid-argument',
    message: expect.stringMatching(/^unable to [^;]+; ./),
  });
}

it.each<Call<ChatRoom>>([...CALLS_OF_BOTH, ...CALLS_OF_ROOM])('room.%s is refused', async (_, call) => {
  const room = make();
  await world.join(room);
  const { id } = await world.result(room.send('hello'));
  await world.result(room.presence.enter());
  await expectRefusal(() => call(room, id));
});

it.each<Call<ChatThread>>(CALLS_OF_BOTH)('thread.%s is refused', async (_, call) => {
  const room = make();
  await world.join(room);
  const root = await world.result(room.send('hello'));
  const thread = room.thread(root.id);
  const { id } = await world.result(thread.send('indeed'));
  await expectRefusal(() => call(thread, id));
});

it.each(CALLS_OF_DIRECTORY)('session.rooms.%s is refused', async (_, call) => {
  const session = world.client().session();
  await expectRefusal(() => call(session.rooms, ''));
  await session.close();
});

it.each([
  ['messages that other members would not take', { maxMessageBytes: 4097 }],
  ['a `preload` that is no list', { preload: wrong('typing') }],
  ['an unknown name in `preload`', { preload: [wrong('typping')] }],
  ['a number for the `storage`', { storage: NUMBER }],
  ['a `storage` that is none', { storage: wrong({}) }],
  ['a session that is none', { token: undefined, session: wrong({ close() {} }) }],
  ['a number for the cache', { cache: NUMBER }],
  ['a blank cache', { cache: ' ' }],
  ['a cache that no header can name', { cache: 'чат' }],
])('a room with %s is refused', (_, options) => {
  expect(() => make(options)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: expect.stringMatching(/^unable to create the room; ./),
    }),
  );
});

it('an unknown name in `preload` is answered with those that there are', () => {
  expect(() => make({ preload: ['typing', wrong('typping')] })).toThrow(/files.*pins.*presence.*typing/);
});

it.each([
  ['no token', { token: wrong(undefined) }],
  ['a number for the token', { token: NUMBER }],
  ['a number for the cache', { cache: NUMBER }],
  ['a blank cache', { cache: ' ' }],
  ['a cache that no header can name', { cache: 'чат' }],
  ['a number for the storage', { storage: NUMBER }],
  ['a storage that is none', { storage: wrong({}) }],
  ['a logger that is none', { logger: wrong({}) }],
  ['a text for the rooms per token', { roomsPerToken: wrong('5') }],
  ['a number for the directory', { directory: NUMBER }],
  ['a number for the companion', { companion: NUMBER }],
])('a session with %s is refused', (_, options) => {
  expect(() => new ChatSession({ token: '/token', ...options })).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: expect.stringMatching(/^unable to create the session; ./),
    }),
  );
});

it('a plain room says once of each event that it never comes', async () => {
  const room = make({ events: false });
  const errors: ChatError[] = [];
  room.on('error', (error) => errors.push(error));
  room.on('typing', () => {});
  room.on('typing', () => {});
  await world.join(room);
  room.on('presence', () => {});
  room.on('message', () => {});
  expect(errors.map(({ code, message }) => [code, message.match(/`(\w+)`/)?.[1]])).toEqual([
    ['feature-disabled', 'typing'],
    ['feature-disabled', 'presence'],
  ]);
});

describe('a listener of an unknown event', () => {
  const never = (event: string) =>
    `invalid-argument: unable to listen for \`${event}\`; there is no such event`;

  it('of a room is told of once, and is a listener all the same', async () => {
    const room = make();
    const errors: string[] = [];
    const heard: unknown[] = [];
    room.on(
      wrong('mesage'),
      wrong((...args: unknown[]) => heard.push(args)),
    );
    room.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    await world.join(room);
    expect(errors).toEqual([never('mesage')]);
    room.on(wrong('toString'), () => {});
    room.on('message', () => {});
    room.once(wrong('mesage'), () => {});
    expect(errors).toEqual([never('mesage'), never('toString')]);
    (room.emit as (event: string, ...args: unknown[]) => boolean)('mesage', 'anything');
    expect(heard).toEqual([['anything']]);
  });

  it('of a session is told of when its directory is opened', async () => {
    const session = world.client().session();
    const errors: string[] = [];
    session.on(wrong('room'), () => {});
    session.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    session.on('rooms', () => {});
    await world.result(session.rooms.open());
    expect(errors).toEqual([never('room')]);
    await session.close();
  });
});
