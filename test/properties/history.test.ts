import fc from 'fast-check';
import { expect, it } from 'vitest';
import { History } from '../../src/history.js';
import { asMessage } from '../../src/messages/as-message.js';
import { encodeMessage } from '../../src/messages/codec.js';
import { FutureBound } from '../../src/messages/future-bound.js';
import { MalformedReports } from '../../src/messages/malformed.js';
import type { Message } from '../../src/messages/message.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { MessageReceiver } from '../../src/messages/receiver.js';
import { Timeline } from '../../src/messages/timeline.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { VirtualTime } from '../support/virtual-time.js';

const RUNS = propertyRuns(120, 300);

type Entry = { kind: 'ours'; clock?: number } | { kind: 'article' } | { kind: 'rubbish' };
type Step =
  | { do: 'push'; entry: Entry; live: boolean }
  | { do: 'push-while-reading'; entry: Entry; live: boolean }
  | { do: 'push-again'; index: number }
  | { do: 'replay'; index: number }
  | { do: 'hear' }
  | { do: 'store'; whileReading: boolean }
  | { do: 'load'; count: number }
  | { do: 'catch-up'; doubted: boolean }
  | { do: 'catch-up-in-vain' }
  | { do: 'write' }
  | { do: 'deliver'; whileReading: boolean }
  | { do: 'truncate'; keep: number }
  | { do: 'remove'; index: number }
  | { do: 'expire' };

const ours = fc.constant<Entry>({ kind: 'ours' });
/** Some clocks are an hour fast. */
const skewed = fc.record({ kind: fc.constant('ours' as const), clock: fc.nat(1) });
const article = fc.constant<Entry>({ kind: 'article' });
const rubbish = fc.constant<Entry>({ kind: 'rubbish' });
const oursAndRubbish = fc.oneof({ weight: 5, arbitrary: ours }, { weight: 1, arbitrary: rubbish });
const everything = fc.oneof(
  { weight: 3, arbitrary: ours },
  { weight: 2, arbitrary: article },
  { weight: 1, arbitrary: rubbish },
);

/** Steps of others that take nothing away; `live` says whether the stream may fail to bring it. */
const gentle = (entry: fc.Arbitrary<Entry>, live: fc.Arbitrary<boolean> = fc.boolean()): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), entry, live }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('push-while-reading' as const), entry, live }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('load' as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('catch-up' as const), doubted: fc.boolean() }),
    },
  );
const rough: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: gentle(everything) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), keep: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), index: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
);

/** A list at rest with a room that reads it, and everything that others do to the list meanwhile. */
class Scene {
  list: string[] = [];
  readonly time = new VirtualTime(1);
  readonly timeline: Timeline;
  readonly history: History;
  readonly #receiver: MessageReceiver;
  readonly #others = new MessageIds(this.time);
  readonly #fast = new MessageIds(this.time.skewed(3_600_000));
  readonly #whileReading: (() => void)[] = [];
  /** What was heard and is not stored yet. */
  readonly #unstored: string[] = [];
  /** Own messages that wait for the connection. */
  readonly #unsent: { own: Message; payload: string }[] = [];
  /** Readings get no answer. */
  #silent = false;
  #sequence = 0;

