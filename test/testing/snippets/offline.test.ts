// @vitest-environment jsdom
import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { it } from 'vitest';

it(
  'shows that my user is offline, and sends what they typed when they are back',
  withLocalMomento(async ({ faults, token, waitFor }) => {
    const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
    await room.join();
    const backOnline = faults.goOffline();
    await waitFor(() => room.status === 'reconnecting');
    const sending = room.send('typed in a tunnel');
    backOnline();
    await sending;
    await waitFor(() => room.status === 'joined');
    await room.leave();
  }),
  15_000,
);
