import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenRequest } from '../../src/session/token-source.js';
import { ChatError } from '../../src/shared/errors.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client();
});
afterEach(() => world.end());

const settings = { room: 'lobby', user: { name: 'Ada' }, events: false };

/** A token that is to be renewed as if it lived for 100 s; it lives on until it is revoked. */
async function granted() {
  const { token } = await client.tokens.source({ rooms: ['lobby'] });
  return { token, exp: 0, expiresIn: 100 };
}

function revokeFirst(): void {
  world.engine.faults.expireToken(client.tokens.minted[0]?.token ?? '');
}

it('G4: a renewal that fails is told at once and every minute, not at each attempt, and goes on', async () => {
  let asked = 0;
  let healed = false;
  const token = async ({ reason }: TokenRequest) => {
    asked += 1;
    if (reason === 'join' || healed) return granted();
    throw new ChatError('token-unavailable', 'unable to get a token; the endpoint answered 500');
  };
  const room = client.room({ ...settings, token });
  const errors: string[] = [];
  room.on('error', ({ message }) => errors.push(message));
  await world.joined(room);
  await world.run(100_000 + 290_000);
  expect(asked).toBeGreaterThan(10);
  expect(errors.length).toBeGreaterThanOrEqual(4);
  expect(errors.length).toBeLessThanOrEqual(6);
  expect(new Set(errors)).toEqual(new Set(['unable to get a token; the endpoint answered 500']));
  healed = true;
  await world.run(31_000);
  const before = errors.length;
  await world.run(60_000);
  expect(errors.length).toBe(before);
});

describe('G4: a token endpoint that refuses a renewal', () => {
  const URL = 'http://app.localhost/token';
  let answer: () => Response | Promise<Response>;
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

  const vended = async () => Response.json(await granted());
  const status = (status: number) => () => new Response('', { status });

  /** A room whose token is due for renewal after 75 to 90 s and ends after 100 s; the endpoint refuses from then on. */
  async function joined(refusal: () => Response) {
    answer = vended;
    const room = client.room({ ...settings, token: URL });
    room.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
    room.on('status', (now) => statuses.push(now));
    await world.joined(room);
    answer = refusal;
    return room;
  }

  /** The first refusal was told. */
  async function refused() {
    for (let waited = 0; waited < 100_000 && errors.length === 0; waited += 100) await world.run(100);
  }

  it.each([
    ['for no reason it tells is asked again as soon as the browser is online', {}, 1],
    [
      'and says when to come back is not asked before, though the browser is online',
      { 'retry-after': '60' },
      0,
    ],
  ])('%s', async (_, headers, times) => {
    await joined(() => new Response('', { status: 503, headers }));
    await world.run(400_000);
    const before = asked.length;
    expect(before).toBeGreaterThan(5);
    client.hints.give('online');
    await world.run(0);
    expect(asked.length - before).toBe(times);
  });

  it('with 404 is asked again soon, as while it is deployed, and no reader notices', async () => {
    await joined(status(404));
    await refused();
    expect(errors).toEqual([
      `token-unavailable: unable to get a token; the token endpoint ${URL} answered 404`,
    ]);
    answer = vended;
    // The rest of the token's life may be ten seconds.
    await world.run(2000);
    revokeFirst();
    await world.run(60_000);
    expect(statuses).toEqual(['joining', 'joined']);
    expect(asked.every((url) => !url.includes('rejected'))).toBe(true);
  });

  it.each([
    ['404', 'token-unavailable'],
    ['401', 'unauthenticated'],
    ['403 for "lobby"', 'permission-denied'],
  ])(
    'with %s lets the room go on for as long as its token lives, and fails it then',
    async (answered, meaning) => {
      const room = await joined(status(Number.parseInt(answered, 10)));
      await refused();
      await world.run(9000);
      expect(statuses).toEqual(['joining', 'joined']);
      await world.say(room, 'still here');
      expect(asked.length).toBeLessThan(20);
      const told = `${meaning}: unable to get a token; the token endpoint ${URL} answered ${answered}`;
      expect(errors).toEqual([told]);
      revokeFirst();
      await world.run(2000);
      expect(statuses).toEqual(['joining', 'joined', 'reconnecting', 'failed']);
      expect(errors.at(-1)).toBe(told);
    },
  );
});

describe('G3, G4: while Momento rejects the token and the endpoint gives no other', () => {
  /** The room's token ends now, and no other comes. */
  function endTokens(): void {
    client.tokens.refusal = new Error('the endpoint answered 500');
    for (const { token } of client.tokens.minted) world.engine.faults.expireToken(token);
  }
  const slowly = (...slow: string[]) => {
    client.link.fates = (rpc) => (slow.includes(rpc) ? { thereMs: 500 } : undefined);
  };

  it('a message that is on its way fails in time, and can be sent again', async () => {
    const room = client.room(settings);
    await world.joined(room);
    slowly('Publish', 'ListPushFront');
    const sending = expect(room.send('hello')).rejects.toMatchObject({ code: 'network' });
    await world.run(100);
    endTokens();
    await world.run(330_000);
    await sending;
    expect(room.messages).toMatchObject([{ text: 'hello', status: 'failed' }]);
    client.tokens.refusal = undefined;
    await world.run(60_000);
    expect(await world.result(room.retry(room.messages[0]?.id ?? ''))).toMatchObject({ status: 'sent' });
  });

  it.each(['Subscribe', 'ListFetch'])('a join ends that has come to %s', async (rpc) => {
    slowly(rpc);
    const room = client.room(settings);
    let code: string | undefined;
    room.join().catch((error) => {
      code = error.code;
    });
    await world.run(100);
    endTokens();
    await world.run(60_000);
    expect([room.status, code]).toEqual(['failed', 'token-unavailable']);
  });

  it('G5: a join that is left ends at once, though another room of the session waits on for a token', async () => {
    const session = client.session();
    const [other, room] = ['other', 'lobby'].map((name) => client.room({ ...settings, room: name, session }));
    if (other === undefined || room === undefined) throw new Error('no room');
    await world.joined(other, room);
    await world.result(room.leave());
    slowly('Subscribe');
    let ended = false;
    void room.join().finally(() => {
      ended = true;
    });
    await world.run(100);
    endTokens();
    await world.run(2000);
    expect([room.status, ended]).toEqual(['joining', false]);
    await world.result(room.leave());
    await world.run(100);
    expect([room.status, ended]).toEqual(['left', true]);
  });
});
