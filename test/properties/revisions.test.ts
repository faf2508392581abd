import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { dictionaryFetch } from '../../src/transport/operations/dictionaries.js';
import type { Link } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(25, 1000);
const CLIENTS = 3;

type Step =
  | NetworkStep
  | { do: 'send' | 'leave' | 'join'; who: number }
  | { do: 'edit' | 'delete' | 'pin' | 'unpin'; who: number; which: number }
  /** Both devices of Ada at one moment; the call of the first arrives `ms` later. */
  | {
      do: 'collide';
      acts: readonly ['edit' | 'delete' | 'pin' | 'unpin', 'edit' | 'delete' | 'pin' | 'unpin'];
      which: number;
      ms: number;
    };

const who = fc.nat(CLIENTS - 1);
const change = fc.constantFrom(
  'edit' as const,
  'edit' as const,
  'delete' as const,
  'pin' as const,
  'unpin' as const,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), who }) },
  { weight: 6, arbitrary: fc.record({ do: change, who, which: fc.nat(2) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('collide' as const),
      acts: fc.tuple(change, change),
      which: fc.nat(2),
      ms: fc.constantFrom(0, 10, 300, 4000, 12_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'join' as const), who }) },
  { weight: 8, arbitrary: anyNetworkStep(CLIENTS) },
);

/** The promises made and the texts seen on one device. */
class Device {
  readonly room: ChatRoom;
  readonly link: Link;
  /** The texts that a message was given from here, the oldest first; whether that was acknowledged. */
  readonly edits = new Map<string, { text: string; done: boolean }[]>();
  /** The texts of edits that were rejected: one that is shown before it is stored is taken back then. */
  readonly #rejected = new Set<string>();
  readonly deleted = new Set<string>();
  /** Whatever must never be seen, seen; `instead`: of this text. */
  readonly #broken: { what: string; instead?: string | undefined }[] = [];
  readonly #seen = new Map<string, { text: string; editedAt: number; deleted: boolean }>();

  constructor(world: InProcessWorld, room: ChatRoom) {
    this.room = room;
    this.link = world.clientOf(room).link;
    room.on('pins', (pinned) => {
      if (pinned.some(({ deletedAt }) => deletedAt !== undefined))
        this.#broken.push({ what: 'a deleted pin' });
    });
    room.on('change', (messages) => {
      for (const { id, editedAt, deletedAt, text } of messages) {
        const before = this.#seen.get(id) ?? { text: '', editedAt: 0, deleted: false };
        const now = { text, editedAt: editedAt?.getTime() ?? 0, deleted: deletedAt !== undefined };
        if (before.deleted && !now.deleted) this.#broken.push({ what: `${text} was deleted, and is back` });
        if (!now.deleted && now.editedAt < before.editedAt)
          this.#broken.push({ what: `${text} is an older edit`, instead: before.text });
        this.#seen.set(id, now);
      }
    });
  }

  get broken(): string[] {
    return this.#broken.flatMap(({ what, instead }) => (this.#rejected.has(instead ?? '') ? [] : [what]));
  }

  do(what: 'edit' | 'delete' | 'pin' | 'unpin', id: string, text: string): void {
    if (what === 'edit') {
      const edit = { text, done: false };
      this.edits.set(id, [...(this.edits.get(id) ?? []), edit]);
      this.room.edit(id, text).then(
        () => {
          edit.done = true;
        },
        () => this.#rejected.add(text),
      );
    } else if (what === 'delete') {
      // In a room that was left, a message that was not sent can only be discarded.
      const { status } = this.room;
      this.room.delete(id).then(
        () => status === 'joined' && this.deleted.add(id),
        () => {},
      );
    } else this.room[what](id).catch(() => {});
  }

  /** Whether what a message shows in the end keeps what was acknowledged here: the later of two edits of one device wins. */
  keeps(id: string, text: string): boolean {
    const edits = this.edits.get(id) ?? [];
    const shown = edits.findIndex((edit) => edit.text === text);
    const isOthers = shown === -1 && text !== FIRST(id);
    return isOthers || shown >= edits.findLastIndex(({ done }) => done);
  }
}

const originals = new Map<string, string>();
const FIRST = (id: string) => originals.get(id);