  constructor(limit = 10_000) {
    this.timeline = new Timeline({ limit, maxStored: 10_000, onChange: () => {} });
    this.#receiver = new MessageReceiver({
      room: 'r',
      timeline: this.timeline,
      ids: new MessageIds(this.time),
      scheduler: this.time,
      maxBytes: 4096,
      maxStored: 10_000,
      isOwn: () => false,
      userId: () => undefined,
      future: new FutureBound(this.time),
      malformed: new MalformedReports({ clock: this.time, maxStored: 10_000, tell: () => {} }),
    });
    this.history = new History({
      fetch: async (start, end) => {
        this.#whileReading.shift()?.();
        if (this.#silent) throw new Error('no answer');
        return this.list.slice(start, end);
      },
      receiver: this.#receiver,
      onMissed: () => {},
      timeline: this.timeline,
      pageSize: 8,
      maxStored: 10_000,
      clock: this.time,
    });
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'push') this.push(step.entry, step.live);
    else if (step.do === 'push-while-reading')
      this.#whileReading.push(() => this.push(step.entry, step.live));
    else if (step.do === 'push-again') this.list.unshift(...this.list.slice(step.index, step.index + 1));
    else if (step.do === 'replay') this.replay(step.index);
    else if (step.do === 'hear') this.hear();
    else if (step.do === 'store' && step.whileReading) this.#whileReading.push(() => this.store());
    else if (step.do === 'store') this.store();
    else if (step.do === 'load') await this.history.load(step.count);
    else if (step.do === 'catch-up') await this.history.catchUp(step);
    else if (step.do === 'catch-up-in-vain') await this.catchUpInVain();
    else if (step.do === 'write') this.write();
    else if (step.do === 'deliver' && step.whileReading) this.#whileReading.push(() => this.deliver());
    else if (step.do === 'deliver') this.deliver();
    else if (step.do === 'truncate') this.list.length = Math.min(this.list.length, step.keep);
    else if (step.do === 'remove') this.list.splice(step.index, 1);
    else this.list = [];
  }

  push(kind: Entry, live: boolean): void {
    const payload = this.#payload(kind, live);
    this.list.unshift(payload);
    if (live) this.#receive(payload);
    else this.#sequence += 1;
  }

  /** Somebody publishes again what is stored. */
  replay(index: number): void {
    const payload = this.list[index];
    if (payload !== undefined && payload !== 'rubbish') this.#receive(payload);
  }

  /** Somebody publishes a message, whose way to the list takes long. */
  hear(): void {
    const payload = this.#payload({ kind: 'ours' }, true);
    this.#unstored.push(payload);
    this.#receive(payload);
  }

  /** The oldest of those is stored, and published once more for it. Returns whether there was one. */
  store(): boolean {
    const payload = this.#unstored.shift();
    if (payload === undefined) return false;
    this.list.unshift(payload);
    this.#receive(payload);
    return true;
  }

  async catchUpInVain(): Promise<void> {
    this.#silent = true;
    await expect(this.history.catchUp({ doubted: true })).rejects.toThrow('no answer');
    this.#silent = false;
  }

  /** The user sends something while the connection is lost. */
  write(): void {
    const id = this.#others.next();
    const content = { id, text: id, user: { name: 'n' }, sentAt: new Date(this.time.now()) };
    const own = asMessage(content, { room: 'r', own: true, status: 'sending', userId: undefined });
    this.#unsent.push({ own, payload: encodeMessage(content) });
    this.timeline.addNewest(own);
  }

  /** The oldest of those is sent. Returns whether there was one. */
  deliver(): boolean {
    const sent = this.#unsent.shift();
    if (sent === undefined) return false;
    const { own, payload } = sent;
    this.list.unshift(payload);
    this.#receive(payload);
    this.timeline.replace({ ...own, status: 'sent' });
    return true;
  }

  #receive(value: string): void {
    this.#sequence += 1;
    this.#receiver.receive({ value, sequence: this.#sequence });
  }

  #payload(kind: Entry, live: boolean): string {
    if (kind.kind === 'rubbish') return 'rubbish';
    if (kind.kind === 'article') {
      // Entries that the stream brings may repeat themselves. Of equal entries that it did not bring, nothing tells
      // which is which.
      const text = live ? 'hi' : `note ${this.#others.next()}`;
      return JSON.stringify({ username: 'Seed', message: text });
    }
    const id = (kind.clock === 1 ? this.#fast : this.#others).next();
    return encodeMessage({ id, text: id, user: { name: 'n' }, sentAt: new Date(this.time.now()) });
  }

  /** The entries of the list, as counts by text. */
  stored(): Map<string, number> {
    return countBy(
      this.list.filter((payload) => payload !== 'rubbish').map((payload) => JSON.parse(payload).message),
    );
  }

  shown(): Map<string, number> {
    return countBy(this.timeline.snapshot.map(({ text }) => text));
  }

  async loadAll(): Promise<number> {
    let pages = 0;
    for (; this.history.hasOlder; pages += 1) {
      await this.history.load(8);
      if (pages > 500) throw new Error('hasOlder never becomes false');
    }
    return pages;
  }
}

function countBy(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Map([...counts].sort());
}

/** Lets others act, then reads until nothing is left to read. */
async function play(
  before: readonly Entry[],
  steps: readonly Step[],
  limit?: number,
  readings = 70,
): Promise<Scene> {
  const scene = new Scene(limit);
  for (const kind of before) scene.push(kind, false);
  await scene.history.load();
  for (const step of steps) await scene.take(step);
  while (scene.store());
  for (let reading = 0; reading < readings; reading += 1) await scene.history.catchUp({ doubted: true });
  await scene.loadAll();
  return scene;
}

