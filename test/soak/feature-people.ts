import { ChatRoom, type ChatRoomOptions } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import type { LocalMomento } from 'momento-chat/local';
import { roomToken } from '../local/support/mint.js';
import { nodeClients } from '../support/chat.js';
import { type FeatureRunOptions, type FeatureRunResult, featureRun } from './feature-run.js';
import { type Act, FeatureUser } from './feature-user.js';

const ROOM = 'bad-day';
const LIFE_SECONDS = 40;

export type BadDayOptions = Pick<
  FeatureRunOptions,
  'seed' | 'lastsMs' | 'paceMs' | 'faultEveryMs' | 'patienceMs'
>;

export interface BadDay extends FeatureRunResult {
  acts: readonly Act[];
  users: readonly FeatureUser[];
}

/** A bad day of four devices of three users in one room: two of the devices on the SDKs, two on lite. */
export async function badDay(momento: LocalMomento, options: BadDayOptions): Promise<BadDay> {
  const acts: Act[] = [];
  const byToken = (userId: string): Partial<ChatRoomOptions> => ({
    token: async () => {
      const token = await roomToken(momento, ROOM, { lifeSeconds: LIFE_SECONDS, tokenId: userId });
      return { token, exp: 0, expiresIn: LIFE_SECONDS, endpoint: momento.url };
    },
  });
  const open = (Room: typeof ChatRoom, id: string, access: Partial<ChatRoomOptions>) =>
    new Room({
      room: ROOM,
      user: { id, name: id },
      history: { maxInMemory: 5000 },
      ...access,
    } as ChatRoomOptions);
  const Lite = LiteRoom as unknown as typeof ChatRoom;
  const clients = nodeClients(momento);
  const users = [
    { name: 'web', userId: 'ada', room: open(ChatRoom, 'ada', byToken('ada')) },
    { name: 'bot', userId: 'bob', room: open(ChatRoom, 'bob', { clients }) },
    { name: 'lite', userId: 'carl', room: open(Lite, 'carl', byToken('carl')) },
    { name: 'tab', userId: 'ada', room: open(Lite, 'ada', byToken('ada')) },
  ].map(({ name, ...rest }) => new FeatureUser(name, { ...rest, acts }));
  const late: ChatRoom[] = [];
  const newcomers = () => {
    late.push(open(ChatRoom, 'late', byToken('late')), open(Lite, 'late', byToken('late')));
    return late;
  };
  const { cache } = clients;
  try {
    await Promise.all(users.map(({ room }) => room.join()));
    return { ...(await featureRun(momento, users, { ...options, cache, acts, newcomers })), acts, users };
  } finally {
    momento.faults.reset();
    await Promise.all([...users.map(({ room }) => room), ...late].map((room) => room.leave()));
    cache.close();
  }
}

/** The events of a bad day, in words. */
export function told({ acts, users, struck, agreedAfterMs }: BadDay): string {
  const kinds = new Map<string, number>();
  for (const { kind, outcome } of acts) {
    const key = `${kind} ${outcome}`;
    kinds.set(key, (kinds.get(key) ?? 0) + 1);
  }
  const list = (map: ReadonlyMap<string, number>) => [...map].map(([key, n]) => `${n} × ${key}`).join('; ');
  return [
    `acts: ${list(kinds)}`,
    `faults: ${list(struck)}`,
    ...users.map(({ name, errors }) => `${name} was told of: ${list(errors)}`),
    `agreed after ${(agreedAfterMs / 1000).toFixed(1)} s`,
  ].join('\n');
}
