// @vitest-environment jsdom
import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { it } from 'vitest';

it(
  'gets another token when mine is refused, and goes on',
  withLocalMomento(async ({ faults, token, tokens, waitFor }) => {
    const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
    await room.join();
    faults.expireAllTokens();
    await room.send('still here');
    await waitFor(() => room.status === 'joined' && tokens.minted.length > 1);
    await room.leave();
  }),
  15_000,
);