it(
  'G1, G2: paging and catching up show every stored message once, while others push',
  timeoutOf(RUNS),
  async () => {
    const steps = fc.array(gentle(oursAndRubbish), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(oursAndRubbish, { maxLength: 40 }), steps, async (before, doings) => {
        const scene = await play(before, doings);
        expect(scene.shown()).toEqual(scene.stored());
      }),
      RUNS,
    );
  },
);

/** Found with long sequences: the lowest known message of a reading was one that stood at its top, stored again. */
const STORED_AGAIN: [Entry[], Step[]] = [
  [
    ...Array.from({ length: 10 }, () => ({ kind: 'ours' as const })),
    { kind: 'rubbish' },
    { kind: 'ours' },
    { kind: 'ours' },
  ],
  [
    { do: 'push', entry: { kind: 'ours' }, live: false },
    { do: 'push-again', index: 7 },
  ],
];

it(
  'G1, G2: what a sender that got no answer stores again shows once, and hides nothing below it',
  timeoutOf(RUNS),
  async () => {
    const again = fc.record({ do: fc.constant('push-again' as const), index: fc.nat(8) });
    const step = fc.oneof({ weight: 8, arbitrary: gentle(oursAndRubbish) }, { weight: 1, arbitrary: again });
    await fc.assert(
      fc.asyncProperty(
        fc.array(oursAndRubbish, { maxLength: 40 }),
        fc.array(step, { maxLength: 60 }),
        async (before, doings) => {
          const scene = await play(before, doings);
          expect(scene.shown()).toEqual(new Map([...scene.stored().keys()].map((text) => [text, 1])));
        },
      ),
      { ...RUNS, examples: [STORED_AGAIN] },
    );
  },
);

it(
  "messages of the article's format, equal ones too, show as often as they are stored",
  timeoutOf(RUNS),
  async () => {
    const steps = fc.array(gentle(everything, fc.constant(true)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(everything, { maxLength: 40 }), steps, async (before, doings) => {
        const scene = await play(before, doings);
        expect(scene.shown()).toEqual(scene.stored());
      }),
      RUNS,
    );
  },
);

it(
  "messages of the article's format that the stream did not bring are found in the list",
  timeoutOf(RUNS),
  async () => {
    const steps = fc.array(gentle(everything), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(everything, { maxLength: 40 }), steps, async (before, doings) => {
        const scene = await play(before, doings);
        expect([...scene.shown().keys()]).toEqual([...scene.stored().keys()]);
      }),
      RUNS,
    );
  },
);

it(
  'G2: whatever is truncated, removed or expires, what is stored is shown, and paging ends',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ours, { maxLength: 40 }),
        fc.array(rough, { maxLength: 60 }),
        async (before, doings) => {
          const scene = await play(before, doings);
          const shown = scene.shown();
          for (const text of scene.stored().keys()) expect(shown.get(text), text).toBeGreaterThanOrEqual(1);
          expect(new Set(scene.timeline.snapshot.map(({ id }) => id)).size).toBe(scene.timeline.size);
        },
      ),
      RUNS,
    );
  },
);

/** The list turned over; only what was heard, or sent from here, since then is known of it. */
const TURNED_OVER: Step[] = [
  { do: 'write' },
  { do: 'expire' },
  ...Array.from({ length: 5 }, () => ({
    do: 'push' as const,
    entry: { kind: 'ours' as const },
    live: false,
  })),
  { do: 'catch-up-in-vain' },
  { do: 'deliver', whileReading: false },
  { do: 'push', entry: { kind: 'ours' }, live: true },
];

it(
  'G2: whatever is truncated, what was stored since the first page was read is shown without paging',
  timeoutOf(RUNS),
  async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: gentle(ours) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), keep: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.constant<Step>({ do: 'expire' }) },
      { weight: 1, arbitrary: fc.constant<Step>({ do: 'catch-up-in-vain' }) },
      { weight: 1, arbitrary: fc.constant<Step>({ do: 'write' }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('deliver' as const), whileReading: fc.boolean() }),
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(ours, { maxLength: 40 }),
        fc.array(step, { maxLength: 60 }),
        async (before, steps) => {
          const scene = new Scene();
          for (const kind of before) scene.push(kind, false);
          const earlier = new Set(scene.list);
          await scene.history.load();
          for (const step of steps) await scene.take(step);
          while (scene.deliver());
          for (let reading = 0; reading < 70; reading += 1) await scene.history.catchUp({ doubted: true });
          const shown = scene.shown();
          const since = scene.list.filter((payload) => !earlier.has(payload));
          expect(since.filter((payload) => !shown.has(JSON.parse(payload).message))).toEqual([]);
        },
      ),
      { ...RUNS, examples: [[Array.from({ length: 12 }, () => ({ kind: 'ours' as const })), TURNED_OVER]] },
    );
  },
);

