import { Activity, act, StrictMode } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RoomProvider, useConnection, useMessages, useRoom } from '../../src/react/index.js';
import { ChatError } from '../../src/shared/errors.js';
import { FAIR } from '../support/weather.js';
import { ADA, GRACE_MS, ROOM_SUBSCRIPTIONS, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

function Room() {
  const { name } = useRoom();
  const { status, error, join } = useConnection();
  const { messages } = useMessages();
  return (
    <button type="button" onClick={join}>
      {`${name} ${status} ${error?.code ?? ''} ${messages.map(({ text }) => text).join(',')}`}
    </button>
  );
}

describe('one connection', () => {
  it('G5: strict mode opens it once, and unmounting leaves nothing after the grace', async () => {
    await stage.render(
      <StrictMode>
        <stage.Chat>
          <RoomProvider name="lobby">
            <Room />
          </RoomProvider>
        </stage.Chat>
      </StrictMode>,
    );
    expect(stage.text).toContain('lobby joined');
    expect([stage.subscribed, stage.subscriptions]).toEqual([ROOM_SUBSCRIPTIONS, ROOM_SUBSCRIPTIONS]);
    await stage.render(null);
    expect(stage.subscriptions).toBe(ROOM_SUBSCRIPTIONS);
    await stage.run(GRACE_MS);
    expect(stage.subscriptions).toBe(0);
  });

  it('G3: a room that is no longer shown is left once its message is sent', async () => {
    const other = await stage.other('lobby');
    await stage.render(
      <stage.Chat>
        <RoomProvider name="lobby">
          <Room />
        </RoomProvider>
      </stage.Chat>,
    );
    stage.device.link.weather = { ...FAIR, loseRequest: 1 };
    stage.lastRoom.send('On its way').catch(() => {});
    await stage.render(null);
    await stage.run(GRACE_MS * 2);
    stage.device.link.weather = FAIR;
    await stage.run(30_000);
    expect(other.messages.map(({ text }) => text)).toEqual(['On its way']);
    expect(stage.lastRoom.status).toBe('left');
  });

  it('two trees that name the same room share it, and the last one closes it', async () => {
    const tree = (count: number) => (
      <stage.Chat>
        {[1, 2].slice(0, count).map((key) => (
          <RoomProvider key={key} name="lobby">
            <Room />
          </RoomProvider>
        ))}
      </stage.Chat>
    );
    await stage.render(tree(2));
    await stage.render(tree(1));
    await stage.run(GRACE_MS * 2);
    expect([stage.subscribed, stage.subscriptions]).toEqual([ROOM_SUBSCRIPTIONS, ROOM_SUBSCRIPTIONS]);
  });

  it('a tree that is mounted anew within the grace, as by fast refresh, keeps it', async () => {
    for (const key of ['first', 'second', 'third'])
      await stage.render(
        <stage.Chat key={key}>
          <RoomProvider name="lobby">
            <Room />
          </RoomProvider>
        </stage.Chat>,
      );
    expect([stage.subscribed, stage.subscriptions]).toEqual([ROOM_SUBSCRIPTIONS, ROOM_SUBSCRIPTIONS]);
  });

  it('an Activity keeps it while it is hidden for a moment, and takes it up again later', async () => {
    const tree = (mode: 'visible' | 'hidden') => (
      <stage.Chat>
        <Activity mode={mode}>
          <RoomProvider name="lobby">
            <Room />
          </RoomProvider>
        </Activity>
      </stage.Chat>
    );
    await stage.render(tree('visible'));
    await stage.render(tree('hidden'));
    await stage.render(tree('visible'));
    expect(stage.subscribed).toBe(ROOM_SUBSCRIPTIONS);
    await stage.render(tree('hidden'));
    await stage.run(GRACE_MS);
    expect(stage.subscriptions).toBe(0);
    await stage.render(tree('visible'));
    expect(stage.subscriptions).toBe(ROOM_SUBSCRIPTIONS);
    expect(stage.text).toContain('lobby joined');
  });

  it('one that was left, and is shown again within the grace, is joined again', async () => {
    const tree = (
      <stage.Chat>
        <RoomProvider name="lobby">
          <Room />
        </RoomProvider>
      </stage.Chat>
    );
    await stage.render(tree);
    await stage.result(stage.lastRoom.leave());
    expect(stage.text).toContain('lobby left');
    await stage.render(null);
    await stage.render(tree);
    expect(stage.text).toContain('lobby joined');
    expect(stage.subscriptions).toBe(ROOM_SUBSCRIPTIONS);
  });

  it('one that failed, and is shown again within the grace, is tried again', async () => {
    let requests = 0;
    const session = stage.device.session(async (request) => {
      requests += 1;
      if (requests === 1) throw new ChatError('permission-denied', 'unable to get a token; not yet');
      return stage.device.tokens.source(request);
    });
    const tree = (
      <stage.Chat session={session}>
        <RoomProvider name="lobby">
          <Room />
        </RoomProvider>
      </stage.Chat>
    );
    await stage.render(tree);
    expect(stage.text).toContain('lobby failed permission-denied');
    await stage.render(null);
    await stage.render(tree);
    expect(stage.text).toContain('lobby joined');
  });

  it('a room that the app joined stays joined', async () => {
    const room = stage.room({ room: 'lobby', user: ADA });
    await stage.join(room);
    await stage.render(
      <RoomProvider room={room}>
        <Room />
      </RoomProvider>,
    );
    await stage.render(null);
    await stage.run(GRACE_MS * 2);
    expect([room.status, stage.subscriptions]).toEqual(['joined', ROOM_SUBSCRIPTIONS]);
    await stage.result(room.leave());
  });
});

describe('changes', () => {
  it('another name is another room: the first one is left after the grace', async () => {
    const tree = (name: string) => (
      <stage.Chat>
        <RoomProvider name={name}>
          <Room />
        </RoomProvider>
      </stage.Chat>
    );
    await stage.render(tree('lobby'));
    const other = await stage.other('lobby');
    await stage.result(other.send('Hello'));
    await stage.run(1000);
    expect(stage.text).toContain('Hello');
    await stage.render(tree('help'));
    expect(stage.text).toContain('help joined');
    expect(stage.text).not.toContain('Hello');
    await stage.run(GRACE_MS);
    expect(stage.subscriptions).toBe(ROOM_SUBSCRIPTIONS + 2);
    await stage.render(tree('lobby'));
    expect(stage.text).toContain('lobby joined  Hello');
  });

  it('another session or user means other rooms', async () => {
    const tree = (user: typeof ADA, session = stage.session) => (
      <stage.Chat user={user} session={session}>
        <RoomProvider name="lobby">
          <Room />
        </RoomProvider>
      </stage.Chat>
    );
    await stage.render(tree(ADA));
    await stage.render(tree({ id: 'ada', name: 'Ada' }));
    expect(stage.subscribed).toBe(ROOM_SUBSCRIPTIONS);
    await stage.render(tree({ id: 'eve', name: 'Eve' }));
    await stage.run(GRACE_MS);
    expect([stage.subscribed, stage.subscriptions]).toEqual([2 * ROOM_SUBSCRIPTIONS, ROOM_SUBSCRIPTIONS]);
    await stage.render(tree(ADA, stage.device.session()));
    await stage.run(GRACE_MS);
    expect([stage.subscribed, stage.subscriptions]).toEqual([3 * ROOM_SUBSCRIPTIONS, ROOM_SUBSCRIPTIONS]);
  });
});

describe('failures', () => {
  it('why a join failed is in `error`, until one that succeeds', async () => {
    let allowed = false;
    const source = stage.device.tokens.source;
    const session = stage.device.session(async (request) => {
      if (allowed) return source(request);
      throw new ChatError('permission-denied', 'unable to get a token; not your room');
    });
    await stage.render(
      <StrictMode>
        <stage.Chat session={session}>
          <RoomProvider name="lobby">
            <Room />
          </RoomProvider>
        </stage.Chat>
      </StrictMode>,
    );
    expect(stage.text).toContain('lobby failed permission-denied');
    allowed = true;
    await act(async () => stage.container.querySelector('button')?.click());
    await stage.run(2000);
    expect(stage.text).toContain('lobby joined  ');
    expect(stage.complaints).toEqual([]);
  });

  it('a hook outside of its provider says so', async () => {
    await expect(stage.render(<Room />)).rejects.toThrow(
      'unable to use useRoom; there is no RoomProvider around it',
    );
    await expect(stage.render(<RoomProvider name="lobby" />)).rejects.toThrow(
      'unable to use RoomProvider; there is no ChatProvider around it',
    );
  });
});
