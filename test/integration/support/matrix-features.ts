import type { ChatRoom, ChatSession, Message } from 'momento-chat';

/** Somebody with a room and the session that it belongs to. */
export interface Person {
  readonly room: ChatRoom;
  readonly session: ChatSession;
  /** Signals that came. */
  readonly signals: string[];
}

/** The place where a cell of the matrix is played: two people in a room that holds one message of Ada's. */
export interface Stage {
  readonly name: string;
  readonly ada: Person;
  readonly bob: Person;
  /** Id of the message. */
  readonly id: string;
}

/** Scenes, in the order of the table's columns. */
export const SCENES = [
  'two clients',
  'reload',
  'out of order',
  'reconnect',
  'event lost',
  'answer lost',
  'refused',
] as const;
export type Scene = (typeof SCENES)[number];

/** A feature, as the matrix plays it. */
export interface MatrixFeature {
  readonly name: string;
  /** The page that describes it, in `docs/features`. */
  readonly page: string;
  act(stage: Stage): Promise<unknown>;
  /** The part of it that a person sees; polled. */
  see(who: Person, stage: Stage): unknown;
  /** The result of `see` after `act`. */
  readonly expected: unknown;
  /** Two changes of which the first one's events come last, and what is to be seen then. */
  readonly order?: {
    first(stage: Stage): Promise<unknown>;
    second(stage: Stage): Promise<unknown>;
    see: unknown;
    /** The topic that tells of them, where that is another one than for `act`. */
    topic?(name: string): string;
  };
  /** Done again until it is seen, as people go on typing. */
  readonly repeat?: (stage: Stage) => void;
  /** The topic that tells of it. Default: the room's events. */
  topic?(name: string): string;
  /** The call that stores it. */
  readonly writes?: string;
  /** The event of the room whose listener starts it, where the first call would be too late. */
  readonly event?: 'pins' | 'presence' | 'read' | 'typing';
  /** Scenes that do not apply, and why. */
  readonly not?: Partial<Record<Scene, string>>;
}

const messagesOf = ({ room }: Person) => room.messages.filter(({ deletedAt }) => deletedAt === undefined);
const last = (who: Person): Message | undefined => messagesOf(who).at(-1);
const the = (who: Person, { id }: Stage) => who.room.messages.find((message) => message.id === id);
const PNG = Uint8Array.from({ length: 3000 }, (_, index) => index % 251);

const LIVE_ONLY = {
  reload: 'nothing of it is stored',
  'event lost': 'at most once: what is lost is lost',
  refused: 'not sent again: by then it would be wrong',
} as const;