it(
  'edits, deletions, quotes and pins are the same on all clients in the end, and no deleted text is stored',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), fc.nat(), async (steps, seed) => {
        const world = inProcessWorld({ seed });
        // Two devices of one user, and another user.
        const open = (id: string, index: number) => {
          const room = world.room({ room: 'r', user: { id, name: id }, skewMs: index * 90_000 });
          room.on('pins', () => {});
          return room;
        };
        const rooms = ['ada', 'ada', 'bob'].map(open);
        const devices = rooms.map((room) => new Device(world, room));
        const [one, two] = devices as [Device, Device, Device];
        await world.join(...rooms);
        originals.clear();
        let texts = 0;
        const words = new Map<string, Set<string>>();
        const said = (id: string | undefined, text: string) => {
          if (id !== undefined) words.set(id, (words.get(id) ?? new Set()).add(text));
        };
        for (const next of steps) {
          if (next.do === 'collide') {
            const id = one.room.messages.filter(({ own }) => own).at(-1 - next.which)?.id;
            // Nobody deletes what they have not seen.
            if (id === undefined || !two.room.messages.some((message) => message.id === id)) continue;
            texts += 2;
            const [first, second] = [`<text ${texts - 1}>`, `<text ${texts}>`];
            for (const text of [first, second]) said(id, text);
            one.link.fates = () => ({ thereMs: next.ms });
            one.do(next.acts[0], id, first);
            two.do(next.acts[1], id, second);
            await world.run(30);
            one.link.fates = undefined;
            continue;
          }
          const room = 'who' in next ? rooms[next.who] : undefined;
          if (room === undefined || !('who' in next)) {
            await play(world, next as NetworkStep);
            continue;
          }
          texts += 1;
          const text = `<text ${texts}>`;
          const chosen = 'which' in next ? room.messages.at(-1 - next.which)?.id : undefined;
          if (next.do === 'send') {
            const replyTo = room.messages.findLast(({ status }) => status === 'sent')?.id;
            room.send(text, replyTo === undefined ? {} : { replyTo }).catch(() => {});
            const id = room.messages.find((message) => message.text === text)?.id;
            said(id, text);
            if (id !== undefined) originals.set(id, text);
          } else if (next.do === 'leave') void room.leave();
          else if (next.do === 'join') void room.join().catch(() => {});
          else if (chosen === undefined) continue;
          else {
            if (next.do === 'edit') said(chosen, text);
            devices[next.who]?.do(next.do as 'edit', chosen, text);
          }
        }
        world.clearUp();
        await world.run(400_000);
        await world.join(...rooms);
        // A device that reads all state again writes anew what is stale.
        for (let turn = 0; turn < 3; turn += 1) {
          for (const { link } of world.clients) link.cut('told');
          await world.run(60_000);
        }
        const late = open('late', 0);
        await world.join(late);
        await world.run(60_000);
        const shown = new Map(
          late.messages.map(({ id, text, deletedAt, replyTo }) => [
            id,
            { text, deletedAt, quote: replyTo?.text },
          ]),
        );
        const stored = await world.result(
          world.transport().call(dictionaryFetch, { cache: 'chat', dictionary: 'r:revisions' }),
        );
        expect(devices.flatMap(({ broken }) => broken)).toEqual([]);
        for (const { id, text, deletedAt, status } of late.messages)
          for (const device of devices) {
            if (status !== 'sent' || deletedAt !== undefined) continue;
            expect(device.deleted.has(id), `${text} was deleted`).toBe(false);
            expect(device.keeps(id, text), `${text} is older than what was acknowledged`).toBe(true);
          }
        const everything = [...world.list('r'), ...stored.values()].join('\n');
        // One that its sender gave up, published and never stored, is shown and quoted by whoever heard it.
        const failed = new Set(
          rooms.flatMap(({ messages }) =>
            messages.filter(({ status }) => status === 'failed').map(({ id }) => id),
          ),
        );
        const isGivenUp = (id = '') => failed.has(id) && !shown.has(id);
        for (const room of rooms) {
          for (const { id, text, status, deletedAt, replyTo } of room.messages) {
            if (status !== 'sent' || isGivenUp(id)) continue;
            const quote = isGivenUp(replyTo?.id) ? '' : replyTo?.text;
            if (deletedAt === undefined)
              expect({ text, quote }).toEqual({
                text: shown.get(id)?.text,
                quote: shown.get(id)?.quote,
              });
            else
              for (const word of words.get(id) ?? [])
                expect(everything.includes(word) || JSON.stringify(room.messages).includes(word), word).toBe(
                  false,
                );
          }
          expect(room.pinned.map(({ id }) => id)).toEqual(late.pinned.map(({ id }) => id));
        }
        await world.end();
      }),
      RUNS,
    );
  },
);
