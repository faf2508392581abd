import { afterEach, beforeEach, expect, it } from 'vitest';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

it.each([
  ['a new token sets the clock right', { skewMs: 0, jumpMs: 3_600_000, revoked: true }],
  ['what the last token said does, as the sleep makes it seem wrong', { skewMs: 298_000, jumpMs: 0 }],
])(
  'G1, G2: a message is published again that is stored late since its device slept, though meanwhile %s',
  async (_, { skewMs, jumpMs, revoked }: { skewMs: number; jumpMs: number; revoked?: boolean }) => {
    const sender = world.member('Ada', { skewMs });
    const reader = world.member('Bob', { resumes: false });
    const gaps: boolean[] = [];
    reader.on('gap', ({ complete }) => gaps.push(complete));
    await world.joined(sender, reader);
    const { link, clock } = world.clientOf(sender);
    // A refused call is made again, and takes no time then.
    let late = 4500;
    link.fates = (rpc) => {
      if (rpc !== 'ListPushFront') return undefined;
      const thereMs = late;
      late = 0;
      return { thereMs };
    };
    clock.jump(jumpMs);
    world.clientOf(reader).link.cut('told');
    const sending = sender.send('late');
    await world.run(100);
    if (revoked) world.engine.faults.expireAllTokens();
    const wake = clock.freeze();
    await world.run(4000);
    wake();
    await world.result(sending);
    await world.run(60_000);
    expect(gaps.every((complete) => complete)).toBe(true);
    expect(textsOf(reader)).toEqual(['late']);
  },
);
