import type { ChatRoom } from '../../src/lite-room.js';
import type { BaseSession } from '../../src/session/chat-session.js';
import type { RoomSummary } from '../../src/session/room-directory.js';
import type { ChatError } from '../../src/shared/errors.js';
import type { InProcessClient, InProcessWorld } from './in-process-rooms.js';

/** A page: a session, whose user has the id. */
export function page(
  world: InProcessWorld,
  userId: string,
  options: Parameters<InProcessClient['session']>[1] = {},
) {
  const client = world.client({ userId });
  const session = client.session(undefined, options);
  const errors: ChatError[] = [];
  session.on('error', (error) => errors.push(error));
  const room = (name: string): ChatRoom =>
    client.room({ room: name, user: { id: userId, name: userId }, session });
  return { client, session, room, errors };
}

/** When the world begins. */
export const time = Date.UTC(2026, 0, 1);
/** An event that a member publishes to the directory's topic. */
export const event = (data: unknown) =>
  JSON.stringify({
    v: 1,
    id: `${time
      .toString(16)
      .padStart(12, '0')
      .replace(
        /^(.{8})/,
        '$1-',
      )}-7000-8000-${Math.random().toString(16).slice(2).padEnd(12, '0').slice(0, 12)}`,
    type: 'room',
    user: { name: 'eve' },
    data,
  });

/** A message as it is stored. */
export const message = (text: string) =>
  JSON.stringify({ v: 1, id: '019b76da-a800-7000-8000-000000000001', username: 'Bob', message: text });

export const names = ({ rooms }: BaseSession) => rooms.list.map(({ name }) => name);
export const entry = ({ rooms }: BaseSession, name: string): RoomSummary | undefined =>
  rooms.list.find((room) => room.name === name);

export async function end(world: InProcessWorld, ...sessions: BaseSession[]): Promise<void> {
  for (const session of sessions) await session.rooms.close();
  await world.end();
}
