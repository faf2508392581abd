import { beforeEach, expect, it } from 'vitest';
import { TokenProvider } from '../../src/session/token-provider.js';
import type { TokenRequest } from '../../src/session/token-source.js';
import { ChatError } from '../../src/shared/errors.js';
import type { VendedToken } from '../../src/shared/vended-token.js';
import type { Transport } from '../../src/transport/transport.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import type { VirtualTime } from '../support/virtual-time.js';

let time: VirtualTime;
let provider: TokenProvider;
let reasons: TokenRequest['reason'][];
let tokenOf: Map<Transport, string>;
/** Gives the token of each request. */
let vend: (request: TokenRequest) => Promise<string>;
let connect: () => Promise<void>;
/** Makes what the source hands out. */
let handOut: (vended: VendedToken) => VendedToken;

const after = (ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));
const LIFE_MS = 3_600_000;

beforeEach(() => {
  const world = inProcessWorld({ seed: 1 });
  time = world.time;
  reasons = [];
  tokenOf = new Map();
  vend = async () => 'first';
  connect = async () => {};
  handOut = (vended) => vended;
  provider = new TokenProvider({
    source: async (request): Promise<VendedToken> => {
      reasons.push(request.reason);
      return handOut({ token: await vend(request), exp: 0, expiresIn: LIFE_MS / 1000 });
    },
    environment: {
      scheduler: time,
      connectivity: { watch: () => () => {} },
      connect: async ({ token }) => {
        await connect();
        const transport = world.transport();
        tokenOf.set(transport, token);
        return transport;
      },
      connectClients: async () => world.transport(),
    },
  });
});

it('G4: a token that is rejected while it is renewed, and comes again, is replaced', async () => {
  await time.until(provider.attach('lobby'));
  // The vendor's cache gives the same token, unless it is told that it was refused.
  vend = async ({ reason }) => {
    await after(500);
    return reason === 'rejected' ? 'second' : 'first';
  };
  await time.advance(LIFE_MS, () => reasons.includes('refresh'));
  const used = provider.call(async (transport) => {
    const token = tokenOf.get(transport);
    if (token === 'first') throw new ChatError('unauthenticated', 'unable to call; rejected');
    return token;
  });
  expect(await time.settled(used)).toEqual({ status: 'fulfilled', value: 'second' });
  expect(reasons).toEqual(['join', 'refresh', 'rejected']);
});

it('G4: a token is renewed though the source hands out the same object, filled anew', async () => {
  const same = {} as VendedToken;
  handOut = (vended) => Object.assign(same, vended);
  await time.until(provider.attach('lobby'));
  const renewals: string[] = [];
  provider.watch({ renewed: () => renewals.push('renewed'), reached: () => {}, failed: () => {} });
  vend = async () => 'second';
  await time.advance(LIFE_MS);
  expect([...tokenOf.values()]).toEqual(['first', 'second']);
  expect(renewals).toEqual(['renewed']);
});

it('takes a token whose fields are getters of a class', async () => {
  handOut = (vended) =>
    new (class {
      get token() {
        return vended.token;
      }
      get exp() {
        return vended.exp;
      }
    })();
  await time.until(provider.attach('lobby'));
  expect([...tokenOf.values()]).toEqual(['first']);
});

it('G5: a renewal that fails after the last room was left leaves no timer, and asks for no token', async () => {
  await time.until(provider.attach('lobby'));
  vend = async () => 'second';
  connect = async () => {
    await after(500);
    throw new ChatError('token-unavailable', 'unable to connect; the SDK cannot be loaded');
  };
  await time.advance(LIFE_MS, () => reasons.includes('refresh'));
  provider.detach('lobby');
  await time.advance(60_000);
  expect(time.pending).toBe(0);
  expect(reasons).toEqual(['join', 'refresh']);
});

it('G5: a room that is left while it waits for a token waits no longer, though others go on', async () => {
  await time.until(provider.attach('lobby'));
  vend = () => new Promise(() => {});
  const ends: string[] = [];
  for (let join = 0; join < 2; join += 1)
    provider.attach('attic').catch(({ code }: ChatError) => ends.push(code));
  await time.advance(1000);
  const { pending } = time;
  provider.detach('attic');
  await time.advance(0);
  expect(ends).toEqual([]);
  provider.detach('attic');
  await time.advance(0);
  expect(ends).toEqual(['closed', 'closed']);
  expect(time.pending).toBe(pending - 2);
});

it.each(['permission-denied', 'rate-limited'] as const)(
  'G4: a token that is due while a room joins with it, and is refused with %s, is renewed ahead of its end all the same',
  async (code) => {
    await time.until(provider.attach('lobby'));
    const troubles: string[] = [];
    provider.watch({ renewed: () => {}, reached: () => {}, failed: (error) => troubles.push(error.code) });
    vend = async ({ rooms }) => {
      await after(1000);
      if (rooms.includes('attic')) throw new ChatError(code, 'unable to get a token; not this room');
      return 'second';
    };
    await time.advance(0.7 * LIFE_MS);
    // One after the other, so that it is due in the midst of one.
    for (const began = time.monotonic(); time.monotonic() - began < 0.21 * LIFE_MS; ) {
      await time.settled(provider.attach('attic'));
      provider.detach('attic');
    }
    await time.advance(60_000);
    expect([...tokenOf.values()]).toEqual(['first', 'second']);
    expect(troubles).toEqual([]);
  },
);

it('G4: a token that is rejected while a room joins with it, and is refused, is replaced all the same', async () => {
  await time.until(provider.attach('lobby'));
  vend = async ({ rooms }) => {
    await after(1000);
    if (rooms.includes('attic'))
      throw new ChatError('permission-denied', 'unable to get a token; not this room');
    return 'second';
  };
  const joining = provider.attach('attic').catch(() => provider.detach('attic'));
  const used = provider.call(async (transport) => {
    const token = tokenOf.get(transport);
    if (token === 'first') throw new ChatError('unauthenticated', 'unable to call; rejected');
    return token;
  });
  expect(await time.settled(used)).toEqual({ status: 'fulfilled', value: 'second' });
  await joining;
  expect(reasons).toEqual(['join', 'join', 'rejected']);
});

it('a source that takes the rooms out of what it is given is asked once', async () => {
  const asked: (string | undefined)[] = [];
  vend = async ({ rooms }) => {
    if (asked.length > 10)
      throw new ChatError('permission-denied', 'unable to get a token; asked without end');
    asked.push((rooms as string[]).pop());
    return 'token';
  };
  await time.until(provider.attach('lobby'));
  expect(asked).toEqual(['lobby']);
  provider.detach('lobby');
});
