import fc from 'fast-check';
import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { expect, it } from 'vitest';
import type { LinkWeather } from '../support/in-process-link.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyWeather } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { openTab, type Tab } from '../support/tab.js';
import { settle } from '../support/virtual-time.js';

const RUNS = propertyRuns(40, 1500);
const TABS = 2;
const ADA = { id: 'ada', name: 'Ada' };

type Step =
  | { do: 'open' | 'open offline' | 'die' | 'leave' | 'join' | 'send' | 'offline' | 'online'; who: number }
  /** Every call is lost, and nobody notices for a while. */
  | { do: 'dark'; who: number }
  | { do: 'edit' | 'delete' | 'react'; who: number; which: number }
  /** The tab dies right before its next write but so many. */
  | { do: 'doom'; who: number; writes: number }
  | { do: 'weather'; who: number; weather: LinkWeather }
  | { do: 'wait'; ms: number };

const who = fc.nat(TABS - 1);
const as = <const Name extends string>(...names: Name[]) => fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: as('send'), who }) },
  { weight: 8, arbitrary: fc.record({ do: as('edit', 'edit', 'delete', 'react'), who, which: fc.nat(3) }) },
  { weight: 5, arbitrary: fc.record({ do: as('join', 'offline', 'dark', 'dark', 'online'), who }) },
  { weight: 6, arbitrary: fc.record({ do: as('open', 'open offline', 'open offline'), who }) },
  { weight: 5, arbitrary: fc.record({ do: as('die', 'die', 'die', 'leave'), who }) },
  { weight: 2, arbitrary: fc.record({ do: as('doom'), who, writes: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: as('weather'), who, weather: anyWeather }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: as('wait'), ms: fc.constantFrom(1, 20, 100, 1000, 8000, 30_000) }),
  },
);

/** A tab changes a message that everybody has, cannot store that, and dies: only its storage knows of the change. */
const lostChange: fc.Arbitrary<Step[]> = fc
  .record({
    who,
    change: as('edit', 'delete', 'react'),
    loss: as('offline', 'dark'),
    ms: fc.constantFrom(20, 1000),
    open: as('open', 'open offline'),
  })
  .map(({ who, change, loss, ms, open }) => [
    { do: 'open', who },
    { do: 'online', who },
    { do: 'join', who },
    { do: 'wait', ms: 1000 },
    { do: 'send', who },
    { do: 'wait', ms: 1000 },
    { do: loss, who },
    { do: change, who, which: 0 },
    { do: 'wait', ms },
    { do: 'die', who },
    { do: open, who },
  ]);
const walk = fc
  .array(
    fc.oneof({ weight: 12, arbitrary: step.map((one) => [one]) }, { weight: 2, arbitrary: lostChange }),
    { maxLength: 40, size: 'medium' },
  )
  .map((parts) => parts.flat());

/** The acts that were asked for one message, and those of them that are sure to happen. */
interface Wish {
  readonly texts: string[];
  /** Index of the last text that was kept or sent. */
  secured: number;
  deleting: boolean;
  deleted: boolean;
  /** Tabs that edited it: which of two at once counts is for their clocks to say. */
  readonly editors: Set<number>;
  /** A reaction was kept. */
  reacted: boolean;
}

