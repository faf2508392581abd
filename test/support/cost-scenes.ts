import type { ChatRoom } from '../../src/lite-room.js';
import { CostMeter, type Usage } from './cost-meter.js';
import { type InProcessWorld, inProcessWorld, type WorldOptions } from './in-process-rooms.js';

const MINUTE = 60_000;
/** Everything that a change leads to has happened after it: repairs, second looks. */
const AFTERMATH_MS = 60_000;
const TEXT =
  'See you at ten, and bring the plans for the house, the garden and the small shed behind it, will you';

export type Costs = Record<string, Usage>;

/** A lobby with so many members, and what it costs. */
class Lobby {
  readonly world: InProcessWorld;
  readonly meter: CostMeter;
  readonly rooms: ChatRoom[] = [];

  constructor(options?: WorldOptions) {
    this.world = inProcessWorld(options);
    this.meter = new CostMeter(this.world);
  }

  /** Joins members one by one; each is prepared before it joins, and acts after it. */
  async fill(
    members: number,
    {
      events = true,
      before = () => {},
      after,
    }: { events?: boolean; before?: (room: ChatRoom) => void; after?: (room: ChatRoom) => Promise<unknown> },
  ): Promise<ChatRoom> {
    while (this.rooms.length < members) {
      const room = this.member(`user-${this.rooms.length}`, events);
      before(room);
      await this.world.join(room);
      if (after !== undefined) await this.world.result(after(room));
    }
    await this.world.run(10_000);
    const [first] = this.rooms;
    if (first === undefined) throw new Error('unable to measure; a lobby needs a member');
    return first;
  }

  member(id: string, events = true): ChatRoom {
    const room = this.world.room({ room: 'lobby', user: { id, name: id }, events });
    this.rooms.push(room);
    return room;
  }

  /** Joined, in memory and stored, before anything is measured. */
  async say(room: ChatRoom, messages: number): Promise<string> {
    let last = '';
    for (let said = 0; said < messages; said += 1) ({ id: last } = await this.world.result(room.send(TEXT)));
    await this.world.run(10_000);
    return last;
  }

  cost(act: () => Promise<unknown>, aftermathMs = AFTERMATH_MS): Promise<Usage> {
    return this.meter.during(async () => {
      await this.world.result(act());
      await this.world.run(aftermathMs);
    });
  }
}

/** Messages, joins and silence in a room of which no feature is in use. */
export async function plainCosts(
  members: number,
  events: boolean,
): Promise<Record<'join' | 'send' | 'idle', Usage>> {
  const lobby = new Lobby();
  const ada = await lobby.fill(members - 1, { events });
  await lobby.say(ada, 50);
  const join = await lobby.cost(() => lobby.member('late', events).join());
  const send = await lobby.cost(() => ada.send(TEXT));
  const idle = await lobby.meter.minute(5);
  await lobby.world.end();
  return { join, send, idle };
}

/** An idle room whose streams bring no heartbeats: silence is all there is. */
export async function heartlessCosts(): Promise<Record<'idle', Usage>> {
  const lobby = new Lobby({ heartbeatMs: 24 * 60 * MINUTE });
  await lobby.say(await lobby.fill(1, {}), 50);
  const idle = await lobby.meter.minute(10);
  await lobby.world.end();
  return { idle };
}

/** One change of each kind. */
export async function changeCosts(members: number): Promise<Costs> {
  const lobby = new Lobby();
  const ada = await lobby.fill(members, {});
  const id = await lobby.say(ada, 50);
  const thread = ada.thread(id);
  const costs: Costs = {
    edit: await lobby.cost(() => ada.edit(id, TEXT.toUpperCase())),
    reaction: await lobby.cost(() => ada.react(id, '👍')),
    signal: await lobby.cost(() => ada.signal('dice', { pips: 4 })),
    pin: await lobby.cost(() => ada.pin(id)),
    'thread: open': await lobby.cost(() => thread.open()),
    'thread: reply': await lobby.cost(() => thread.send(TEXT)),
    delete: await lobby.cost(() => ada.delete(id)),
  };
  await lobby.world.end();
  return costs;
}

