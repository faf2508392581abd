import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { TokenRequest } from '../../src/session/token-source.js';
import type { VendedToken } from '../../src/shared/vended-token.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

const NINE_HOURS_MS = 9 * 3_600_000;

let world: InProcessWorld;
let client: InProcessClient;
/** The reasons of the requests. */
let reasons: TokenRequest['reason'][];
/** How long the device sleeps before the next answer comes (milliseconds), which was given before. */
let sleepMs: number;
/** What a vendor says of a token. */
let told: (vended: VendedToken) => VendedToken;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client();
  reasons = [];
  sleepMs = 0;
  told = (vended) => vended;
});
afterEach(() => world.end());

async function token(request: TokenRequest): Promise<VendedToken> {
  reasons.push(request.reason);
  const vended = await client.tokens.source(request);
  if (sleepMs > 0) {
    // Timers stand still while the device sleeps, and so does its monotonic clock.
    client.clock.jump(sleepMs);
    world.engine.faults.expireToken(vended.token);
    sleepMs = 0;
  }
  return told(vended);
}

function open(): { room: ChatRoom; errors: string[] } {
  const room = client.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' }, events: false, token });
  const errors: string[] = [];
  room.on('error', ({ code, message }) => errors.push(`${code} ${message}`));
  return { room, errors };
}

describe.each<[string, (vended: VendedToken) => VendedToken]>([
  ['that says how long it lives', (vended) => vended],
  ['that says when it ends', ({ expiresIn: _, ...vended }) => vended],
])('G4: a token %s and is over when it comes, as the device slept meanwhile,', (_, kind) => {
  beforeEach(() => {
    told = kind;
  });

  it('costs a join one more request, and no error', async () => {
    const { room, errors } = open();
    sleepMs = NINE_HOURS_MS;
    await world.joined(room);
    await world.say(room, 'here');
    expect([room.status, errors, reasons.length]).toEqual(['joined', [], 2]);
  });

  it('costs a room that was told to renew its token one more request, and no error', async () => {
    const { room, errors } = open();
    await world.joined(room);
    sleepMs = NINE_HOURS_MS;
    world.engine.faults.expireAllTokens();
    await world.run(1000);
    await world.say(room, 'here');
    await world.run(10_000);
    expect([room.status, errors, reasons.length]).toEqual(['joined', [], 3]);
  });
});
