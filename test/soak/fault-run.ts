import type { LocalMomento } from 'momento-chat/local';
import { lookUntil } from '../support/look-until.js';
import { randomFrom } from '../support/virtual-time.js';

/** Someone in the room, with this library or without it. */
export interface Participant {
  readonly name: string;
  /** How it reaches Momento; those that share this are judged together as well. */
  readonly transport?: string;
  /** Whether it believes that it is connected. */
  readonly connected: boolean;
  /** Resolves when it was told that the message went out. */
  send(text: string): Promise<unknown>;
  /** The texts that it shows, in its order. */
  shown(): Promise<readonly string[]>;
  /** Calls `listener` whenever a message is new on its screen. */
  watch(listener: (text: string) => void): void;
  /** Leaves the room and joins it again. */
  comeAgain(): Promise<void>;
  leave(): Promise<void>;
}

export interface FaultRunOptions {
  seed: number;
  messages: number;
  faults: number;
  /** Mean pause between two messages of anybody, in ms. */
  paceMs: number;
}

/** The effect of a fault, over all of its occurrences. */
export interface Outcome {
  times: number;
  /** Messages sent between this fault and the next. */
  sent: number;
  /** Acknowledged to their sender, and missing on some screen at the end. */
  lost: number;
  /** Shown more than once on some screen. */
  doubled: number;
  /** That would have to move on some screen to stand as on the first. */
  misordered: number;
  /** Whose sender was told that they did not go out. */
  failed: number;
  /** Longest time from a message to the last screen that showed it, in ms. */
  slowestMs: number;
}

/** The result of a run on some screens. */
export interface Verdict {
  outcomes: Map<string, Outcome>;
  total: Outcome;
}

export interface FaultRunResult extends Verdict {
  /** The same for the screens of each transport; not sent are those that were sent over it. */
  transports: Map<string, Verdict>;
  /** How long each participant's list is at the end. */
  lengths: number[];
  /** Whether all show the same texts in the same order. */
  same: boolean;
}

/** The means that a fault may use. */
export interface Day {
  momento: LocalMomento;
  participants: readonly Pick<Participant, 'comeAgain'>[];
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  pick<T>(options: readonly [T, ...T[]]): T;
  later(ms: number, task: () => void): void;
}

const CALLS = ['Publish', 'ListPushFront', 'ListFetch', 'Subscribe'] as const;
const UNARY = ['Publish', 'ListPushFront', 'ListFetch'] as const;

export const QUIET = 'none yet';
export const RESTART = 'restart with a topic reset';

