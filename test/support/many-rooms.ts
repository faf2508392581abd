import type { ChatRoom, ChatRoomOptions } from 'momento-chat';
import type { LocalMomento } from 'momento-chat/local';
import { expect, vi } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type Rooms, textsOf } from './chat.js';

/** Many rooms of one page or bot, and somebody else who goes on talking in them, on no connection that can break. */
export interface ManyRooms {
  readonly rooms: readonly ChatRoom[];
  /** Somebody else publishes and stores a message in the room of that number. */
  say(number: number, text: string): Promise<void>;
  sayEverywhere(text: string): Promise<void>;
  /** Resolves once all are back and show each message once, in order, and nobody has met a limit. */
  allThere(timeout: number): Promise<void>;
}

export async function manyRooms(
  momento: LocalMomento,
  { rooms, count, access }: { rooms: Rooms; count: number; access: Partial<ChatRoomOptions> },
): Promise<ManyRooms> {
  const prefix = crypto.randomUUID();
  const nameOf = (number: number) => `${prefix}-${number}`;
  const open = Array.from({ length: count }, (_, number) =>
    rooms.open({ room: nameOf(number), user: { name: 'Ada' }, ...access }),
  );
  const said: string[][] = open.map(() => []);
  const troubles = new Set<string>();
  for (const room of open) {
    room.on('error', ({ message }) => troubles.add(message));
    room.on('gap', ({ complete }) => complete || troubles.add('a gap that is not complete'));
  }
  const ids = new MessageIds({ now: () => Date.now(), random: Math.random });
  const transport = fetchTransport({
    token: momento.apiKey,
    endpoint: momento.url,
    fetch: (url, init) => momento.engine.fetch(new Request(url, init)),
  });

  const say = async (number: number, text: string) => {
    const name = nameOf(number);
    const value = encodeMessage({ id: ids.next(), text, user: { name: 'Bob' }, sentAt: new Date() });
    said[number]?.push(text);
    await transport.call(publish, { cache: 'chat', topic: `${name}-chat`, value });
    await transport.call(listPushFront, { cache: 'chat', list: name, value, ttlSeconds: 3600 });
  };
  // On a busy machine so many may not all be in within a join's patience.
  await Promise.all(open.map((room) => vi.waitFor(() => room.join(), { timeout: 60_000 })));

  return {
    rooms: open,
    say,
    sayEverywhere: async (text) => void (await Promise.all(open.map((_, number) => say(number, text)))),
    async allThere(timeout) {
      await vi.waitFor(
        () => {
          expect(open.map(({ status }) => status)).toEqual(open.map(() => 'joined'));
          expect(open.map(textsOf)).toEqual(said);
        },
        { timeout, interval: 50 },
      );
      expect(
        [...troubles].filter((trouble) => /maximum|subscription left|not complete/.test(trouble)),
      ).toEqual([]);
    },
  };
}

/**
 * Nobody reaches the service for so long; what is said as it comes back, nobody hears on a stream. Half of the rooms have
 * had no message before: the web SDK treats their streams otherwise.
 */
export async function outage(momento: LocalMomento, many: ManyRooms, ms: number): Promise<void> {
  for (let number = 0; number < many.rooms.length; number += 2) await many.say(number, 'before');
  const restore = momento.faults.goOffline();
  await new Promise((resolve) => setTimeout(resolve, ms));
  restore();
  await many.sayEverywhere('unheard');
}

/** Cuts all connections again and again, each time as soon as a room shows what was said after the last cut. */
export async function drops(momento: LocalMomento, many: ManyRooms, times: number): Promise<void> {
  const count = many.rooms.length;
  for (let drop = 0; drop < times; drop += 1) {
    momento.faults.dropConnections();
    const text = `after drop ${drop}`;
    const heard = Array.from({ length: 5 }, (_, next) => (drop * 5 + next) % count);
    await Promise.all(heard.map((number) => many.say(number, text)));
    await vi.waitFor(
      () => expect(heard.some((number) => many.rooms[number]?.messages.at(-1)?.text === text)).toBe(true),
      { timeout: 60_000, interval: 5 },
    );
  }
}
