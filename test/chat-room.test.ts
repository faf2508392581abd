import { ChatError, ChatRoom, type ChatRoomOptions, ChatSession } from 'momento-chat';
import { describe, expect, it } from 'vitest';

const token = async () => ({ token: 't', exp: 0 });
const clients = {
  topics: { publish: async () => ({ type: 'Success' }), subscribe: async () => ({ type: 'Error' }) },
  cache: { listPushFront: async () => ({ type: 'Success' }), listFetch: async () => ({ type: 'Miss' }) },
};
const valid: ChatRoomOptions = { room: 'lobby', user: { name: 'Ada' }, token };
const create = (changes: object) => () => new ChatRoom({ ...valid, ...changes } as ChatRoomOptions);

describe('a room that is created wrongly throws a ChatError at once', () => {
  it.each([
    ['no room', { room: undefined }],
    ['an empty room', { room: '' }],
    ["a ':' in the room", { room: 'a:b' }],
    ['a control character in the room', { room: 'a\nb' }],
    ['a room of 129 characters', { room: 'x'.repeat(129) }],
    ['no user', { user: undefined }],
    ['no user name', { user: {} }],
    ['a blank user name', { user: { name: ' ' } }],
    ['a user name that leaves no room for a text', { user: { name: '✓'.repeat(700) } }],
    ['an empty user id', { user: { name: 'Ada', id: '' } }],
    ['a user id that is a number', { user: { name: 'Ada', id: 7 } }],
    ['neither token, session nor clients', { token: undefined }],
    ['a token and clients', { clients }],
    ['a token and a session', { session: new ChatSession({ token }) }],
    ['a session and clients', { token: undefined, session: new ChatSession({ token }), clients }],
    ['a token that is a number', { token: 7 }],
    ['an empty token', { token: '' }],
    ['a token URL that nothing can fetch', { token: 'nonsense://token' }],
    ['a token URL that is none', { token: 'http://' }],
    ['clients that are none', { token: undefined, clients: {} }],
    ['a session that is none', { token: undefined, session: {} }],
    ['an empty cache', { cache: '' }],
    ['a page of nothing', { history: { pageSize: 0 } }],
    ['half a message in memory', { history: { maxInMemory: 0.5 } }],
    ['a negative store', { history: { maxStored: -1 } }],
    ['half a second of life', { history: { ttlSeconds: 0.5 } }],
    ['messages of no size', { maxMessageBytes: Number.NaN }],
    ['no attempt', { retry: { maxAttempts: 0 } }],
    ['no attempt, by its old name', { retry: { attempts: 0 } }],
  ])('%s', (_, changes) => {
    expect(create(changes)).toThrowError(ChatError);
    expect(create(changes)).toThrowError(
      expect.objectContaining({ code: 'invalid-argument', retryable: false }),
    );
  });

  it('but not a time to live of ten days, which caches with provisioned storage keep', () => {
    expect(create({ history: { ttlSeconds: 864_000 } })).not.toThrow();
  });

  it('no options at all', () => {
    expect(() => new ChatRoom(undefined as unknown as ChatRoomOptions)).toThrowError(ChatError);
  });

  it('a session without a token source', () => {
    expect(() => new ChatSession({} as { token: string })).toThrowError(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});

describe('a room that is not joined', () => {
  it('is idle and empty', () => {
    const room = new ChatRoom(valid);
    expect([room.room, room.status, room.messages, room.hasOlder]).toEqual(['lobby', 'idle', [], false]);
  });

  it.each([
    ['send', (room: ChatRoom) => room.send('hi')],
    ['loadOlder', (room: ChatRoom) => room.loadOlder()],
    ['retry', (room: ChatRoom) => room.retry('x')],
  ])('refuses to %s', async (_, act) => {
    await expect(act(new ChatRoom(valid))).rejects.toMatchObject({ name: 'ChatError', code: 'not-joined' });
  });

  it.each(['', '   ', '\n\t', undefined, 7])('refuses the text %j, joined or not', async (text) => {
    await expect(new ChatRoom(valid).send(text as string)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it('refuses to discard what has not failed', () => {
    const room = new ChatRoom(valid);
    expect(() => room.discard('x')).toThrowError(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('may be left, and stays idle', async () => {
    const room = new ChatRoom(valid);
    await room.leave();
    expect(room.status).toBe('idle');
  });
});

it('a message is on its way, published and stored, before the app is told of it', async () => {
  const diary: string[] = [];
  const answer = async (what: string) => {
    diary.push(what);
    return { type: 'Success' };
  };
  const room = new ChatRoom({
    room: 'lobby',
    user: { name: 'Ada' },
    clients: {
      topics: {
        publish: () => answer('publish'),
        subscribe: async () => ({ type: 'Subscription', unsubscribe: () => {} }),
      },
      cache: { listPushFront: () => answer('push'), listFetch: async () => ({ type: 'Miss' }) },
    },
  });
  await room.join();
  room.on('message', ({ status }) => diary.push(`message ${status}`));
  room.on('change', ([message]) => diary.push(`change ${message?.status}`));
  const sent = room.send('hi');
  expect(room.messages).toMatchObject([{ text: 'hi', status: 'sending' }]);
  await sent;
  await room.leave();
  expect(diary).toEqual(['publish', 'push', 'message sending', 'change sending', 'change sent']);
});
