// @vitest-environment jsdom
import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { expect, it } from 'vitest';

it(
  'has no history left when nobody wrote for a day',
  withLocalMomento(async ({ clock, token, tokens }) => {
    const room = new ChatRoom({
      room: 'lobby',
      user: { name: 'Ada' },
      token,
      history: { ttlSeconds: 86_400 },
    });
    await room.join();
    await room.send('good night');
    await room.leave();
    clock.advance(25 * 60 * 60 * 1000);
    const nextDay = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
    await nextDay.join();
    expect(nextDay.messages).toEqual([]);
    expect(tokens.minted).toHaveLength(2);
    await nextDay.leave();
  }),
  15_000,
);
