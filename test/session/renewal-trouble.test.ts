import { afterEach, beforeEach, expect, it } from 'vitest';
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
