// @vitest-environment jsdom
import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { expect, it } from 'vitest';

it(
  'shows a message as being sent while the service is slow',
  withLocalMomento(async ({ faults, token }) => {
    const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
    await room.join();
    faults.delay({ rpc: 'ListPushFront', ms: 300 });
    const sending = room.send('slow');
    expect(room.messages.at(-1)?.status).toBe('sending');
    await sending;
    expect(room.messages.at(-1)?.status).toBe('sent');
    await room.leave();
  }),
  15_000,
);