it(
  'a message that was written down is seen exactly once, as last changed, wherever its tab dies',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(walk, fc.nat(), async (steps, seed) => {
        const world = inProcessWorld({ seed });
        const wishes = new Map<string, Wish>();
        const kept = new Map<string, Record<string, unknown>>();
        const securedBy = (what: string, id: string) => {
          const wish = wishes.get(id);
          if (wish === undefined) return;
          for (const [index, text] of wish.texts.entries())
            if (what.includes(text)) wish.secured = Math.max(wish.secured, index);
        };
        const storage = watched(memoryStorage(), {
          put(key, record) {
            kept.set(key, record);
            const written = JSON.stringify(record);
            for (const [id, wish] of wishes) {
              if (!key.includes(id)) continue;
              if (key.startsWith('delete ')) wish.deleted = true;
              else if (key.startsWith('reaction ')) wish.reacted = true;
              else securedBy(written, id);
            }
          },
          remove: (key) => kept.delete(key),
        });
        const bob = world.room({ room: 'r', user: { id: 'bob', name: 'Bob' } });
        const seen: string[] = [];
        bob.on('message', ({ id }) => seen.push(id));
        await world.join(bob);
        const living = new Set<Tab>();
        const tabs: (Tab | undefined)[] = [];
        const open = (index: number, isOffline = false): Tab => {
          const tab = openTab(world, storage, ADA);
          if (isOffline) tab.offline(true);
          tabs[index] = tab;
          living.add(tab);
          tab.storage.onDeath = () => {
            living.delete(tab);
            tab.die();
          };
          tab.room.join().catch(() => {});
          return tab;
        };
        for (let index = 0; index < TABS; index += 1) open(index);
        await world.run(200);
        for (const next of steps) {
          const tab = 'who' in next ? tabs[next.who] : undefined;
          if (next.do === 'wait') await world.run(next.ms);
          else if (next.do === 'open' || next.do === 'open offline') {
            if (tab === undefined || !living.has(tab)) open(next.who, next.do === 'open offline');
          } else if (tab !== undefined && living.has(tab)) await act(tab, next);
          await settle();
          // One tab sends.
          for (const id of wishes.keys()) {
            const sending = [...living].filter(({ room }) =>
              room.messages.some((message) => message.id === id && message.status === 'sending'),
            );
            expect(sending.length).toBeLessThanOrEqual(1);
          }
        }
        async function act(tab: Tab, next: Exclude<Step, { do: 'wait' }>): Promise<void> {
          const { room } = tab;
          if (next.do === 'die') tab.storage.onDeath();
          else if (next.do === 'doom') tab.storage.doomed = next.writes;
          else if (next.do === 'weather') tab.client.link.weather = next.weather;
          else if (next.do === 'leave') void room.leave();
          else if (next.do === 'join') room.join().catch(() => {});
          else if (next.do === 'dark') tab.client.link.fates = () => ({ outcome: 'request-lost' });
          else if (next.do === 'offline' || next.do === 'online') {
            tab.client.link.fates = undefined;
            tab.offline(next.do === 'offline');
          } else if (next.do === 'send') {
            const text = `<text ${wishes.size}>`;
            const ids = new Set(room.messages.map(({ id }) => id));
            const sending = room.send(text);
            sending.catch(() => {});
            await Promise.resolve();
            const id = room.messages.find((message) => !ids.has(message.id))?.id;
            if (id === undefined) return;
            wishes.set(id, {
              texts: [text],
              secured: -1,
              deleting: false,
              deleted: false,
              reacted: false,
              editors: new Set(),
            });
            sending.then(() => securedBy(text, id)).catch(() => {});
          } else if ('which' in next) {
            const own = room.messages.filter(({ own, deletedAt }) => own && deletedAt === undefined);
            const id = own.at(-1 - next.which)?.id ?? '';
            const wish = wishes.get(id);
            if (wish === undefined) return;
            if (next.do === 'react') room.react(id, '👍').catch(() => {});
            else if (next.do === 'delete') {
              wish.deleting = true;
              // In a room that was left, or failed, a message that was not sent can only be discarded: another tab may send it.
              const isOver = room.status === 'left' || room.status === 'failed';
              room.delete(id).then(
                () => {
                  if (living.has(tab) && !isOver) wish.deleted = true;
                },
                () => {},
              );
            } else {
              const text = `<text ${id} ${wish.texts.length}>`;
              wish.texts.push(text);
              wish.editors.add(next.who);
              room.edit(id, text).then(
                () => securedBy(text, id),
                () => {},
              );
            }
          }
        }
        world.clearUp();
        for (const tab of living) {
          tab.storage.doomed = undefined;
          tab.client.link.fates = undefined;
          tab.offline(false);
          // One that has been joining for long gives up first.
          tab.room.join().catch(() => tab.room.join().catch(() => {}));
        }
        await world.run(60_000);
        const last = open(TABS);
        await world.run(120_000);
        for (const tab of living) expect(tab.room.status).toBe('joined');

        expect(new Set(seen).size, 'no message is told of twice').toBe(seen.length);
        const entries = new Map<string, string>();
        for (const payload of world.list('r')) {
          const { id } = JSON.parse(payload) as { id: string };
          expect(payload, 'one id, one payload').toBe(entries.get(id) ?? payload);
          entries.set(id, payload);
        }
        for (const [id, { texts, secured, deleting, deleted, reacted, editors }] of wishes) {
          const shown = bob.messages.filter((message) => message.id === id);
          const failed = [...living].some(({ room }) =>
            room.messages.some((message) => message.id === id && message.status === 'failed'),
          );
          expect(shown.length).toBeLessThanOrEqual(1);
          const [message] = shown;
          if (deleted) {
            expect(message?.text ?? '', 'a deleted message').toBe('');
            expect(entries.has(id)).toBe(false);
          } else if (secured >= 0 && !deleting) {
            expect(message !== undefined || failed, 'nothing is lost').toBe(true);
            if (message !== undefined && !failed)
              expect(texts.slice(editors.size > 1 ? 0 : secured)).toContain(message.text);
            if (message !== undefined && reacted && !failed)
              expect(message.reactions, 'a reaction').toHaveLength(1);
          } else if (message !== undefined && message.text !== '') expect(texts).toContain(message.text);
          const mine = last.room.messages.find((one) => one.id === id);
          if (message !== undefined && mine?.status === 'sent') expect(mine.text).toBe(message.text);
        }
        for (const [key, record] of kept) expect(record, `left over: ${key}`).toMatchObject({ failed: true });
        await world.end();
      }),
      RUNS,
    );
  },
);

/** Tells what was written, once it is. */
function watched(
  storage: ChatStorage,
  on: { put(key: string, record: Record<string, unknown>): void; remove(key: string): void },
): ChatStorage {
  return {
    ...storage,
    async open(place, adopt) {
      const session = await storage.open(place, adopt);
      return {
        ...session,
        async put(key, record) {
          await session.put(key, record);
          on.put(key, record);
        },
        async remove(key) {
          await session.remove(key);
          on.remove(key);
        },
      };
    },
  };
}