/** A join and a page of 50 in a room where every message was edited and has reactions and a thread. */
export async function richCosts(): Promise<{ join: Usage; page: Usage; pageMs: number }> {
  const lobby = new Lobby();
  const ada = await lobby.fill(2, {});
  for (let said = 0; said < 50; said += 1) {
    const { id } = await lobby.world.result(ada.send(TEXT));
    await lobby.world.result(Promise.all([ada.edit(id, TEXT.toUpperCase()), ada.react(id, '👍')]));
    const thread = ada.thread(id);
    await lobby.world.result(thread.send(TEXT));
    thread.close();
  }
  await lobby.world.run(AFTERMATH_MS);
  const join = await lobby.cost(() => lobby.member('late').join());
  await lobby.say(ada, 50);
  const later = lobby.member('later');
  await lobby.world.join(later);
  await lobby.world.run(AFTERMATH_MS);
  const since = lobby.world.time.now();
  const loading = later.loadOlder();
  const page = await lobby.meter.during(() => lobby.world.result(loading));
  const pageMs = lobby.world.time.now() - since;
  await lobby.world.end();
  return { join, page, pageMs };
}

/** A minute in which some write, a key every quarter of a second, each with a rhythm of its own. */
export async function typingCosts(members: number, typists: number): Promise<Record<'minute', Usage>> {
  const lobby = new Lobby();
  await lobby.fill(members, { before: (room) => room.on('typing', () => {}) });
  const { time } = lobby.world;
  let writing = true;
  const press = (room: ChatRoom) => {
    if (!writing) return;
    room.typing.keystroke();
    time.after(200 + 100 * time.random(), () => press(room));
  };
  for (const each of lobby.rooms.slice(0, typists)) time.after(20_000 * time.random(), () => press(each));
  await lobby.world.run(30_000);
  const minute = await lobby.meter.minute();
  writing = false;
  await lobby.world.run(10_000);
  await lobby.world.end();
  return { minute };
}

/** A minute in which all members are there, and nothing happens. */
export async function presenceCosts(members: number): Promise<Record<'minute', Usage>> {
  const lobby = new Lobby();
  await lobby.fill(members, {
    before: (room) => room.on('presence', () => {}),
    after: (room) => room.presence.enter(),
  });
  await lobby.world.run(2 * MINUTE);
  const minute = await lobby.meter.minute(5);
  await lobby.world.end();
  return { minute };
}

/** One who enters, updates and leaves: nobody renews meanwhile. */
export async function presenceChanges(): Promise<Record<'enter' | 'update' | 'leave', Usage>> {
  const lobby = new Lobby();
  const bob = await lobby.fill(1, { before: (room) => room.on('presence', () => {}) });
  const costs = {
    enter: await lobby.cost(() => bob.presence.enter(), 3000),
    update: await lobby.cost(() => bob.presence.update({ mood: 'good' }), 3000),
    leave: await lobby.cost(() => bob.presence.leave(), 3000),
  };
  await lobby.world.end();
  return costs;
}

/** One message that all members mark as read; then a minute in which they mark all the time, and nothing is new. */
export async function readingCosts(
  members: number,
  listeners = members,
): Promise<Record<'message' | 'nothingNew', Usage>> {
  const lobby = new Lobby();
  const ada = await lobby.fill(members, {});
  for (const room of lobby.rooms.slice(0, listeners)) room.on('read', () => {});
  await lobby.say(ada, 1);
  const marks = () => lobby.rooms.slice(0, listeners).map((room) => room.read.mark());
  // All are known as readers: each tells less often where there are many.
  await lobby.world.result(Promise.all(marks()));
  await lobby.world.run(20_000);
  const message = await lobby.cost(async () => {
    await ada.send(TEXT);
    // All see it before they mark it.
    await new Promise<void>((resolve) => lobby.world.time.after(1000, resolve));
    await Promise.all(marks());
  });
  const nothingNew = await lobby.cost(async () => {
    await Promise.all(marks());
  });
  await lobby.world.end();
  return { message, nothingNew };
}

/** A minute of sixty messages, each of which one reader marks at once, ten times. */
export async function busyReaderCosts(): Promise<Record<'minute', Usage>> {
  const lobby = new Lobby();
  const ada = await lobby.fill(2, {});
  const bob = lobby.rooms[1] ?? ada;
  bob.on('read', () => {});
  await lobby.say(ada, 1);
  const minute = await lobby.meter.during(async () => {
    for (let tenth = 0; tenth < 600; tenth += 1) {
      if (tenth % 10 === 0) void ada.send(TEXT);
      void bob.read.mark();
      await lobby.world.run(100);
    }
  });
  // The mark that waits for its turn is stored.
  await lobby.world.run(5000);
  await lobby.world.end();
  return { minute };
}