export const FAULTS: Readonly<Record<string, (day: Day) => void>> = {
  'connections dropped': ({ momento }) => void momento.faults.dropConnections(),
  'connections refused': ({ momento, between }) => void momento.faults.refuseConnections(between(500, 3000)),
  offline: ({ momento, between }) => void momento.faults.goOffline(between(500, 5000)),
  'streams silent': ({ momento, between, later }) =>
    later(between(1000, 15_000), momento.faults.silenceStreams()),
  'new streams silent too': ({ momento, between, later }) =>
    later(between(1000, 4000), momento.faults.silenceStreams({ includeNew: true })),
  'calls delayed': ({ momento, between, pick }) =>
    void momento.faults.delay({ rpc: pick(CALLS), ms: between(200, 4500), times: between(1, 20) }),
  'calls failed': ({ momento, between, pick }) =>
    void momento.faults.failNext({
      rpc: pick(CALLS),
      code: pick(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED', 'UNKNOWN']),
      times: between(1, 4),
    }),
  'rate limited': ({ momento, between, pick }) =>
    void momento.faults.failNext({
      rpc: pick(CALLS),
      code: 'RESOURCE_EXHAUSTED',
      message: 'Too many operations per second',
      times: between(1, 10),
    }),
  'answers cut off': ({ momento, between, pick }) =>
    void momento.faults.dropResponses({ rpc: pick(UNARY), times: between(1, 4) }),
  'answers that never come': ({ momento, between, pick }) =>
    void momento.faults.dropResponses({ rpc: pick(UNARY), times: between(1, 3), how: 'hang' }),
  'publishes lost': ({ momento, between }) => void momento.faults.losePublishes(between(1, 5)),
  'publishes lost without a trace': ({ momento, between }) =>
    void momento.faults.losePublishes(between(1, 5), { numbered: false }),
  'topic reset': ({ momento }) => momento.faults.resetTopic(),
  'topic reset, unannounced': ({ momento }) => momento.faults.resetTopic(undefined, { announce: false }),
  'discontinuity for nothing': ({ momento }) => momento.faults.discontinuity(),
  'tokens expired': ({ momento }) => momento.faults.expireAllTokens(),
  'browser offline and online': ({ between, later }) => {
    window.dispatchEvent(new window.Event('offline'));
    later(between(100, 2000), () => window.dispatchEvent(new window.Event('online')));
  },
  'someone leaves and joins': ({ participants, between }) =>
    void participants[between(0, participants.length - 1)]?.comeAgain(),
};

interface Sent {
  text: string;
  by: Participant;
  during: string;
  at: number;
  outcome: 'pending' | 'resolved' | 'failed';
  /** On whose screens it showed, and when. */
  shown: { on: Participant; at: number }[];
}

/** The texts that someone shows in the end. */
interface Screen {
  of: Participant;
  texts: readonly string[];
}

/**
 * Lets everybody talk while faults strike, drawn from the seed and in the midst of them one restart; then waits
 * until all is calm and compares what the screens show.
 */
export async function faultRun(
  momento: LocalMomento,
  participants: readonly Participant[],
  { seed, messages, faults, paceMs }: FaultRunOptions,
): Promise<FaultRunResult> {
  const random = randomFrom(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, task: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, ms);
    timers.add(timer);
  };
  const pick = <T>(options: readonly [T, ...T[]]): T => options[between(0, options.length - 1)] ?? options[0];
  const day: Day = { momento, participants, between, pick, later };

  const plan = planOf(faults, random);
  const sent = new Map<string, Sent>();
  for (const participant of participants) {
    participant.watch((text) => {
      sent.get(text)?.shown.push({ on: participant, at: Date.now() });
    });
  }

  const times = new Map<string, number>();
  const sending: Promise<unknown>[] = [];
  let during = QUIET;
  for (let index = 0, struck = 0; index < messages; index += 1) {
    // The first stretch is quiet, and so is the last: nothing is left to chance at either end.
    if (struck < faults && index >= ((struck + 1) * messages) / (faults + 2)) {
      during = plan[struck] ?? QUIET;
      struck += 1;
      times.set(during, (times.get(during) ?? 0) + 1);
      if (during === RESTART) momento.faults.restart(2000);
      else FAULTS[during]?.(day);
    }
    const who = participants[between(0, participants.length - 1)];
    if (who === undefined) throw new Error('nobody is there');
    const text = `${who.name} ${index}`;
    const record: Sent = { text, by: who, during, at: Date.now(), outcome: 'pending', shown: [] };
    sent.set(text, record);
    sending.push(
      who.send(text).then(
        () => {
          record.outcome = 'resolved';
        },
        () => {
          record.outcome = 'failed';
        },
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, random() * 2 * paceMs));
  }
  await Promise.all(sending);
  for (const timer of timers) clearTimeout(timer);
  momento.faults.reset();
  // A message that was lost without a trace shows at the next reading of the list: here is the occasion.
  momento.faults.dropConnections();
  const screens = await untilCalm(participants);
  const kinds = new Map([QUIET, ...new Set(plan)].sort().map((kind) => [kind, times.get(kind) ?? 0]));
  const verdictOn = (some: readonly Participant[]) => judge([...sent.values()], screens, kinds, some);
  const transports = new Set(participants.map(({ transport = '' }) => transport));
  const over = (name: string) => participants.filter(({ transport = '' }) => transport === name);
  const first = JSON.stringify(screens[0]?.texts);
  return {
    ...verdictOn(participants),
    transports: new Map([...transports].map((name) => [name, verdictOn(over(name))])),
    lengths: screens.map(({ texts }) => texts.length),
    same: screens.every(({ texts }) => JSON.stringify(texts) === first),
  };
}

/** Each kind as often as any other, in random order, with one restart in the middle. */
function planOf(faults: number, random: () => number): string[] {
  const kinds = Object.keys(FAULTS);
  const plan = Array.from({ length: faults }, (_, index) => kinds[index % kinds.length] ?? QUIET);
  for (let index = plan.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [plan[index], plan[other]] = [plan[other] ?? QUIET, plan[index] ?? QUIET];
  }
  plan[Math.floor(faults / 2)] = RESTART;
  return plan;
}

