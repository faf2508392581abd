import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chatSite, closeChromium, expectChat } from './support/chat-site.js';
import { consumer, htmlOf } from './support/consumer.js';

afterAll(closeChromium);

test('a room and its session chat from ref(), reactive() and data() of Vue', async () => {
  const site = await chatSite();
  const app = await consumer(['vue@3.5.45', 'vite@7.3.8'], {
    'index.html': htmlOf('/main.js'),
    'main.js': VUE_PAGE,
    'vite.config.js': "export default { build: { target: 'es2022', chunkSizeWarningLimit: 2000 } };",
  });
  await app.run('vite/bin/vite.js', 'build');
  site.show(join(app.folder, 'dist'));
  await expectChat(site.url);
});

test('a room and its session are left as they are by deep state of Vue, MobX and Svelte', async () => {
  const app = await consumer(['vue@3.5.45', 'mobx@7.1.3', 'svelte@5.57.3'], { 'main.js': STATES });
  expect(JSON.parse(await app.run('node', 'main.js'))).toEqual({
    'vue ref': true,
    'vue reactive': true,
    'vue readonly': true,
    'mobx observable': true,
    'svelte $state': true,
    'svelte $state of an object': true,
  });
});

const VUE_PAGE = `import { ChatRoom, ChatSession } from 'momento-chat';
import { createApp, h, reactive, ref } from 'vue';

const store = reactive({ session: new ChatSession({ token: '/token' }) });

createApp({
  setup() {
    const { session } = store;
    const room = ref(new ChatRoom({ room: 'general', user: { name: 'Ada' }, session }));
    return { room };
  },
  data() {
    return { other: new ChatRoom({ room: 'general', user: { name: 'Bob' }, session: store.session }), said: [], open: false };
  },
  async mounted() {
    this.room.on('change', (messages) => { this.said = messages; });
    await Promise.all([this.room.join(), this.other.join()]);
    this.open = true;
  },
  render() {
    const items = this.said.map(({ id, status, user, text }) => h('li', { key: id, class: status }, user.name + ': ' + text));
    const box = h('input', { ariaLabel: 'Message', onChange: ({ target }) => this.room.send(target.value) });
    return [h('ul', items), this.open ? box : undefined];
  },
}).mount(document.body.appendChild(document.createElement('main')));
`;

const STATES = `import { ChatRoom, ChatSession } from 'momento-chat';
import { observable } from 'mobx';
import { proxy } from 'svelte/internal/client';
import { reactive, readonly, ref } from 'vue';

const session = new ChatSession({ token: 'http://localhost/token' });
const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, session });

/** Whether both can be used as they come out of a state. */
function usable(room, session) {
  try {
    return room.status === 'idle' && room.messages.length === 0 && !room.hasOlder && session.openConnection() !== undefined;
  } catch (error) {
    return String(error);
  }
}

const reactiveState = reactive({ room, session });
const readonlyState = readonly({ room, session });
const mobxState = observable({ room, session });
const svelteState = proxy({ room, session });
console.log(JSON.stringify({
  'vue ref': usable(ref(room).value, ref(session).value),
  'vue reactive': usable(reactiveState.room, reactiveState.session),
  'vue readonly': usable(readonlyState.room, readonlyState.session),
  'mobx observable': usable(mobxState.room, mobxState.session),
  'svelte $state': usable(proxy(room), proxy(session)),
  'svelte $state of an object': usable(svelteState.room, svelteState.session),
}));
`;