export const FEATURES: readonly MatrixFeature[] = [
  {
    name: 'edit',
    page: 'edits',
    act: ({ ada, id }) => ada.room.edit(id, 'edited', { meta: { more: 1 } }),
    see: (who, stage) => [the(who, stage)?.text, the(who, stage)?.meta],
    expected: ['edited', { kept: true, more: 1 }],
    writes: 'DictionarySet',
    order: {
      first: ({ ada, id }) => ada.room.edit(id, 'older'),
      second: ({ ada, id }) => ada.room.edit(id, 'newer'),
      see: ['newer', { kept: true }],
    },
  },
  {
    name: 'delete',
    page: 'edits',
    act: ({ bob, id }) => bob.room.delete(id),
    see: (who) => messagesOf(who).map(({ text }) => text),
    expected: [],
    writes: 'DictionarySet',
    order: {
      first: ({ ada, id }) => ada.room.edit(id, 'secret'),
      second: ({ bob, id }) => bob.room.delete(id),
      see: [],
    },
  },
  {
    name: 'reactions',
    page: 'reactions',
    act: ({ ada, id }) => ada.room.react(id, '👍'),
    see: (who, stage) =>
      the(who, stage)?.reactions.map(({ emoji, count, users }) => `${emoji} ${count} ${users}`),
    expected: ['👍 1 ada'],
    writes: 'SortedSetPut',
    order: {
      first: ({ ada, id }) => ada.room.react(id, '👍'),
      second: ({ ada, id }) => ada.room.unreact(id, '👍'),
      see: [],
    },
  },
  {
    name: 'typing',
    page: 'typing',
    event: 'typing',
    act: async ({ ada }) => ada.room.typing.keystroke(),
    repeat: ({ ada }) => ada.room.typing.keystroke(),
    see: ({ room }) => room.typing.users.map(({ id }) => id),
    expected: ['ada'],
    not: { ...LIVE_ONLY, 'out of order': 'in test/features/typing.test.ts: a late sign is ignored' },
  },
  {
    name: 'presence',
    page: 'presence',
    event: 'presence',
    act: ({ ada }) => ada.room.presence.enter({ mood: 'good' }),
    see: ({ room }) => room.presence.members.map(({ userId, data }) => [userId, data]),
    expected: [['ada', { mood: 'good' }]],
    writes: 'SortedSetPut',
    order: {
      first: async ({ ada }) => {
        await ada.room.presence.enter({ mood: 'good' });
        await ada.room.presence.update({ mood: 'bad' });
      },
      second: ({ ada }) => ada.room.presence.update({ mood: 'better' }),
      see: [['ada', { mood: 'better' }]],
    },
  },
  {
    name: 'read',
    page: 'read',
    event: 'read',
    act: async ({ ada, bob, id }) => {
      await bob.room.read.mark(id);
      await ada.room.read.mark(id);
    },
    see: ({ room }, { id }) => [...room.read.receipts].map(([user, at]) => [user, at === id]).sort(),
    expected: [
      ['ada', true],
      ['bob', true],
    ],
    writes: 'DictionarySet',
    order: {
      first: async ({ bob, id }) => {
        const { id: next } = await bob.room.send('next');
        await bob.room.read.mark(id);
        return next;
      },
      second: ({ bob }) => bob.room.read.mark(),
      see: [['bob', false]],
    },
  },
  {
    name: 'quotes',
    page: 'quotes',
    act: async ({ ada, bob, id }) => {
      await bob.room.send('I agree', { replyTo: id });
      await ada.room.edit(id, 'edited');
    },
    see: (who) => [last(who)?.replyTo?.text, last(who)?.replyTo?.state],
    expected: ['edited', 'edited'],
    writes: 'DictionarySet',
    order: {
      first: async ({ ada, bob, id }) => {
        await bob.room.send('I agree', { replyTo: id });
        await ada.room.edit(id, 'secret');
      },
      second: ({ ada, id }) => ada.room.delete(id),
      see: ['', 'deleted'],
    },
  },
  {
    name: 'threads',
    page: 'threads',
    act: ({ ada, id }) => ada.room.thread(id).send('a reply'),
    see: (who, stage) => the(who, stage)?.thread?.replyCount ?? 0,
    expected: 1,
    writes: 'DictionarySet',
    order: {
      first: ({ ada, id }) => ada.room.thread(id).send('a reply'),
      second: async ({ ada, id }) => {
        const thread = ada.room.thread(id);
        for (const reply of thread.messages) await thread.delete(reply.id);
      },
      see: 0,
    },
  },
  {
    name: 'mentions',
    page: 'read',
    act: ({ ada }) => ada.room.send('@all', { mentions: ['ada', 'bob', 'carl'] }),
    see: (who) => [last(who)?.text, last(who)?.mentions?.join(), last(who)?.mentionsMe],
    expected: ['@all', 'ada,bob,carl', true],
    topic: (name) => `${name}-chat`,
    writes: 'ListPushFront',
    order: {
      first: ({ ada, id }) => ada.room.edit(id, '@all', { mentions: ['ada', 'bob', 'carl'] }),
      second: ({ ada, id }) => ada.room.edit(id, 'nobody', { mentions: [] }),
      see: ['nobody', undefined, false],
      topic: (name) => `${name}:events`,
    },
  },
  {
    name: 'pins',
    page: 'pins',
    event: 'pins',
    act: ({ ada, id }) => ada.room.pin(id),
    see: ({ room }, { id }) => room.pinned.map((message) => message.id === id),
    expected: [true],
    writes: 'DictionarySet',
    order: {
      first: ({ ada, id }) => ada.room.pin(id),
      second: ({ ada, id }) => ada.room.unpin(id),
      see: [],
    },
  },
  {
    name: 'signals',
    page: 'signals',
    act: ({ ada }) => ada.room.signal('dice', { pips: 4 }).catch(() => {}),
    see: ({ signals }) => signals,
    expected: ['dice 4'],
    writes: 'Publish',
    not: {
      ...LIVE_ONLY,
      'out of order': 'they are told of as they come',
      reconnect: 'dropped while offline, and said so',
    },
  },
  {
    name: 'files',
    page: 'files',
    act: async ({ ada }) => {
      const ref = await ada.room.files.upload(new Blob([PNG], { type: 'image/png' }), { name: 'a.png' });
      await ada.room.send('', { files: [ref] });
    },
    see: async (who) => {
      const [ref] = last(who)?.files ?? [];
      if (ref === undefined) return undefined;
      const copy = await who.room.files.download(ref);
      return [ref.name, copy.type, Buffer.compare(Buffer.from(await copy.arrayBuffer()), Buffer.from(PNG))];
    },
    expected: ['a.png', 'image/png', 0],
    topic: (name) => `${name}-chat`,
    writes: 'Set',
    not: { 'out of order': 'a file never changes' },
  },
  {
    name: 'search, loadAround',
    page: 'search',
    act: async ({ ada, id }) => {
      await ada.room.send('between');
      await ada.room.edit(id, 'Übrigens');
    },
    see: async ({ room }) => {
      const found: string[][] = [];
      for await (const { id } of room.search('ubrig'))
        found.push((await room.loadAround(id)).map(({ text }) => text));
      return found;
    },
    expected: [['Übrigens', 'between']],
    writes: 'DictionarySet',
    order: {
      first: ({ ada, id }) => ada.room.edit(id, 'übrig'),
      second: ({ ada, id }) => ada.room.edit(id, 'nothing'),
      see: [],
    },
  },
  {
    name: 'hide',
    page: 'search',
    act: async ({ ada, bob }) => {
      for (const { room } of [ada, bob]) room.hide('carl');
      bob.room.hide('ada');
      await bob.room.send('mine');
      await ada.room.send('not for bob');
    },
    // Ada hides nobody who is here.
    see: (who, { ada }) => (who === ada ? ['mine'] : messagesOf(who).map(({ text }) => text)),
    expected: ['mine'],
    topic: (name) => `${name}-chat`,
    writes: 'ListPushFront',
    not: { reload: 'not kept over a reload', 'out of order': 'it is a choice of one client' },
  },
  {
    name: 'directory',
    page: 'directory',
    act: ({ ada, name }) => ada.session.rooms.create(`${name} two`, { title: 'Two' }),
    see: ({ session }, { name }) =>
      session.rooms.list.filter((room) => room.name === `${name} two`).map(({ title }) => title),
    expected: ['Two'],
    topic: () => 'rooms:events',
    writes: 'DictionarySet',
    order: {
      first: ({ ada, name }) => ada.session.rooms.create(`${name} two`, { title: 'older' }),
      second: ({ ada, name }) => ada.session.rooms.create(`${name} two`, { title: 'newer' }),
      see: ['newer'],
    },
  },
];
