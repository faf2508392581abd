/**
 * The code of a page of the bench: a ChatRoom and the bare SDK beside each other, each with clients of its own that are
 * configured alike. The bench reaches it through the page's `bench`.
 */
import { ChatRoom } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { ttlOf } from '../../src/transport/sdk-route.js';
import { clientsWithToken } from '../../src/transport/web-sdk.js';

/**
 * Ways to say something: `bare` publishes what the article's client does; `storing` publishes and pushes together as
 * many bytes as a ChatRoom, whose messages carry an id and a time: the SDK takes its time over each byte.
 */
export type Way = 'room' | 'bare' | 'storing';
/** The client of a page that only receives, or only sends; `lite` is a ChatRoom over `fetch`. */
export type Ear = 'bare' | 'room' | 'lite';

/** So that a message has the length of a sentence or two. */
const FILLER = 'x'.repeat(200);
const AS_LONG = { v: 1, id: '0'.repeat(36), sentAt: '0'.repeat(24) };
/**
 * Milliseconds from one message to the next. Chromium tells a page of what a stream brought at most once per 50 ms, so
 * each stream must rest for longer; each way has one of its own, and two others speak in between.
 */
const PACE = { least: 24, spread: 6 };
/** From the end of one way's calls to the next message, whatever the pace says (ms). */
const REST_MS = 4;
/** A message that has not come by then will not come. */
const LATE_MS = 5000;

/** Both pages read the machine's one clock, in so fine steps since they are cross-origin isolated. */
const now = () => performance.timeOrigin + performance.now();
const labelOf = (text: string) => text.slice(0, text.indexOf(' '));

async function start(endpoint: string, token: string, name: string) {
  const vended = { token, endpoint, exp: Math.floor(Date.now() / 1000) + 3600, expiresIn: 3600 };
  const { topics, cache } = await clientsWithToken(vended);
  const open = (room: string, Room = ChatRoom) =>
    new Room({ room, user: { name }, token: async () => vended });
  let arrivals: [label: string, at: number][] = [];

  const hear = (topic: string, onItem: (payload: string) => void) =>
    topics.subscribe('chat', topic, {
      onItem: (item) => onItem(String(item.value())),
      onError: () => {},
      onDiscontinuity: () => {},
      onHeartbeat: () => {},
      onConnectionLost: () => {},
      onSubscriptionEnd: () => {},
    });

  /** Subscribes as one who chats does: both pages to everything, so that each message is delivered twice. */
  async function enter(): Promise<Record<Way, (text: string) => Promise<unknown>>> {
    const room = open('room');
    room.on('message', ({ text, own }) => {
      if (!own) arrivals.push([labelOf(text), now()]);
    });
    await room.join();
    for (const topic of ['bare', 'storing']) {
      await hear(topic, (payload) => {
        const at = now();
        arrivals.push([labelOf(JSON.parse(payload).message), at]);
      });
    }
    return {
      room: (text) => room.send(text),
      bare: (text) => topics.publish('chat', 'bare', JSON.stringify({ username: name, message: text })),
      storing(text) {
        const payload = JSON.stringify({ ...AS_LONG, username: name, message: text });
        const options = { truncateBackToSize: 1000, ...ttlOf({ ttlSeconds: 86_400 }) };
        return Promise.all([
          topics.publish('chat', 'storing', payload),
          cache.listPushFront('chat', 'storing', payload, options),
        ]);
      },
    };
  }
  let ways: ReturnType<typeof enter> | undefined;

  /** Says as much in each way, taking turns message by message, in this order; tells when each began. */
  async function talk(block: string, turns: number, order: readonly Way[]) {
    const say = await (ways ?? Promise.reject(new Error('the page was not entered')));
    const begun: [way: Way, label: string, at: number][] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      for (const way of order) {
        const label = `${block}/${turn}/${way}`;
        const text = `${label} ${FILLER}`;
        const at = now();
        begun.push([way, label, at]);
        await say[way](text);
        await pause(Math.max(REST_MS, at + PACE.least + Math.random() * PACE.spread - now()));
      }
    }
    return begun;
  }

  /** Messages that have come since the last time, as soon as they are so many. */
  async function takeArrivals(count: number): Promise<[label: string, at: number][]> {
    for (const until = now() + LATE_MS; arrivals.length < count && now() < until; ) await pause(10);
    const taken = arrivals;
    arrivals = [];
    return taken;
  }

  let count = 0;
  let awaited: { count: number; come: () => void } | undefined;
  let quit: () => Promise<unknown> = async () => {};

  /** Listens until `quit`; `heard` tells how much has come. */
  async function listen(ear: Ear, room: string): Promise<void> {
    count = 0;
    const onMessage = () => {
      count += 1;
      if (count === awaited?.count) awaited.come();
    };
    if (ear === 'bare') {
      const subscription = await hear(`${room}-chat`, (payload) => {
        JSON.parse(payload);
        onMessage();
      });
      quit = async () => 'unsubscribe' in subscription && (subscription.unsubscribe as () => void)();
      return;
    }
    const chat = open(room, ear === 'lite' ? LiteRoom : ChatRoom);
    chat.on('message', onMessage);
    chat.on('change', () => {});
    await chat.join();
    quit = () => chat.leave();
  }

  /** Resolves when so many messages have come since `listen`. */
  function heard(total: number): Promise<void> {
    return new Promise((come) => {
      awaited = { count: total, come };
      if (count >= total) come();
    });
  }

  /** Sends so many messages at once; resolves with the milliseconds until the last was published and stored. */
  async function shout(ear: Ear, room: string, times: number): Promise<number> {
    const text = (index: number) => `${index} ${FILLER}`;
    if (ear === 'bare') {
      const start = now();
      await Promise.all(
        Array.from({ length: times }, (_, index) => {
          const payload = JSON.stringify({ ...AS_LONG, username: name, message: text(index) });
          const options = { truncateBackToSize: 1000, ...ttlOf({ ttlSeconds: 86_400 }) };
          return Promise.all([
            topics.publish('chat', `${room}-chat`, payload),
            cache.listPushFront('chat', room, payload, options),
          ]);
        }),
      );
      return now() - start;
    }
    const chat = open(room, ear === 'lite' ? LiteRoom : ChatRoom);
    await chat.join();
    const start = now();
    await Promise.all(Array.from({ length: times }, (_, index) => chat.send(text(index))));
    const took = now() - start;
    await chat.leave();
    return took;
  }

  return {
    async enter(): Promise<void> {
      ways = enter();
      await ways;
    },
    talk,
    takeArrivals,
    listen,
    heard,
    shout,
    quit: () => quit(),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export type StartBench = typeof start;
export type Bench = Awaited<ReturnType<StartBench>>;

Object.assign(globalThis, { startBench: start });
