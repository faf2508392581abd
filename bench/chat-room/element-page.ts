/** The code of a page of the bench of the element: the element over a room that is filled here, without a network. */
import { ChatRoom, type SubscribeOptionsLike } from 'momento-chat';
import '../../src/element/index.js';

const WORDS = 'the quick brown fox jumps over a lazy dog and then goes on to see what else there is';
/** Pixels that a turn of the wheel scrolls, which is what each frame does here. */
const STEP_PX = 120;
const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));

async function start(count: number) {
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
  const room = new ChatRoom({
    room: 'r',
    user: { name: 'b' },
    clients,
    events: false,
    history: { maxInMemory: 20_000 },
  });
  const element = document.createElement('momento-chat');
  element.lang = 'en';
  element.room = room;
  document.body.append(element);
  while (room.status !== 'joined') await frame();
  const root = element.shadowRoot;
  const log = root?.querySelector<HTMLElement>('.main .log');
  if (!root || !log) throw new Error('There is no log');
  const firstSentAt = Date.now() - 2_000_000;
  let made = 0;
  const receive = () => {
    made += 1;
    options?.onItem({
      value: () => payload(made, firstSentAt),
      sequenceNumber: () => made,
      tokenId: () => undefined,
    });
  };
  const newest = () => [...root.querySelectorAll('.main .log ol')].at(-1)?.lastElementChild;
  const shown = async () => {
    while (!newest()?.querySelector('.text')?.textContent?.startsWith(`${made} `)) await frame();
    await frame();
  };
  for (let index = 0; index < count; index += 1) receive();
  await shown();

  return {
    /** One message after the other, each until it is drawn. */
    async add(times: number): Promise<void> {
      for (let index = 0; index < times; index += 1) {
        receive();
        await shown();
      }
    },
    /** Scrolls up from the end, and down again where the list ends; the milliseconds from frame to frame. */
    async scroll(frames: number): Promise<number[]> {
      log.scrollTop = log.scrollHeight;
      let last = await frame();
      let direction = -1;
      const took: number[] = [];
      for (let index = 0; index < frames; index += 1) {
        const before = log.scrollTop;
        log.scrollTop += direction * STEP_PX;
        if (log.scrollTop === before) direction = -direction;
        const now = await frame();
        took.push(now - last);
        last = now;
      }
      log.scrollTop = log.scrollHeight;
      await frame();
      return took;
    },
    rows: () => root.querySelectorAll('.main .message').length,
  };
}

/** From one to four lines, of four authors, with a link here and there. */
function payload(number: number, firstSentAt: number): string {
  const time = (firstSentAt + number * 100).toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
  const text = `${number} ${`${WORDS} `.repeat(1 + (number % 4))}${number % 10 === 0 ? 'https://example.com/x' : ''}`;
  const author = `Author ${Math.floor(number / 3) % 4}`;
  return JSON.stringify({ v: 1, id, username: author, message: text });
}

export type StartElement = typeof start;
Object.assign(globalThis, { startElement: start });
