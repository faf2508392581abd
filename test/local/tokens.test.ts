import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/local/engine/clock.js';
import type { Permission } from '../../src/local/engine/permissions.js';
import { Tokens } from '../../src/local/engine/tokens.js';

const HOUR_S = 3600;
const permission: Permission = {
  on: 'topics',
  role: { read: true, write: true },
  caches: { name: 'chat' },
  names: { name: 'a-chat' },
};
const request = { superUser: false, permissions: [permission], lifeSeconds: HOUR_S, tokenId: 'ada' };

let clock: ManualClock;
let tokens: Tokens;

beforeEach(() => {
  clock = new ManualClock(1_700_000_000_000);
  tokens = new Tokens(clock);
});

const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });
const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('a disposable token', () => {
  it('says who it stands for and what they may', () => {
    expect(tokens.principal(tokens.mintDisposable(request).token)).toEqual({
      superUser: false,
      root: false,
      tokenId: 'ada',
      permissions: [permission],
      disposable: true,
    });
  });

  it('ends when its life is over, to the millisecond', () => {
    const { token } = tokens.mintDisposable(request);
    clock.advance(HOUR_S * 1000 - 1);
    expect(() => tokens.principal(token)).not.toThrow();
    clock.advance(1);
    expect(() => tokens.principal(token)).toThrow(unauthenticated);
  });

  it('lives for 25 hours at most, and has 20 permissions at most and an id of 64 characters', () => {
    expect(() => tokens.mintDisposable({ ...request, lifeSeconds: 25 * HOUR_S })).not.toThrow();
    expect(() => tokens.mintDisposable({ ...request, lifeSeconds: 25 * HOUR_S + 1 })).toThrow(invalid);
    expect(() => tokens.mintDisposable({ ...request, lifeSeconds: 0 })).toThrow(invalid);
    expect(() =>
      tokens.mintDisposable({ ...request, permissions: Array(20).fill(permission) }),
    ).not.toThrow();
    expect(() => tokens.mintDisposable({ ...request, permissions: Array(21).fill(permission) })).toThrow(
      invalid,
    );
    expect(() => tokens.mintDisposable({ ...request, permissions: [] })).toThrow(invalid);
    expect(() => tokens.mintDisposable({ ...request, superUser: true })).toThrow(invalid);
    expect(() => tokens.mintDisposable({ ...request, tokenId: 'x'.repeat(65) })).toThrow(invalid);
  });
});

describe('nobody can make a token', () => {
  it.each(['', 'x', 'local.e30.AAAA', 'a.b.c', 'local..', '....'])('out of %j', (token) => {
    expect(() => tokens.principal(token)).toThrow(unauthenticated);
  });

  it('out of another one by changing what it says', () => {
    const [version, payload = '', signature] = tokens.mintDisposable(request).token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, superUser: true })).toString('base64url');
    expect(() => tokens.principal(`${version}.${forged}.${signature}`)).toThrow(unauthenticated);
    expect(() => tokens.principal(`${version}.${payload}.${signature}x`)).toThrow(unauthenticated);
  });

  it('on another server', () => {
    expect(() => tokens.principal(new Tokens(clock).superUserKey)).toThrow(unauthenticated);
  });
});

