import { ChatRoom, type SubscribeOptionsLike } from 'momento-chat';
import { median, row, spread } from './report.js';

const SEEN = { few: 100, many: 100_000 };
const MEASURED = 1000;
const ROUNDS = 9;
/** Ids from the future would be refused. */
const FIRST_SENT_AT = Date.now() - 1_000_000;

/** The library's own time per received message, without an SDK, after few and after many were seen. */
export async function flatness(): Promise<void> {
  await own(SEEN.few);
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    few.push(await own(SEEN.few));
    many.push(await own(SEEN.many));
  }
  row(
    'own time per message after 100,000 and 100',
    `${median(many).toFixed(1)} / ${median(few).toFixed(1)} µs`,
    spread(many.map((time, round) => time / (few[round] ?? Number.NaN))),
    '≤ 1.5',
  );
}

/** Microseconds per message for the next ones after so many were seen. */
async function own(seen: number): Promise<number> {
  const { room, receive, told } = await silentRoom();
  let made = 0;
  const feed = async (count: number) => {
    const payloads = Array.from({ length: count }, (_, index) => payload(made + index + 1));
    const start = performance.now();
    for (const payload of payloads) {
      made += 1;
      receive(payload, made);
      // An app is told of changes once per ten.
      if (made % 10 === 0) await Promise.resolve();
    }
    return ((performance.now() - start) * 1000) / count;
  };
  // In small portions, so that what this bench leaves to collect is as little before many as before few.
  for (let fed = 0; fed < seen; fed += SEEN.few) await feed(SEEN.few);
  const time = await feed(MEASURED);
  await room.leave();
  if (told() !== made) throw new Error(`${told()} of ${made} messages were told`);
  return time;
}

/** A room whose messages come straight from here. */
async function silentRoom() {
  let options: SubscribeOptionsLike | undefined;
  const clients = {
    topics: {
      publish: async () => ({ type: 'Success' }),
      subscribe: async (_: string, __: string, given: SubscribeOptionsLike) => {
        options = given;
        return { type: 'Subscription', unsubscribe: () => {} };
      },
    },
    cache: { listPushFront: async () => ({ type: 'Success' }), listFetch: async () => ({ type: 'Miss' }) },
  };
  const room = new ChatRoom({ room: 'r', user: { name: 'b' }, clients });
  await room.join();
  let told = 0;
  room.on('message', () => {
    told += 1;
  });
  room.on('change', () => {});
  const receive = (payload: string, sequence: number) =>
    options?.onItem({ value: () => payload, sequenceNumber: () => sequence, tokenId: () => undefined });
  return { room, receive, told: () => told };
}

function payload(number: number): string {
  const time = (FIRST_SENT_AT + number).toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
  return JSON.stringify({ v: 1, id, username: 'a', message: 'x'.repeat(200) });
}