it('G5: what left memory can be loaded again, page by page, without a hole', timeoutOf(RUNS), async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 120 }),
      async (limit, count) => {
        const scene = new Scene(limit);
        await scene.history.load();
        for (let sent = 0; sent < count; sent += 1) scene.push({ kind: 'ours' }, true);
        expect(scene.timeline.size).toBe(Math.min(limit, count));
        const pages = await scene.loadAll();
        expect(scene.shown()).toEqual(scene.stored());
        expect(pages).toBeLessThanOrEqual(Math.ceil(count / 8) + 1);
      },
    ),
    RUNS,
  );
});

/** Found with long sequences: what came live while a page was read stood in the window, alone of all that was known. */
const PUSHED_WHILE_A_PAGE_IS_READ: Step[] = [
  { do: 'push-while-reading', entry: { kind: 'ours' }, live: true },
  { do: 'push', entry: { kind: 'ours' }, live: false },
  { do: 'push', entry: { kind: 'ours' }, live: false },
  { do: 'push', entry: { kind: 'ours' }, live: true },
  { do: 'push-while-reading', entry: { kind: 'ours' }, live: true },
  { do: 'push', entry: { kind: 'ours' }, live: false },
  { do: 'load', count: 1 },
];

it(
  'G1, G5: with little memory, what others push and the stream loses is still found',
  timeoutOf(RUNS),
  async () => {
    const steps = fc.array(gentle(oursAndRubbish), { maxLength: 80 });
    const limit = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(ours, { maxLength: 40 }), steps, limit, async (before, doings, memory) => {
        const scene = await play(before, doings, memory);
        expect(scene.shown()).toEqual(scene.stored());
      }),
      {
        ...RUNS,
        examples: [
          [Array.from({ length: 5 }, () => ({ kind: 'ours' as const })), PUSHED_WHILE_A_PAGE_IS_READ, 1],
        ],
      },
    );
  },
);

it(
  'G1, G2, G5: with little memory, wrong clocks and replays, no page leaves a hole',
  timeoutOf(RUNS),
  async () => {
    const replay = fc.record({ do: fc.constant('replay' as const), index: fc.nat(60) });
    const step = fc.oneof({ weight: 8, arbitrary: gentle(skewed) }, { weight: 1, arbitrary: replay });
    // Not below a page: see "Pages without holes" in docs/guarantees.md.
    const limit = fc.integer({ min: 8, max: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(skewed, { maxLength: 60 }),
        fc.array(step, { maxLength: 80 }),
        limit,
        async (before, doings, memory) => {
          const scene = await play(before, doings, memory);
          expect(scene.shown()).toEqual(scene.stored());
        },
      ),
      RUNS,
    );
  },
);

/** It is stored while it is in memory, and leaves that as what came first. */
const STORED_IN_TIME: Step[] = [
  { do: 'hear' },
  ...Array.from({ length: 5 }, () => ({ do: 'push' as const, entry: { kind: 'ours' as const }, live: true })),
  { do: 'store', whileReading: false },
  ...Array.from({ length: 6 }, () => ({ do: 'push' as const, entry: { kind: 'ours' as const }, live: true })),
];

it(
  'G5: with little memory, what is stored long after it was heard is paged to, once it is heard again',
  timeoutOf(RUNS),
  async () => {
    const hear = fc.constant<Step>({ do: 'hear' });
    const store = fc.record({ do: fc.constant('store' as const), whileReading: fc.boolean() });
    const step = fc.oneof(
      { weight: 6, arbitrary: gentle(ours, fc.constant(true)) },
      { weight: 1, arbitrary: hear },
      { weight: 1, arbitrary: store },
    );
    const limit = fc.integer({ min: 8, max: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(ours, { maxLength: 40 }),
        fc.array(step, { maxLength: 80 }),
        limit,
        async (before, doings, memory) => {
          // Nothing was missed: no reading of the head finds it by chance.
          const scene = await play(before, doings, memory, 0);
          expect(scene.shown()).toEqual(scene.stored());
        },
      ),
      { ...RUNS, examples: [[[], STORED_IN_TIME, 11]] },
    );
  },
);
