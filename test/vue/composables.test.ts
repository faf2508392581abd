import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createApp,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  KeepAlive,
  nextTick,
  onMounted,
  ref,
  shallowRef,
} from 'vue';
import { renderToString } from 'vue/server-renderer';
import {
  ChatProvider,
  provideRoom,
  RoomProvider,
  useConnection,
  useDraft,
  useMembers,
  useMessage,
  useMessages,
  usePresence,
  useRoom,
  useSignal,
  useTyping,
  useUnread,
} from '../../src/vue/index.js';
import { ADA, GRACE_MS, Page, ROOM_SUBSCRIPTIONS } from '../ui/page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

const Room = defineComponent(() => {
  const room = useRoom();
  const { messages } = useMessages();
  const { status, error } = useConnection();
  const { users } = useTyping();
  const { count } = useMembers();
  const { unread } = useUnread();
  const list = () => messages.value.map(({ text }) => text).join(',');
  return () =>
    h(
      'p',
      [
        `${room.value.name} ${status.value} ${error.value?.code} [${list()}]`,
        `typing: ${users.value.map(({ name }) => name)} here: ${count.value} unread: ${unread.value.count}`,
      ].join(' '),
    );
});

function open(name = ref('lobby'), inner = Room) {
  const isShown = ref(true);
  const app = createApp(() =>
    h(ChatProvider, { session: page.session, user: { ...ADA }, createRoom: page.createRoom }, () =>
      isShown.value ? h(RoomProvider, { name: name.value }, () => h(inner)) : undefined,
    ),
  );
  app.mount(page.container);
  page.atEnd(() => app.unmount());
  return { isShown, name };
}

it('G5: a room is joined once, follows its name, and is left after the grace', async () => {
  const { isShown, name } = open();
  await page.run(2000);
  expect(page.text).toContain('lobby joined undefined []');
  isShown.value = false;
  await page.run(1000);
  isShown.value = true;
  await page.run(1000);
  expect(page.subscribed).toBe(ROOM_SUBSCRIPTIONS);
  name.value = 'help';
  await page.run(GRACE_MS + 2000);
  expect(page.text).toContain('help joined');
  expect(page.subscriptions).toBe(ROOM_SUBSCRIPTIONS);
  isShown.value = false;
  await page.run(GRACE_MS + 2000);
  expect(page.subscriptions).toBe(0);
});

it('G5: a room that KeepAlive has put away is left, with its presence, and shown as it is once it comes back', async () => {
  const Present = defineComponent(() => {
    usePresence();
    // That of a store, which others use as well.
    store ??= effectScope(true).run(() => useConnection(useRoom()));
    useSignal('wave', () => {
      waves += 1;
    });
    return () => h(Room);
  });
  const Place = defineComponent(() => () => h(RoomProvider, { name: 'lobby' }, () => h(Present)));
  let waves = 0;
  let store: ReturnType<typeof useConnection> | undefined;
  const isShown = ref(true);
  const app = createApp(() =>
    h(ChatProvider, { session: page.session, user: { ...ADA }, createRoom: page.createRoom }, () =>
      h(KeepAlive, () => (isShown.value ? h(Place) : h('p', 'Another page'))),
    ),
  );
  app.mount(page.container);
  page.atEnd(() => app.unmount());
  const bob = await page.other('lobby');
  bob.on('presence', () => {});
  await page.run(3000);
  expect(page.text).toContain('lobby joined undefined []');
  expect(bob.presence.count).toBe(1);
  const { subscriptions, subscribed } = page;
  isShown.value = false;
  await page.run(1000);
  isShown.value = true;
  await page.run(1000);
  expect([page.subscriptions, page.subscribed]).toEqual([subscriptions, subscribed]);
  isShown.value = false;
  await page.run(GRACE_MS + 3000);
  expect(page.subscriptions).toBe(subscriptions - ROOM_SUBSCRIPTIONS);
  expect([bob.presence.count, page.lastRoom.eventNames(), store?.status.value]).toEqual([
    0,
    ['status'],
    'left',
  ]);
  await page.result(bob.send('Hello'));
  isShown.value = true;
  await page.run(3000);
  expect(page.text).toContain('lobby joined undefined [Hello]');
  await page.result(bob.signal('wave', {}));
  await page.run(1000);
  expect([bob.presence.count, page.subscriptions, waves]).toEqual([1, subscriptions, 1]);
});

it('shows messages, who is typing, who is there and what is unread', async () => {
  open();
  await page.run(2000);
  const other = await page.other('lobby');
  await page.result(other.send('Hello'));
  other.typing.keystroke();
  await page.result(other.presence.enter());
  await page.run(2000);
  expect(page.text).toContain('[Hello] typing: Bob here: 1 unread: 1');
});