/**
 * Waits until all are connected, nothing has changed on any screen for a while, and no screen shows less than another: on a
 * busy machine a room may still be reading. A message that has not come by then will not come.
 */
async function untilCalm(participants: readonly Participant[]): Promise<Screen[]> {
  let changedAt = Date.now();
  for (const participant of participants) {
    participant.watch(() => {
      changedAt = Date.now();
    });
  }
  const screens = async () => {
    const all: Screen[] = [];
    for (const participant of participants) all.push({ of: participant, texts: await participant.shown() });
    return all;
  };
  const calm = await lookUntil(
    async () => {
      const connected = participants.every((participant) => participant.connected);
      return connected && Date.now() - changedAt > 8000 ? screens() : undefined;
    },
    (seen) => new Set(seen?.map(({ texts }) => texts.length)).size === 1,
    { patienceMs: 240_000, everyMs: 200 },
  );
  return calm ?? screens();
}

/** Judges the screens of some; what is in order is told by the first screen of all. */
function judge(
  sent: readonly Sent[],
  screens: readonly Screen[],
  kinds: ReadonlyMap<string, number>,
  some: readonly Participant[],
): Verdict {
  const outcomes = new Map([...kinds].map(([kind, times]) => [kind, nothing(times)]));
  const theirs = screens.filter(({ of }) => some.includes(of));
  const counts = theirs.map(({ texts }) => {
    const count = new Map<string, number>();
    for (const text of texts) count.set(text, (count.get(text) ?? 0) + 1);
    return count;
  });
  const moved = movedTexts([...screens.slice(0, 1), ...theirs].map(({ texts }) => texts));
  const total = nothing([...kinds.values()].reduce((sum, count) => sum + count, 0));
  for (const { text, by, during, at, outcome, shown } of sent) {
    const times = counts.map((count) => count.get(text) ?? 0);
    const onTheirs = shown.filter(({ on }) => some.includes(on));
    const lastAt = onTheirs[some.length - 1]?.at ?? 0;
    for (const sum of [outcomes.get(during) ?? nothing(0), total]) {
      sum.sent += 1;
      if (outcome === 'failed' && some.includes(by)) sum.failed += 1;
      if (outcome === 'resolved' && times.includes(0)) sum.lost += 1;
      if (times.some((count) => count > 1)) sum.doubled += 1;
      if (moved.has(text)) sum.misordered += 1;
      if (lastAt > 0) sum.slowestMs = Math.max(sum.slowestMs, lastAt - at);
    }
  }
  return { outcomes, total };
}

/** The texts that stand elsewhere than on the first screen, counting as few as possible: the rest is in order. */
function movedTexts(screens: readonly (readonly string[])[]): Set<string> {
  const place = new Map([...new Set(screens[0])].map((text, index) => [text, index]));
  const moved = new Set<string>();
  for (const screen of screens) {
    const common = [...new Set(screen)].filter((text) => place.has(text));
    const inOrder = longestIncreasing(common.map((text) => place.get(text) ?? 0));
    for (const [index, text] of common.entries()) if (!inOrder.has(index)) moved.add(text);
  }
  // Texts that one sender wrote in turn must stand in turn, on the first screen as well.
  const newest = new Map<string, number>();
  for (const text of screens[0] ?? []) {
    const [name = '', number = ''] = text.split(' ');
    if (Number(number) < (newest.get(name) ?? -1)) moved.add(text);
    else newest.set(name, Number(number));
  }
  return moved;
}

/** Indices of a longest increasing subsequence (patience sorting). */
function longestIncreasing(values: readonly number[]): Set<number> {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [index, value] of values.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = index;
  }
  const members = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) members.add(index);
  return members;
}

function nothing(times: number): Outcome {
  return { times, sent: 0, lost: 0, doubled: 0, misordered: 0, failed: 0, slowestMs: 0 };
}

/** The outcome as a table of Markdown. */
export function tableOf({ outcomes, total }: Verdict): string {
  const row = (kind: string, { times, sent, lost, doubled, misordered, failed, slowestMs }: Outcome) =>
    `| ${kind} | ${times} | ${sent} | ${failed} | ${lost} | ${doubled} | ${misordered} | ${(slowestMs / 1000).toFixed(1)} s |`;
  return [
    '| fault | times | messages | not sent | lost | doubled | out of order | slowest on all screens |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...[...outcomes].map(([kind, outcome]) => row(kind, outcome)),
    row('**all**', total),
  ].join('\n');
}
