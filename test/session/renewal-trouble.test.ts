import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenRequest } from '../../src/session/token-source.js';
import { ChatError } from '../../src/shared/errors.js';
import { ModelWorld } from '../support/model-room.js';

let world: ModelWorld;
beforeEach(() => {
  world = new ModelWorld();
});
afterEach(() => world.momento.close());

it('G4: a renewal that fails is told at once and every minute, not at each attempt, and goes on', async () => {
  let asked = 0;
  let healed = false;
  const token = async ({ reason }: TokenRequest) => {
    asked += 1;
    if (reason === 'join' || healed) return { token: `t${asked}`, exp: 0, expiresIn: 100 };
    throw new ChatError('token-unavailable', 'unable to get a token; the endpoint answered 500');
  };
  const room = world.room('Ada', { token });
  const errors: string[] = [];
  room.on('error', ({ message }) => errors.push(message));
  await world.joined(room);
  await world.time.advance(100_000 + 290_000);
  expect(asked).toBeGreaterThan(10);
  expect(errors.length).toBeGreaterThanOrEqual(4);
  expect(errors.length).toBeLessThanOrEqual(6);
  expect(new Set(errors)).toEqual(new Set(['unable to get a token; the endpoint answered 500']));
  healed = true;
  await world.time.advance(31_000);
  const before = errors.length;
  await world.time.advance(60_000);
  expect(errors.length).toBe(before);
  void room.leave();
});

describe('G4: a token endpoint that refuses a renewal', () => {
  const URL = 'http://app.localhost/token';
  let answer: () => Response;
  let asked: string[];
  const errors: string[] = [];
  const statuses: string[] = [];

  beforeEach(() => {
    asked = [];
    errors.length = 0;
    statuses.length = 0;
    vi.stubGlobal('fetch', async (url: string) => {
      asked.push(url);
      return answer();
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const granted = () => Response.json({ token: `t${asked.length}`, exp: 0, expiresIn: 100 });
  const status = (status: number) => () => new Response('', { status });

  /** A room whose token is due for renewal after 75 to 90 s and ends after 100 s; the endpoint refuses from then on. */
  async function joined(refusal: () => Response) {
    answer = granted;
    const room = world.room('Ada', { token: URL });
    room.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    room.on('status', (now) => statuses.push(now));
    await world.joined(room);
    answer = refusal;
    return room;
  }

  /** The first refusal was told. */
  async function refused() {
    for (let waited = 0; waited < 100_000 && errors.length === 0; waited += 100)
      await world.time.advance(100);
  }

  it('with 404 is asked again soon, as while it is deployed, and no reader notices', async () => {
    const room = await joined(status(404));
    await refused();
    expect(errors).toEqual([
      `token-unavailable: unable to get a token; the token endpoint ${URL} answered 404`,
    ]);
    answer = granted;
    // What is left of the token's life may be ten seconds.
    await world.time.advance(2000);
    world.momento.revoke('t1');
    await world.time.advance(60_000);
    expect(statuses).toEqual(['joining', 'joined']);
    expect(asked.every((url) => !url.includes('rejected'))).toBe(true);
    void room.leave();
  });

  it.each([
    [404, 'token-unavailable'],
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
  ])(
    'with %i lets the room go on for as long as its token lives, and fails it then',
    async (code, meaning) => {
      const room = await joined(status(code));
      await refused();
      await world.time.advance(9000);
      expect(statuses).toEqual(['joining', 'joined']);
      await world.send(room, 'still here');
      expect(asked.length).toBeLessThan(20);
      const told = `${meaning}: unable to get a token; the token endpoint ${URL} answered ${code}`;
      expect(errors).toEqual([told]);
      world.momento.revoke('t1');
      await world.time.advance(2000);
      expect(statuses).toEqual(['joining', 'joined', 'reconnecting', 'failed']);
      expect(errors.at(-1)).toBe(told);
    },
  );
});