describe('in a scope of their own, with a room of the app', () => {
  function scoped<T>(use: (room: ReturnType<Page['room']>) => T) {
    const room = page.room({ room: 'lobby', user: ADA });
    const scope = effectScope();
    const result = scope.run(() => use(room));
    page.atEnd(async () => {
      scope.stop();
      await room.leave();
    });
    if (result === undefined) throw new Error('unable to use the scope; it has stopped');
    return { room, scope, result };
  }

  it('refs are the same until they change, and stand still when the scope has stopped', async () => {
    const id = ref('');
    const { room, scope, result } = scoped((of) => ({
      messages: useMessages(of),
      message: useMessage(id, of),
    }));
    await page.join(room);
    const other = await page.other('lobby');
    const sent = await page.result(other.send('Hello'));
    await page.run(1000);
    expect(result.messages.messages.value).toBe(room.messages);
    expect(result.message.value).toBeUndefined();
    id.value = sent.id;
    expect(result.message.value).toBe(room.messages[0]);
    await page.result(result.messages.react(sent.id, '👍'));
    expect(result.message.value?.reactions).toHaveLength(1);
    scope.stop();
    await page.result(other.send('Bye'));
    await page.run(1000);
    expect(result.messages.messages.value).toHaveLength(1);
    expect(room.listenerCount('change')).toBe(0);
  });

  it('a room that is replaced takes its listeners along', async () => {
    const other = page.room({ room: 'help', user: ADA });
    const current = shallowRef(other);
    const { room, result } = scoped(() => useMessages(current));
    await page.join(room);
    current.value = room;
    expect([other.listenerCount('change'), room.listenerCount('change')]).toEqual([0, 2]);
    await page.result(result.send('Hello'));
    expect(result.messages.value).toBe(room.messages);
  });

  it('drafts, signals and presence', async () => {
    const data = ref({ mood: 'fine' });
    const rolled: unknown[] = [];
    const { room, result } = scoped((of) => {
      usePresence(data, of);
      return { draft: useDraft(of), dice: useSignal('dice', (signal) => rolled.push(signal.data.pips), of) };
    });
    const other = await page.other('lobby');
    const changes: string[] = [];
    other.on('presence', ({ type, member }) => changes.push(`${type} ${member.data?.mood}`));
    await page.join(room);
    await page.run(6000);
    data.value = { mood: 'great' };
    await page.run(6000);
    expect(changes).toEqual(['enter fine', 'update great']);
    result.draft.text.value = 'Hello';
    await page.result(result.draft.send());
    expect(result.draft.text.value).toBe('');
    await page.result(other.signal('dice', { pips: 4 }));
    await page.run(1000);
    expect(rolled).toEqual([4]);
    expect(room.messages.map(({ text }) => text)).toEqual(['Hello']);
  });
});

it('a server renders an empty room and opens nothing, and the page takes it over without a warning', async () => {
  const app = () =>
    createSSRApp(() =>
      h(ChatProvider, { session: page.session, user: ADA, createRoom: page.createRoom }, () =>
        h(RoomProvider, { name: 'lobby' }, () => h(Room)),
      ),
    );
  const html = await page.onServer(() => renderToString(app()));
  expect(html).toContain('lobby idle undefined []');
  expect(page.subscribed).toBe(0);
  page.container.innerHTML = html;
  const hydrated = app();
  hydrated.mount(page.container);
  page.atEnd(() => hydrated.unmount());
  await nextTick();
  await page.run(2000);
  expect(page.text).toContain('lobby joined');
  expect(page.complaints).toEqual([]);
});

it('says what is missing', () => {
  expect(() => effectScope().run(() => useMessages().messages)).toThrow(
    'call provideRoom() in this component or around it',
  );
  const app = createApp({ setup: () => void provideRoom('lobby') });
  app.config.errorHandler = (error) => page.complaints.push(String(error));
  app.config.warnHandler = () => {};
  app.mount(page.container);
  expect(page.complaints).toEqual([
    'Error: unable to name a room; call provideChat() in this component or around it',
  ]);
});

it('a page from a server is taken over as it is, even where the room is full already', async () => {
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  const app = () => createSSRApp(() => h(RoomProvider, { room }, () => h(Room)));
  page.container.innerHTML = await page.onServer(() => renderToString(app()));
  await page.join(room);
  await page.result(room.send('Hello'));
  const client = app();
  client.mount(page.container);
  page.atEnd(() => client.unmount());
  await nextTick();
  expect(page.text).toContain('joined undefined [Hello]');
  expect(page.complaints).toEqual([]);
});

it('a composable that is called once the page is mounted follows its room as well', async () => {
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  await page.join(room);
  const texts = shallowRef<() => string>(() => '');
  const app = createApp(
    defineComponent(() => {
      onMounted(() => {
        const { messages } = useMessages(room);
        texts.value = () => messages.value.map(({ text }) => text).join(',');
      });
      return () => h('p', texts.value());
    }),
  );
  app.mount(page.container);
  page.atEnd(() => app.unmount());
  await page.result(room.send('Hello'));
  await nextTick();
  expect(page.text).toBe('Hello');
});
