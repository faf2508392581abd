import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/files.js';
import '../../src/features/revision-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import type { ChatError } from '../../src/shared/errors.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const make = (options: Partial<ChatRoomOptions> = {}) =>
  world.room({ room: 'r', user: { id: 'ada', name: 'Ada' }, ...options });
const nothing = null as never;

const CALLS: [string, (room: ChatRoom, id: string) => Promise<unknown>][] = [
  ['send without options', (room) => room.send('x', nothing)],
  ['send with a file that is none', (room) => room.send('x', { files: [{} as never] })],
  ['edit without options', (room, id) => room.edit(id, 'y', nothing)],
  ['upload without options', (room) => room.files.upload(new Blob(['x']), nothing)],
  ['download of nothing', (room) => room.files.download(nothing)],
];

it.each(CALLS)('%s is refused as an invalid argument', async (_, call) => {
  const room = make();
  await world.join(room);
  const { id } = await world.result(room.send('hello'));
  await expect(world.result(call(room, id))).rejects.toMatchObject({ code: 'invalid-argument' });
});

it.each([
  ['messages that other members would not take', { maxMessageBytes: 4097 }],
  ['a `preload` that is no list', { preload: 'typing' as never }],
])('a room with %s is refused', (_, options) => {
  expect(() => make(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
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
