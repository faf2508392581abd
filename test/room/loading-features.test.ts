import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOADERS } from '../../src/room/feature-map.js';
import { FEATURE_NAMES } from '../../src/room/feature-name.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await world.end();
});

const open = (name: string) => world.room({ room: 'lobby', user: { id: name.toLowerCase(), name } });
/** The browser says that it has no network: no part of the library can be loaded. */
const takeOffline = () => vi.stubGlobal('navigator', { onLine: false });

it('`preload` takes the name of each feature that there is', () => {
  expect([...FEATURE_NAMES].sort()).toEqual(Object.keys(LOADERS).sort());
});

describe('a feature that a listener asks for before the join', () => {
  /** Joins a room with a listener of signals; from then on no part can be loaded. */
  async function joinWithoutParts() {
    const room = open('Ada');
    const [heard, errors] = [[] as string[], [] as string[]];
    room.on('signal', ({ type }) => heard.push(type));
    room.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    // By then all that the join itself needs is being loaded.
    room.once('status', takeOffline);
    await world.join(room);
    return { room, heard, errors };
  }

  it('is started when its code can be loaded after all', async () => {
    const { room, heard } = await joinWithoutParts();
    const bob = open('Bob');
    await world.run(3000);
    vi.unstubAllGlobals();
    await world.join(bob);
    await world.run(10_000);
    await world.result(bob.signal('dice', {}));
    await world.run(500);
    expect(room.status).toBe('joined');
    expect(heard).toEqual(['dice']);
  });

  it('is told of once when its code cannot be loaded, and is started by the next join', async () => {
    const { room, heard, errors } = await joinWithoutParts();
    await world.run(60_000);
    expect(errors).toEqual(['network: unable to use signals; a part of the library cannot be loaded']);
    vi.unstubAllGlobals();
    const bob = open('Bob');
    await world.result(room.leave());
    await world.join(room, bob);
    await world.result(bob.signal('dice', {}));
    await world.run(500);
    expect(heard).toEqual(['dice']);
  });
});

describe('a room that is left and joined again', () => {
  it('needs no part of the library for that which it has already', async () => {
    const room = open('Ada');
    await world.join(room);
    await world.result(room.leave());
    takeOffline();
    expect(await world.settled(room.join())).toMatchObject({ status: 'fulfilled' });
  });

  describe('while the code of a feature is being loaded', () => {
    /** Asks for presence, whose code comes or fails when the returned functions say so; leaves, and joins again. */
    async function rejoinWhileLoading() {
      const room = open('Ada');
      await world.join(room);
      takeOffline();
      vi.stubGlobal('location', { href: 'http://page/' });
      const answer = { resolve: () => {}, reject: (_problem: TypeError) => {} };
      vi.stubGlobal(
        'fetch',
        () => new Promise<void>((resolve, reject) => Object.assign(answer, { resolve, reject })),
      );
      const entering = world.settled(room.presence.enter());
      await world.run(100);
      vi.unstubAllGlobals();
      void room.leave();
      await world.join(room);
      return { room, entering, answer };
    }

    it('does not do what was asked for before it was left', async () => {
      const { room, entering, answer } = await rejoinWhileLoading();
      answer.resolve();
      expect(await entering).toMatchObject({ reason: { code: 'not-joined' } });
      await world.run(1000);
      expect(room.presence.members).toEqual([]);
    });

    it('does what is asked for from then on', async () => {
      const { room, entering, answer } = await rejoinWhileLoading();
      const again = world.settled(room.presence.enter());
      answer.reject(new TypeError('Failed to fetch'));
      expect(await entering).toMatchObject({ reason: { code: 'not-joined' } });
      expect(await again).toMatchObject({ status: 'fulfilled' });
      await world.run(1000);
      expect(room.presence.members.map(({ userId }) => userId)).toEqual(['ada']);
    });
  });
});

describe('a part that is first needed in a joined room', () => {
  const MINUTE = 60_000;

  /** A joined room that can load nothing, and the outcome of the first use of presence. */
  async function enterWithoutParts({ lost = false } = {}) {
    const room = open('Ada');
    await world.join(room);
    const { link } = world.clientOf(room);
    if (lost) {
      link.connected = false;
      link.cut('told');
      await world.run(1000);
    }
    takeOffline();
    const began = world.time.monotonic();
    const entering = world.time.settled(room.presence.enter());
    return { room, link, entering, passed: () => world.time.monotonic() - began };
  }

  it('is waited for when it comes after a while', async () => {
    const { entering } = await enterWithoutParts();
    world.time.after(3000, () => vi.unstubAllGlobals());
    expect(await entering).toMatchObject({ status: 'fulfilled' });
  });

  it('is given up after 15 seconds at most when it is gone from its server', async () => {
    const { entering, passed } = await enterWithoutParts();
    expect(await entering).toMatchObject({ reason: { code: 'network' } });
    expect(passed()).toBeLessThanOrEqual(15_000);
  });

  it('is waited for while the connection is lost, as long as a change is', async () => {
    const { entering, link } = await enterWithoutParts({ lost: true });
    world.time.after(4 * MINUTE, () => {
      vi.unstubAllGlobals();
      link.connected = true;
    });
    expect(await entering).toMatchObject({ status: 'fulfilled' });
  });

  it('is waited for no longer than a change', async () => {
    const { entering, passed } = await enterWithoutParts({ lost: true });
    expect(await entering).toMatchObject({ reason: { code: 'network' } });
    expect(passed()).toBeGreaterThan(4 * MINUTE);
    expect(passed()).toBeLessThanOrEqual(5 * MINUTE);
  });

  it('is no longer waited for once the room is left', async () => {
    const { room, entering, passed } = await enterWithoutParts({ lost: true });
    world.time.after(MINUTE, () => void room.leave());
    expect(await entering).toMatchObject({ reason: { code: 'not-joined' } });
    expect(passed()).toBe(MINUTE);
  });
});
