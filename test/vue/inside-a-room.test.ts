import { afterEach, beforeEach, expect, it } from 'vitest';
import { createApp, defineComponent, h, ref } from 'vue';
import {
  ChatProvider,
  RoomProvider,
  type Thread,
  usePinned,
  useReceipts,
  useRooms,
  useThread,
} from '../../src/vue/index.js';
import { ADA, GRACE_MS, Page } from '../ui/page.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** Shows a component inside a room while `isShown` is true. */
function show(inner: ReturnType<typeof defineComponent>) {
  const isShown = ref(true);
  const app = createApp(() =>
    h(ChatProvider, { session: page.session, user: { ...ADA }, createRoom: page.createRoom }, () =>
      h(RoomProvider, { name: 'lobby' }, () => (isShown.value ? h(inner) : undefined)),
    ),
  );
  app.mount(page.container);
  page.atEnd(() => app.unmount());
  return isShown;
}

it('a thread is open while it is shown, and follows the root that it is given', async () => {
  const other = await page.other('lobby');
  const lunch = await page.result(other.send('Lunch?'));
  const tea = await page.result(other.send('Tea?'));
  await page.result(other.thread(lunch.id).send('Yes'));
  const rootId = ref(lunch.id);
  let thread: Thread | undefined;
  const isShown = show(
    defineComponent(() => {
      thread = useThread(rootId);
      const { root, messages, typing, hasOlder, unread, error } = thread;
      return () =>
        [
          `${root.value?.text}: ${messages.value.map(({ text }) => text).join(',')}`,
          `typing ${typing.value.users.length}`,
          `${hasOlder.value} ${unread.value.count} ${error.value?.code ?? ''}`,
        ].join(' ');
    }),
  );
  await page.run(3000);
  expect(page.text).toBe('Lunch?: Yes typing 0 false 0 ');
  other.thread(lunch.id).typing.keystroke();
  await page.run(1000);
  expect(page.text).toContain('typing 1');
  thread?.keystroke();
  await page.run(1000);
  expect(other.thread(lunch.id).typing.users).toMatchObject([{ id: 'ada' }]);
  thread?.stop();
  await page.result(thread?.send('No') ?? Promise.reject());
  await page.run(1000);
  expect(page.text).toContain('Lunch?: Yes,No');
  await page.result(thread?.mark() ?? Promise.reject());
  rootId.value = tea.id;
  await page.run(2000);
  expect(page.text).toContain('Tea?:  typing 0');
  isShown.value = false;
  await page.run(GRACE_MS + 1000);
  expect([lunch, tea].map(({ id }) => page.lastRoom.thread(id).isOpen)).toEqual([false, false]);
  other.thread(lunch.id).close();
});

it('keys that are typed in a thread before its room is joined tell nobody, and harm nothing', async () => {
  const other = await page.other('lobby');
  const { id } = await page.result(other.send('Lunch?'));
  await page.result(other.thread(id).open());
  let thread: Thread | undefined;
  show(
    defineComponent(() => {
      thread = useThread(id);
      return () => '';
    }),
  );
  expect(page.lastRoom.status).toBe('joining');
  expect([thread?.keystroke(), thread?.stop()]).toEqual([undefined, undefined]);
  await page.run(2000);
  thread?.keystroke();
  await page.run(1000);
  expect(other.thread(id).typing.users).toMatchObject([{ id: 'ada' }]);
  other.thread(id).close();
});

it('shows pins and who has read how far, and pins and unpins', async () => {
  const other = await page.other('lobby');
  const { id } = await page.result(other.send('Hello'));
  let pins: ReturnType<typeof usePinned> | undefined;
  show(
    defineComponent(() => {
      pins = usePinned();
      const receipts = useReceipts();
      const { pinned } = pins;
      return () =>
        `pinned ${pinned.value.map(({ text }) => text)} read by ${[...receipts.value.keys()].join(',')}`;
    }),
  );
  await page.run(3000);
  expect(page.text).toBe('pinned  read by ');
  await page.result(pins?.pin(id) ?? Promise.reject());
  await page.result(other.read.mark());
  await page.run(3000);
  expect(page.text).toBe('pinned Hello read by bob');
  await page.result(pins?.unpin(id) ?? Promise.reject());
  await page.run(1000);
  expect(page.text).toContain('pinned  read');
});

it('G5: the directory of rooms is open while it is shown, and closed after the grace', async () => {
  await page.result(page.session.rooms.create('lobby', { title: 'Lobby' }));
  let create: ReturnType<typeof useRooms>['create'] | undefined;
  const isShown = show(
    defineComponent(() => {
      const { rooms, error, ...actions } = useRooms();
      create = actions.create;
      return () => `${rooms.value.map(({ title }) => title).join(',')} ${error.value?.code ?? ''}`;
    }),
  );
  await page.run(3000);
  expect(page.text).toBe('Lobby ');
  await page.result(create?.('help', { title: 'Help' }) ?? Promise.reject());
  await page.run(2000);
  expect(page.text).toContain('Help');
  isShown.value = false;
  await page.run(GRACE_MS + 1000);
  expect([page.session.rooms.list, page.session.eventNames()]).toEqual([[], []]);
});

it('rooms outside of a provider say what is missing', () => {
  const app = createApp({
    setup: () => {
      const { rooms } = useRooms();
      return () => rooms.value.length;
    },
  });
  app.config.errorHandler = (error) => page.complaints.push(String(error));
  app.config.warnHandler = () => {};
  app.mount(page.container);
  expect(page.complaints[0]).toBe(
    'Error: unable to find the session; call provideChat() in this component or around it',
  );
});