describe('an API key', () => {
  it('may never end', () => {
    const { token, expiresAt } = tokens.mintKey({ superUser: true, permissions: [], lifeSeconds: undefined });
    clock.advance(1e12);
    expect(expiresAt).toBe(Number.POSITIVE_INFINITY);
    expect(tokens.principal(token).superUser).toBe(true);
  });

  it('is renewed with its refresh token: same permissions, same length of life, from now', () => {
    const first = tokens.mintKey(request);
    clock.advance(600_000);
    const second = tokens.refresh(first.token, first.refreshToken);
    expect(second.expiresAt).toBe(clock.now() + HOUR_S * 1000);
    expect(tokens.principal(second.token).permissions).toEqual([permission]);
    expect(() => tokens.principal(first.token)).not.toThrow();
    expect(() => tokens.refresh(second.token, second.refreshToken)).not.toThrow();
  });

  it("is not renewed with another key's refresh token, with itself, or when it has ended", () => {
    const one = tokens.mintKey(request);
    const two = tokens.mintKey(request);
    expect(() => tokens.refresh(one.token, two.refreshToken)).toThrow(unauthenticated);
    expect(() => tokens.refresh(one.token, one.token)).toThrow(unauthenticated);
    expect(() => tokens.refresh(one.token, 'nonsense')).toThrow(unauthenticated);
    clock.advance(HOUR_S * 1000);
    expect(() => tokens.refresh(one.token, one.refreshToken)).toThrow(unauthenticated);
  });

  it('is not its refresh token', () => {
    expect(() => tokens.principal(tokens.mintKey(request).refreshToken)).toThrow(unauthenticated);
  });

  it('must be for something and live for some time', () => {
    expect(() => tokens.mintKey({ ...request, permissions: [] })).toThrow(invalid);
    expect(() => tokens.mintKey({ ...request, lifeSeconds: 0 })).toThrow(invalid);
  });
});

describe('the permissions of an API key', () => {
  const other = { ...permission, role: { read: true, write: false } };
  const mint = (...permissions: Permission[]) => tokens.mintKey({ ...request, permissions });

  it('are one at most for the same caches and topics, whatever each allows', () => {
    expect(() => mint(permission, permission)).toThrow(invalid);
    expect(() => mint(permission, other)).toThrow(invalid);
  });

  it('may overlap, and may be for topics and items of the same names', () => {
    expect(() => mint(permission, { ...other, names: { prefix: 'a-chat' } })).not.toThrow();
    expect(() => mint(permission, { ...other, names: 'all' })).not.toThrow();
    expect(() => mint(permission, { ...other, caches: 'all' })).not.toThrow();
    expect(() => mint(permission, { ...other, on: 'items' })).not.toThrow();
  });
});

describe('watching a token', () => {
  it('tells when it ends by itself, once, and leaves no timer', () => {
    const ends: unknown[] = [];
    tokens.watch(tokens.mintDisposable(request).token, (error) => ends.push(error));
    clock.advance(HOUR_S * 1000 - 1);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual([unauthenticated]);
    tokens.expireAll();
    expect(ends).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('tells when it is ended by hand, in whichever form it is named', () => {
    const raw = tokens.mintDisposable(request).token;
    const wrapped = Buffer.from(JSON.stringify({ api_key: raw, endpoint: 'localhost' })).toString('base64');
    const other = tokens.mintDisposable(request).token;
    const ends: string[] = [];
    tokens.watch(raw, () => ends.push('raw'));
    tokens.watch(other, () => ends.push('other'));
    tokens.expire(wrapped);
    expect(ends).toEqual(['raw']);
    expect(() => tokens.principal(raw)).toThrow(unauthenticated);
    expect(() => tokens.principal(other)).not.toThrow();
    tokens.expireAll();
    expect(ends).toEqual(['raw', 'other']);
  });

  it('can be taken back', () => {
    const ends: unknown[] = [];
    const unwatch = tokens.watch(tokens.mintDisposable(request).token, (error) => ends.push(error));
    unwatch();
    clock.advance(HOUR_S * 1000);
    expect(ends).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

it("cannot end the server's own key, nor what is no token", () => {
  expect(() => tokens.expire(tokens.superUserKey)).toThrow(TypeError);
  expect(() => tokens.expire('nonsense')).toThrow(TypeError);
  tokens.expireAll();
  expect(tokens.principal(tokens.superUserKey).superUser).toBe(true);
});

it('minted after everything was ended, a token is good', () => {
  tokens.expireAll();
  expect(() => tokens.principal(tokens.mintDisposable(request).token)).not.toThrow();
});
